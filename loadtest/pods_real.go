package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
)

// ownSecret is what the task of the scenario secret reads.
const ownSecret = "pods/password=open sesame"

// killedAtOnce are the executions under way when the engine is killed.
const killedAtOnce = 4

func realPodScenarios() []podScenario {
	return []podScenario{
		{name: "succeeds", summary: "a Python task that returns its output", run: runSucceeds},
		{name: "out-of-memory", summary: "a task that eats its memory limit: OOMKilled", run: runOutOfMemory},
		{name: "past-deadline", summary: "a task that is longer than its timeout: its pod is deleted", run: runPastDeadline},
		{name: "absent-image", summary: "an image that is not there: ImagePullBackOff after the grace period", run: runAbsentImage},
		{name: "secret", summary: "a task that reads a secret of the cluster", run: runSecret},
		{name: "raw-container", summary: "a container without flytekit, with flyte-copilot", run: runRawContainer},
		{name: "map", summary: "a map, a pod for each element", run: runRealMap, limitsItself: true},
		{name: "dynamic", summary: "a task that makes its graph at run time", run: runRealDynamic},
		{name: "abort", summary: "an execution that is aborted: its pod is deleted", run: runAbort},
		{name: "kill", summary: "kill -9 of the engine with pods under way: none is started twice", run: runRealKill},
	}
}

func text(value string) *core.Literal {
	return primitive(&core.Primitive{Value: &core.Primitive_StringValue{StringValue: value}})
}

func runSucceeds(ctx context.Context, r *podRun, _ *podRow) error {
	return r.expectText(ctx, r.launchPlan("succeeds", map[string]*core.Literal{"name": text("pod")}), "hello pod")
}

func (r *podRun) expectText(ctx context.Context, wanted target, output string) error {
	ended, err := r.execute(ctx, wanted)
	if err != nil {
		return err
	}
	made, err := r.outputs(ctx, ended)
	if err != nil {
		return err
	}
	if found := made.GetScalar().GetPrimitive().GetStringValue(); found != output {
		return fmt.Errorf("the output is %q and not %q", found, output)
	}
	return nil
}

// expectFailure runs an execution whose error has this code and text, and none of whose pods may go on.
func (r *podRun) expectFailure(ctx context.Context, row *podRow, workflow, code, contained string) error {
	ended, err := r.execute(ctx, r.launchPlan(workflow, nil))
	if err != nil {
		return err
	}
	failure := ended.GetClosure().GetError()
	row.note("%s %s: %s", failure.GetKind(), failure.GetCode(), shortened(failure.GetMessage()))
	if phase := ended.GetClosure().GetPhase(); phase != core.WorkflowExecution_FAILED {
		return fmt.Errorf("%s is %s and not FAILED", ended.GetId().GetName(), phase)
	}
	if !strings.Contains(failure.GetCode(), code) || !strings.Contains(failure.GetMessage(), contained) {
		return fmt.Errorf("the error is %s: %q, and should be %s with %q", failure.GetCode(), failure.GetMessage(), code, contained)
	}
	return r.requireNoneRuns(ctx, ended.GetId().GetName())
}

// shortened is a message in one line of a row.
func shortened(message string) string {
	words := strings.Join(strings.Fields(message), " ")
	if len(words) > 160 {
		return words[:160] + "…"
	}
	return words
}

// requireNoneRuns waits a while until all pods of an execution are over.
func (r *podRun) requireNoneRuns(ctx context.Context, execution string) error {
	limited, stop := context.WithTimeout(ctx, 45*time.Second)
	defer stop()
	return r.pods.await(limited, execution, len(r.pods.of(execution)), "over", podSeen.isOver)
}

func runOutOfMemory(ctx context.Context, r *podRun, row *podRow) error {
	return r.expectFailure(ctx, row, "out_of_memory", "OOMKilled", "OOMKilled")
}

func runPastDeadline(ctx context.Context, r *podRun, row *podRow) error {
	return r.expectFailure(ctx, row, "past_deadline", "TimeoutExpired", "task execution timeout [8s] expired")
}

func runAbsentImage(ctx context.Context, r *podRun, row *podRow) error {
	return r.expectFailure(ctx, row, "absent_image", "ImagePullBackOff", "registry.invalid/absent:1")
}

func runSecret(ctx context.Context, r *podRun, _ *podRow) error {
	_, value, _ := strings.Cut(ownSecret, "=")
	digest := sha256.Sum256([]byte(value))
	return r.expectText(ctx, r.launchPlan("secret", nil), hex.EncodeToString(digest[:]))
}

func runRawContainer(ctx context.Context, r *podRun, _ *podRow) error {
	if r.options.copilot == "" {
		return skip("no image with flyte-copilot is given (--copilot-image)")
	}
	return r.expectText(ctx, r.launchPlan("raw_container", map[string]*core.Literal{"text": text("louder")}), "LOUDER")
}

