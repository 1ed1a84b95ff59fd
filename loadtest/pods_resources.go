package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
)

// resourcesAtOnce are the FlyteWorkflow resources of the scenario resources.
const resourcesAtOnce = 500

// succeededPhase is that of a FlyteWorkflow resource, as FlytePropeller numbers them.
const succeededPhase = "3"

// flyteWorkflow is a resource with one task, whose pod runs for a time.
func (p place) flyteWorkflow(name string, length time.Duration) (map[string]any, error) {
	written, err := protojson.Marshal(p.podTask(length, nil))
	if err != nil {
		return nil, err
	}
	node := func(id, kind string) map[string]any {
		return map[string]any{"id": id, "kind": kind, "resources": map[string]any{}}
	}
	task := node("n0", "task")
	task["task"] = "T"
	return map[string]any{
		"apiVersion": "flyte.lyft.com/v1alpha1", "kind": "FlyteWorkflow",
		"metadata":    map[string]any{"name": name, "namespace": namespaceOf(p)},
		"executionId": map[string]any{"project": p.project, "domain": p.domain, "name": name},
		"inputs":      map[string]any{"literals": map[string]any{}},
		"spec": map[string]any{
			"id":          p.project + ":" + p.domain + ":loadtest.one_pod",
			"nodes":       map[string]any{startNode: node(startNode, "start"), "n0": task, "end-node": node("end-node", "end")},
			"connections": map[string]any{startNode: []string{"n0"}, "n0": []string{"end-node"}},
		},
		"tasks": map[string]any{"T": json.RawMessage(written)},
	}, nil
}

func (p place) createResources(ctx context.Context, names []string, length time.Duration) error {
	var documents bytes.Buffer
	writer := json.NewEncoder(&documents)
	for _, name := range names {
		document, err := p.flyteWorkflow(name, length)
		if err != nil {
			return err
		}
		documents.WriteString("---\n")
		if err := writer.Encode(document); err != nil {
			return err
		}
	}
	return kubectlApply(ctx, documents.String())
}

// runResources creates many FlyteWorkflow resources at once, and deletes one whose pod runs.
func runResources(ctx context.Context, r *podRun, row *podRow) error {
	at := r.client.place
	if err := kubectlApply(ctx, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+namespaceOf(at)+"}\n"); err != nil {
		return err
	}
	prefix := r.nextName() + "r"
	var names []string
	for number := range resourcesAtOnce {
		names = append(names, executionName(prefix, number))
	}
	began := time.Now()
	if err := at.createResources(ctx, names, 0); err != nil {
		return err
	}
	created := time.Since(began)
	if err := at.awaitSucceeded(ctx, prefix, resourcesAtOnce); err != nil {
		return err
	}
	row.note("%d created in %.1f s, all succeeded after %.1f s", resourcesAtOnce, created.Seconds(), time.Since(began).Seconds())
	if err := requireOnePodEach(r.pods.of(prefix), resourcesAtOnce); err != nil {
		return err
	}
	return r.deleteResource(ctx, row)
}

// awaitSucceeded waits until the status of so many resources says that they have succeeded.
func (p place) awaitSucceeded(ctx context.Context, prefix string, wanted int) error {
	for {
		output, err := exec.CommandContext(ctx, "kubectl", "get", "flyteworkflows", "-n", namespaceOf(p),
			"-o", `jsonpath={range .items[*]}{.metadata.name} {.status.phase}{"\n"}{end}`).Output()
		if err != nil {
			return fmt.Errorf("kubectl get flyteworkflows: %w", err)
		}
		phases := map[string]int{}
		for line := range strings.Lines(string(output)) {
			name, phase, _ := strings.Cut(strings.TrimSpace(line), " ")
			if strings.HasPrefix(name, prefix) {
				phases[phase]++
			}
		}
		if phases[succeededPhase] == wanted {
			return nil
		}
		pause(ctx, time.Second)
		if ctx.Err() != nil {
			return fmt.Errorf("the resources are in the phases %v: %w", phases, ctx.Err())
		}
	}
}

func (r *podRun) deleteResource(ctx context.Context, row *podRow) error {
	name := r.nextName()
	if err := r.client.createResources(ctx, []string{name}, 10*time.Minute); err != nil {
		return err
	}
	if err := r.pods.await(ctx, name, 1, "running", hasRun); err != nil {
		return err
	}
	began := time.Now()
	namespace := namespaceOf(r.client.place)
	output, err := exec.CommandContext(ctx, "kubectl", "delete", "flyteworkflow", name, "-n", namespace, "--timeout", "30s").CombinedOutput()
	if err != nil {
		return fmt.Errorf("kubectl delete: %w: %s", err, output)
	}
	row.note("a running one deleted in %.1f s", time.Since(began).Seconds())
	return r.pods.await(ctx, name, 1, "gone", func(pod podSeen) bool { return !pod.gone.IsZero() })
}
