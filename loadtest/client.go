package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/service"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
)

// pageSize is the most that is asked for in one list.
const pageSize = 1000

// client makes the calls of the public API that the scenarios need, over one connection.
type client struct {
	place
	// address is that of the first server.
	address    string
	connection *grpc.ClientConn
	admin      service.AdminServiceClient
	signals    service.SignalServiceClient
}

// dial prepares a connection that is made again quickly after the server was away. Calls go to the servers in turn.
func dial(addresses []string, at place) (*client, error) {
	servers := manual.NewBuilderWithScheme("servers")
	var state resolver.State
	for _, address := range addresses {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: address})
	}
	servers.InitialState(state)
	connection, err := grpc.NewClient(
		"servers:///"+addresses[0],
		grpc.WithResolvers(servers),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 10 * time.Millisecond, Multiplier: 1.2, MaxDelay: 50 * time.Millisecond},
			MinConnectTimeout: time.Second,
		}),
	)
	if err != nil {
		return nil, err
	}
	return &client{at, addresses[0], connection, service.NewAdminServiceClient(connection), service.NewSignalServiceClient(connection)}, nil
}

// target is a registered workflow, ready to be executed.
type target struct {
	launchPlan *core.Identifier
	inputs     *core.LiteralMap
	taskNodes  int
	// parallelism is the execution's max_parallelism.
	parallelism int32
}

// register makes the tasks, the workflow and a launch plan known. What is there already, from an earlier run, is the same.
func (c *client) register(ctx context.Context, wanted definition) (target, error) {
	for _, task := range wanted.tasks {
		_, err := c.admin.CreateTask(ctx, &admin.TaskCreateRequest{Id: task.GetId(), Spec: &admin.TaskSpec{Template: task}})
		if err != nil && status.Code(err) != codes.AlreadyExists {
			return target{}, fmt.Errorf("CreateTask %s: %w", task.GetId().GetName(), err)
		}
	}
	workflow := wanted.workflow.GetId()
	_, err := c.admin.CreateWorkflow(ctx, &admin.WorkflowCreateRequest{
		Id:   workflow,
		Spec: &admin.WorkflowSpec{Template: wanted.workflow},
	})
	if err != nil && status.Code(err) != codes.AlreadyExists {
		return target{}, fmt.Errorf("CreateWorkflow %s: %w", workflow.GetName(), err)
	}
	launchPlan := &core.Identifier{
		ResourceType: core.ResourceType_LAUNCH_PLAN,
		Project:      workflow.GetProject(),
		Domain:       workflow.GetDomain(),
		Name:         workflow.GetName(),
		Version:      workflow.GetVersion(),
	}
	_, err = c.admin.CreateLaunchPlan(ctx, &admin.LaunchPlanCreateRequest{
		Id: launchPlan,
		Spec: &admin.LaunchPlanSpec{
			WorkflowId:     workflow,
			EntityMetadata: &admin.LaunchPlanMetadata{},
			DefaultInputs: &core.ParameterMap{Parameters: map[string]*core.Parameter{variable: {
				Var:      wanted.workflow.GetInterface().GetInputs().GetVariables()[variable],
				Behavior: &core.Parameter_Required{Required: true},
			}}},
			FixedInputs: &core.LiteralMap{},
		},
	})
	if err != nil && status.Code(err) != codes.AlreadyExists {
		return target{}, fmt.Errorf("CreateLaunchPlan %s: %w", launchPlan.GetName(), err)
	}
	return target{launchPlan, wanted.inputs, wanted.taskNodes, int32(max(wanted.taskNodes, 25))}, nil
}

// create starts an execution.
func (c *client) create(ctx context.Context, name string, wanted target) error {
	_, err := c.admin.CreateExecution(ctx, &admin.ExecutionCreateRequest{
		Project: c.project,
		Domain:  c.domain,
		Name:    name,
		Spec: &admin.ExecutionSpec{
			LaunchPlan:            wanted.launchPlan,
			Metadata:              &admin.ExecutionMetadata{Mode: admin.ExecutionMetadata_MANUAL},
			NotificationOverrides: &admin.ExecutionSpec_DisableAll{DisableAll: true},
			MaxParallelism:        wanted.parallelism,
		},
		Inputs: wanted.inputs,
	})
	return err
}

// createSurely starts an execution of a server that may be away for a while.
func (c *client) createSurely(ctx context.Context, name string, wanted target) error {
	for {
		err := c.create(ctx, name, wanted)
		switch {
		case err == nil, status.Code(err) == codes.AlreadyExists:
			return nil
		case !isAway(err) || ctx.Err() != nil:
			return err
		}
		pause(ctx, 10*time.Millisecond)
	}
}

// isAway tells whether a call failed since the server was not there, or was going.
func isAway(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded:
		return true
	default:
		return false
	}
}

// final are the phases in which an execution has ended.
const final = "SUCCEEDED;FAILED;ABORTED;TIMED_OUT"

// inPhases lists those of the named executions that are in one of the phases (their names joined by semicolons).
func (c *client) inPhases(ctx context.Context, names []string, phases string) ([]*admin.Execution, error) {
	if len(names) == 0 {
		return nil, nil
	}
	answer, err := c.admin.ListExecutions(ctx, &admin.ResourceListRequest{
		Id:      &admin.NamedEntityIdentifier{Project: c.project, Domain: c.domain},
		Limit:   uint32(len(names)),
		Filters: fmt.Sprintf("value_in(execution_name,%s)+value_in(phase,%s)", strings.Join(padded(names), ";"), phases),
	})
	if err != nil {
		return nil, fmt.Errorf("ListExecutions: %w", err)
	}
	return answer.GetExecutions(), nil
}

// padded repeats the last name up to a power of two, so that the server sees a few shapes of the question and not hundreds.
func padded(names []string) []string {
	wanted := 1
	for wanted < len(names) {
		wanted *= 2
	}
	all := append(make([]string, 0, wanted), names...)
	for len(all) < wanted {
		all = append(all, names[len(names)-1])
	}
	return all
}

// taskNodesOf lists the node executions of an execution, without its start node.
func (c *client) taskNodesOf(ctx context.Context, execution *core.WorkflowExecutionIdentifier) ([]*admin.NodeExecution, error) {
	var all []*admin.NodeExecution
	token := ""
	for {
		answer, err := c.admin.ListNodeExecutions(ctx, &admin.NodeExecutionListRequest{
			WorkflowExecutionId: execution,
			Limit:               pageSize,
			Token:               token,
			SortBy:              &admin.Sort{Key: "node_id", Direction: admin.Sort_ASCENDING},
		})
		if err != nil {
			return nil, fmt.Errorf("ListNodeExecutions %s: %w", execution.GetName(), err)
		}
		for _, node := range answer.GetNodeExecutions() {
			if id := node.GetId().GetNodeId(); id != startNode && id != "end-node" {
				all = append(all, node)
			}
		}
		token = answer.GetToken()
		if token == "" {
			return all, nil
		}
	}
}

// attemptsOf lists the task executions of a node.
func (c *client) attemptsOf(ctx context.Context, node *core.NodeExecutionIdentifier) ([]*admin.TaskExecution, error) {
	answer, err := c.admin.ListTaskExecutions(ctx, &admin.TaskExecutionListRequest{NodeExecutionId: node, Limit: pageSize})
	if err != nil {
		return nil, fmt.Errorf("ListTaskExecutions %s: %w", node.GetNodeId(), err)
	}
	return answer.GetTaskExecutions(), nil
}

// pause waits, or returns at once when the context ends.
func pause(ctx context.Context, length time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(length):
	}
}
