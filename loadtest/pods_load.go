package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
	"google.golang.org/protobuf/types/known/structpb"
)

// What an engine owes its users on a machine of two cores that the cluster's control plane uses as well.
const (
	podsPerSecondLeast = 50
	seenWithin         = 200 * time.Millisecond
	requestsPerTask    = 4
)

const (
	killedPods    = 300
	outage        = 30 * time.Second
	outagePods    = 300
	simulatedTime = 20 * time.Second
)

func simulatedPodScenarios() []podScenario {
	return []podScenario{
		{name: "load", summary: "executions of one pod each: pods a second, from a pod's end to its node's, requests", run: runPodLoad},
		{name: "map", summary: "a map, a pod for each element", run: runSimulatedMap},
		{name: "kill", summary: "kill -9 of the engine with 300 pods under way: none is started twice", run: runSimulatedKill},
		{name: "resources", summary: "500 FlyteWorkflow resources at once, and one that is deleted while its pod runs", run: runResources},
		{name: "outage", summary: "the API server is away for 30 s under load (needs --cluster and --cluster-down)", run: runOutage},
	}
}

// podTask is a task without outputs, whose pod on a simulated node succeeds after a time.
func (p place) podTask(length time.Duration, inputs *core.LiteralType) *core.TaskTemplate {
	container := structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{
		"name": structpb.NewStringValue("main"), "image": structpb.NewStringValue("outcome.test/succeed:1"),
	}})
	template := &core.TaskTemplate{
		Type:      "container",
		Metadata:  &core.TaskMetadata{Runtime: &core.RuntimeMetadata{Type: core.RuntimeMetadata_OTHER, Version: "1", Flavor: "loadtest"}},
		Interface: &core.TypedInterface{},
		Config:    map[string]string{"primary_container_name": "main"},
		Target: &core.TaskTemplate_K8SPod{K8SPod: &core.K8SPod{
			Metadata: &core.K8SObjectMetadata{Annotations: map[string]string{"turboprop.test/run-time": length.String()}},
			PodSpec: &structpb.Struct{Fields: map[string]*structpb.Value{
				"containers": structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{container}}),
			}},
		}},
	}
	if inputs != nil {
		template.Interface.Inputs = &core.VariableMap{Variables: map[string]*core.Variable{variable: {Type: inputs}}}
	}
	template.Id = p.identifier(core.ResourceType_TASK, "loadtest.pod", template)
	return template
}

// onePod is a workflow of one pod that runs for a time.
func (p place) onePod(length time.Duration) definition {
	task := p.podTask(length, nil)
	node := taskNode("n0", task, startNode)
	node.Inputs = nil
	return p.passingBy("loadtest.one_pod", task, node, integer, integerLiterals(1))
}

// podForEach is a workflow with one array node, which has a pod for each number of a list.
func (p place) podForEach(size int) definition {
	like := p.mapped(size)
	task := p.podTask(0, listOfIntegers)
	node := taskNode("n0", task, startNode)
	element := taskNode("n0", task, startNode)
	element.Inputs = nil
	node.Target = &core.Node_ArrayNode{ArrayNode: &core.ArrayNode{Node: element, ParallelismOption: &core.ArrayNode_Parallelism{}}}
	made := p.passingBy("loadtest.pod_map", task, node, listOfIntegers, like.inputs)
	made.taskNodes = size
	return made
}

// passingBy is a workflow whose output is its input, since its one node has none.
func (p place) passingBy(name string, task *core.TaskTemplate, node *core.Node, kind *core.LiteralType, inputs *core.LiteralMap) definition {
	made := p.workflowOf(name, []*core.TaskTemplate{task}, []*core.Node{node})
	made.workflow.Interface = passesOn(kind)
	made.workflow.Outputs = []*core.Binding{promise(startNode)}
	made.workflow.Id = p.identifier(core.ResourceType_WORKFLOW, name, made.workflow)
	made.inputs = inputs
	return made
}

// session is what the scenarios of echo tasks use, for this engine.
func (r *podRun) session() *session {
	return &session{options: options{poll: 100 * time.Millisecond}, client: r.client, log: r.log}
}