// runRealMap may take as long as so many pods in a row, by what one takes: a busy machine is no fault of the engine.
func runRealMap(ctx context.Context, r *podRun, row *podRow) error {
	limited, stop := context.WithTimeout(ctx, r.options.limit)
	defer stop()
	began := time.Now()
	if err := runMapOf(limited, r, 1); err != nil {
		return err
	}
	one := time.Since(began)
	row.note("a map of one pod takes %.1f s", one.Seconds())
	limited, stop = context.WithTimeout(ctx, max(r.options.limit, time.Duration(r.options.elements)*one))
	defer stop()
	return runMapOf(limited, r, r.options.elements)
}

func runMapOf(ctx context.Context, r *podRun, elements int) error {
	var numbers []*core.Literal
	for number := range elements {
		numbers = append(numbers, integerLiteral(int64(number)))
	}
	list := &core.Literal{Value: &core.Literal_Collection{Collection: &core.LiteralCollection{Literals: numbers}}}
	return r.expectDoubles(ctx, r.launchPlan("mapped", map[string]*core.Literal{"numbers": list}), elements, elements)
}

func runRealDynamic(ctx context.Context, r *podRun, _ *podRow) error {
	const count = 4
	wanted := r.launchPlan("made_at_run_time", map[string]*core.Literal{"count": integerLiteral(count)})
	return r.expectDoubles(ctx, wanted, count, count+1)
}

// expectDoubles runs an execution whose output is 0, 2, 4, …, made by so many pods.
func (r *podRun) expectDoubles(ctx context.Context, wanted target, count, pods int) error {
	ended, err := r.execute(ctx, wanted)
	if err != nil {
		return err
	}
	made, err := r.outputs(ctx, ended)
	if err != nil {
		return err
	}
	found := made.GetCollection().GetLiterals()
	if len(found) != count {
		return fmt.Errorf("the output has %d elements and not %d", len(found), count)
	}
	for index, element := range found {
		if value := element.GetScalar().GetPrimitive().GetInteger(); value != int64(2*index) {
			return fmt.Errorf("element %d is %d and not %d", index, value, 2*index)
		}
	}
	return requireOnePodEach(r.pods.of(ended.GetId().GetName()), pods)
}

func (r *podRun) sleeping(seconds float64) target {
	return r.launchPlan("sleeps", map[string]*core.Literal{
		"seconds": primitive(&core.Primitive{Value: &core.Primitive_FloatValue{FloatValue: seconds}}),
	})
}

func runAbort(ctx context.Context, r *podRun, row *podRow) error {
	name := r.nextName()
	if err := r.client.create(ctx, name, r.sleeping(300)); err != nil {
		return err
	}
	if err := r.pods.await(ctx, name, 1, "running", hasRun); err != nil {
		return err
	}
	began := time.Now()
	_, err := r.client.admin.TerminateExecution(ctx, &admin.ExecutionTerminateRequest{Id: r.id(name), Cause: "enough"})
	if err != nil {
		return fmt.Errorf("TerminateExecution: %w", err)
	}
	ended, err := r.awaitEnd(ctx, name)
	if err != nil {
		return err
	}
	if phase := ended.GetClosure().GetPhase(); phase != core.WorkflowExecution_ABORTED {
		return fmt.Errorf("%s is %s and not ABORTED", name, phase)
	}
	isDeleted := func(pod podSeen) bool { return !pod.deleting.IsZero() || !pod.gone.IsZero() }
	if err := r.pods.await(ctx, name, 1, "deleted", isDeleted); err != nil {
		return err
	}
	row.note("deleted after %.2f s", r.pods.of(name)[0].deleting.Sub(began).Seconds())
	isGone := func(pod podSeen) bool { return !pod.gone.IsZero() }
	return r.pods.await(ctx, name, 1, "gone", isGone)
}

func runRealKill(ctx context.Context, r *podRun, row *podRow) error {
	wanted := r.sleeping(25)
	return r.killWith(ctx, row, wanted, killedAtOnce)
}

// killWith starts executions of one pod each, kills the engine when all pods run, and starts it again.
func (r *podRun) killWith(ctx context.Context, row *podRow, wanted target, count int) error {
	prefix := r.nextName() + "k"
	for number := range count {
		if err := r.client.createSurely(ctx, executionName(prefix, number), wanted); err != nil {
			return err
		}
	}
	if err := r.pods.await(ctx, prefix, count, "running", hasRun); err != nil {
		return err
	}
	if err := r.killEngine(); err != nil {
		return err
	}
	under := 0
	for _, pod := range r.pods.of(prefix) {
		if !pod.isOver() {
			under++
		}
	}
	if err := r.startAgain(ctx); err != nil {
		return err
	}
	row.note("%d pods under way at the kill; ready again after %.1f s", under, r.engine.readyAt.Sub(r.engine.startedAt).Seconds())
	var all []*admin.Execution
	for number := range count {
		ended, err := r.awaitEnd(ctx, executionName(prefix, number))
		if err != nil {
			return err
		}
		all = append(all, ended)
	}
	if err := requireSuccess(all); err != nil {
		return err
	}
	return requireOnePodEach(r.pods.of(prefix), count)
}