func runPodLoad(ctx context.Context, r *podRun, row *podRow) error {
	registered, err := r.client.register(ctx, r.client.onePod(0))
	if err != nil {
		return err
	}
	// A JVM that has just started compiles its code while it works.
	warmUp := batch{target: registered, executions: min(200, r.options.executions), inFlight: 50, prefix: r.nextName() + "w"}
	if _, err := r.session().runBatch(ctx, warmUp); err != nil {
		return err
	}
	before, err := requestsServed(ctx)
	if err != nil {
		return err
	}
	sentBefore, err := enginesRequests(ctx, r.engine.address)
	if err != nil {
		return err
	}
	endProbe, err := r.pods.probe(ctx)
	if err != nil {
		return err
	}
	prefix := r.nextName() + "l"
	count := r.options.executions
	done, err := r.session().runBatch(ctx, batch{target: registered, executions: count, inFlight: r.options.inFlight, prefix: prefix})
	lags, probeErr := endProbe()
	if err = errors.Join(err, probeErr); err != nil {
		return err
	}
	sent, err := enginesRequests(ctx, r.engine.address)
	if err != nil {
		return err
	}
	after, err := requestsServed(ctx)
	if err != nil {
		return err
	}
	pods := r.pods.of(prefix)
	if err := requireOnePodEach(pods, count); err != nil {
		return err
	}
	nodes, err := r.session().nodesOf(ctx, done.executions)
	if err != nil {
		return err
	}
	ends := map[string]time.Time{}
	for _, each := range nodes {
		ends[each[0].GetId().GetExecutionId().GetName()] = endOf(each[0])
	}
	delays, err := delaysOf(pods, ends, lags)
	if err != nil {
		return err
	}
	rate := podsPerSecond(pods)
	row.note("%.0f pods/s", rate)
	row.note("pod Succeeded to node Succeeded p50 %d, p90 %d, p99 %d ms, with the lag of this program's watch (p50 %d, p99 %d ms)",
		quantile(delays, 0.5).Milliseconds(), quantile(delays, 0.9).Milliseconds(), quantile(delays, 0.99).Milliseconds(),
		quantile(lates(lags), 0.5).Milliseconds(), quantile(lates(lags), 0.99).Milliseconds())
	perTask := 0.0
	for verb, number := range sent {
		perTask += (number - sentBefore[verb]) / float64(count)
	}
	row.note("%.2f requests a task by the engine's metrics; to pods by the API server's %v", perTask, after.since(before))
	return errors.Join(
		unless(negative(delays)*100 <= len(delays), "%d of %d nodes have ended before their pods: the clock or the lag is wrong", negative(delays), len(delays)),
		unless(rate >= podsPerSecondLeast, "fewer than %d pods a second", podsPerSecondLeast),
		unless(quantile(delays, 0.99) <= seenWithin, "the end of a pod is seen after more than %s", seenWithin),
		unless(perTask <= requestsPerTask, "more than %d requests a task", requestsPerTask))
}

func unless(fulfilled bool, format string, arguments ...any) error {
	if fulfilled {
		return nil
	}
	return fmt.Errorf(format, arguments...)
}

// podsPerSecond is the rate at which pods were created, from the first to the last.
func podsPerSecond(pods []podSeen) float64 {
	var times []time.Time
	for _, pod := range pods {
		times = append(times, pod.created)
	}
	slices.SortFunc(times, time.Time.Compare)
	return float64(len(times)-1) / times[len(times)-1].Sub(times[0]).Seconds()
}

func negative(delays []time.Duration) int {
	found := 0
	for _, each := range delays {
		if each < 0 {
			found++
		}
	}
	return found
}

func lates(lags []lag) []time.Duration {
	var lates []time.Duration
	for _, each := range lags {
		lates = append(lates, each.late)
	}
	return lates
}

// delaysOf are the times from the success of a pod to the end of its node, by the name of its execution. A pod has succeeded
// when the watch has told it, less the watch's lag.
func delaysOf(pods []podSeen, ends map[string]time.Time, lags []lag) ([]time.Duration, error) {
	var delays []time.Duration
	for _, pod := range pods {
		succeeded, seen := pod.phases["Succeeded"]
		if !seen {
			return nil, fmt.Errorf("the pod %s was not seen to succeed", pod.name)
		}
		delays = append(delays, ends[pod.execution()].Sub(succeeded)+lagAt(lags, succeeded))
	}
	return delays, nil
}

func runSimulatedMap(ctx context.Context, r *podRun, row *podRow) error {
	registered, err := r.client.register(ctx, r.client.podForEach(r.options.elements))
	if err != nil {
		return err
	}
	prefix := r.nextName() + "m"
	done, err := r.session().runBatch(ctx, batch{target: registered, executions: 1, inFlight: 1, prefix: prefix})
	if err != nil {
		return err
	}
	pods := r.pods.of(prefix)
	row.note("%.0f pods/s; %.1f s in all", podsPerSecond(pods), done.elapsed().Seconds())
	if len(pods) != r.options.elements {
		return fmt.Errorf("%d pods for %d elements", len(pods), r.options.elements)
	}
	return nil
}

func runSimulatedKill(ctx context.Context, r *podRun, row *podRow) error {
	registered, err := r.client.register(ctx, r.client.onePod(simulatedTime))
	if err != nil {
		return err
	}
	return r.killWith(ctx, row, registered, killedPods)
}

// runOutage stops the API server while executions are under way, and others begin.
func runOutage(ctx context.Context, r *podRun, row *podRow) error {
	if r.options.clusterUp == "" || r.options.clusterDown == "" || strings.Contains(r.options.clusterDown, "--purge") {
		return skip("the cluster can't be stopped and started (--cluster, --cluster-down without --purge)")
	}
	registered, err := r.client.register(ctx, r.client.onePod(2*time.Second))
	if err != nil {
		return err
	}
	prefix := r.nextName() + "o"
	wanted := batch{target: registered, executions: outagePods, inFlight: outagePods / 2, prefix: prefix}
	_, err = r.session().runBatchWhile(ctx, wanted, func(ctx context.Context, _ <-chan struct{}) error {
		if err := r.pods.await(ctx, prefix, outagePods/4, "running", hasRun); err != nil {
			return err
		}
		if err := runCommand(ctx, r.options.clusterDown, r.log); err != nil {
			return err
		}
		row.note("away with %d pods created", len(r.pods.of(prefix)))
		pause(ctx, outage)
		return adoptExports(ctx, r.options.clusterUp, r.log)
	})
	if err != nil {
		return err
	}
	return requireOnePodEach(r.pods.of(prefix), outagePods)
}
