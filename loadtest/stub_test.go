package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/service"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// stubServer accepts registrations and runs executions by the clock: each node takes a millisecond and its sleep.
// It takes executions that it does not know for ones from before a crash.
type stubServer struct {
	service.UnimplementedAdminServiceServer
	service.UnimplementedSignalServiceServer
	mutex      sync.Mutex
	registered map[string]bool
	workflows  map[string]*core.WorkflowTemplate
	sleeps     map[string]time.Duration
	executions map[string]stubExecution
	// failing is the name of an execution that fails; empty for none.
	failing string
	// forgotten is what an execution from before a crash is.
	forgotten *core.WorkflowTemplate
}

type stubExecution struct {
	created  time.Time
	workflow *core.WorkflowTemplate
	inputs   *core.LiteralMap
	step     time.Duration
	// signalled is nil unless the execution waits at a gate, and zero until it gets its signal.
	signalled *time.Time
}

func newStubServer() *stubServer {
	return &stubServer{
		registered: map[string]bool{},
		workflows:  map[string]*core.WorkflowTemplate{},
		sleeps:     map[string]time.Duration{},
		executions: map[string]stubExecution{},
	}
}

// serveStub serves on a free port of this machine until the test ends.
func serveStub(t *testing.T, stub *stubServer) string {
	t.Helper()
	listening, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	service.RegisterAdminServiceServer(server, stub)
	service.RegisterSignalServiceServer(server, stub)
	go func() { _ = server.Serve(listening) }()
	t.Cleanup(server.Stop)
	return listening.Addr().String()
}

func (s *stubServer) register(kind string, id *core.Identifier, keep func()) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	key := kind + id.String()
	if s.registered[key] {
		return status.Error(codes.AlreadyExists, "identical structure already exists")
	}
	s.registered[key] = true
	keep()
	return nil
}

func (s *stubServer) GetVersion(context.Context, *admin.GetVersionRequest) (*admin.GetVersionResponse, error) {
	return &admin.GetVersionResponse{}, nil
}

func (s *stubServer) CreateTask(_ context.Context, request *admin.TaskCreateRequest) (*admin.TaskCreateResponse, error) {
	template := request.GetSpec().GetTemplate()
	return &admin.TaskCreateResponse{}, s.register("task", request.GetId(), func() {
		sleep, _ := time.ParseDuration(template.GetCustom().GetFields()["sleep"].GetStringValue())
		s.sleeps[template.GetId().GetVersion()] = sleep
	})
}

func (s *stubServer) CreateWorkflow(_ context.Context, request *admin.WorkflowCreateRequest) (*admin.WorkflowCreateResponse, error) {
	return &admin.WorkflowCreateResponse{}, s.register("workflow", request.GetId(), func() {
		s.workflows[request.GetId().GetVersion()] = request.GetSpec().GetTemplate()
	})
}

func (s *stubServer) CreateLaunchPlan(_ context.Context, request *admin.LaunchPlanCreateRequest) (*admin.LaunchPlanCreateResponse, error) {
	return &admin.LaunchPlanCreateResponse{}, s.register("launch plan", request.GetId(), func() {})
}

func (s *stubServer) CreateExecution(_ context.Context, request *admin.ExecutionCreateRequest) (*admin.ExecutionCreateResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	workflow := s.workflows[request.GetSpec().GetLaunchPlan().GetVersion()]
	if workflow == nil {
		return nil, status.Error(codes.NotFound, "no such launch plan")
	}
	first := workflow.GetNodes()[0]
	task := first.GetTaskNode().GetReferenceId().GetVersion()
	execution := stubExecution{time.Now(), workflow, request.GetInputs(), s.sleeps[task] + time.Millisecond, nil}
	if first.GetGateNode() != nil {
		execution.signalled = &time.Time{}
	}
	s.executions[request.GetName()] = execution
	return &admin.ExecutionCreateResponse{}, nil
}

// find is an execution by its name. The lock is held.
func (s *stubServer) find(name string) stubExecution {
	if _, known := s.executions[name]; !known {
		s.executions[name] = stubExecution{time.Now(), s.forgotten, nil, time.Millisecond, nil}
	}
	return s.executions[name]
}

func (s *stubServer) SetSignal(_ context.Context, request *admin.SignalSetRequest) (*admin.SignalSetResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	waiting := s.find(request.GetId().GetExecutionId().GetName()).signalled
	if waiting == nil {
		return nil, status.Error(codes.NotFound, "no gate waits for it")
	}
	*waiting = time.Now()
	return &admin.SignalSetResponse{}, nil
}

func (e stubExecution) end() time.Time {
	switch {
	case e.signalled == nil:
	case e.signalled.IsZero():
		return time.Now().Add(time.Hour)
	default:
		return e.signalled.Add(e.step)
	}
	return e.created.Add(time.Duration(len(e.workflow.GetNodes())) * e.step)
}

func (s *stubServer) phase(name string) core.WorkflowExecution_Phase {
	switch {
	case time.Now().Before(s.find(name).end()):
		return core.WorkflowExecution_RUNNING
	case name == s.failing:
		return core.WorkflowExecution_FAILED
	default:
		return core.WorkflowExecution_SUCCEEDED
	}
}

// GetExecutionData gives the inputs back as outputs, as a workflow of echo tasks does.
func (s *stubServer) GetExecutionData(_ context.Context, request *admin.WorkflowExecutionGetDataRequest) (*admin.WorkflowExecutionGetDataResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return &admin.WorkflowExecutionGetDataResponse{FullOutputs: s.find(request.GetId().GetName()).inputs}, nil
}

// ListExecutions knows the one form of filters that the load test uses.
func (s *stubServer) ListExecutions(_ context.Context, request *admin.ResourceListRequest) (*admin.ExecutionList, error) {
	names, phases, found := strings.Cut(request.GetFilters(), ")+value_in(phase,")
	names, known := strings.CutPrefix(names, "value_in(execution_name,")
	if !found || !known {
		return nil, status.Errorf(codes.InvalidArgument, "filters %q", request.GetFilters())
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	answer := &admin.ExecutionList{}
	seen := map[string]bool{}
	for name := range strings.SplitSeq(names, ";") {
		phase := s.phase(name)
		if seen[name] || !strings.Contains(";"+strings.TrimSuffix(phases, ")")+";", ";"+phase.String()+";") {
			continue
		}
		seen[name] = true
		execution := s.find(name)
		answer.Executions = append(answer.Executions, &admin.Execution{
			Id: &core.WorkflowExecutionIdentifier{Name: name},
			Closure: &admin.ExecutionClosure{
				Phase:     phase,
				CreatedAt: timestamppb.New(execution.created),
				StartedAt: timestamppb.New(execution.created),
				UpdatedAt: timestamppb.New(execution.end()),
			},
		})
	}
	return answer, nil
}

func (s *stubServer) ListNodeExecutions(_ context.Context, request *admin.NodeExecutionListRequest) (*admin.NodeExecutionList, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	id := request.GetWorkflowExecutionId()
	execution := s.find(id.GetName())
	answer := &admin.NodeExecutionList{NodeExecutions: []*admin.NodeExecution{{
		Id: &core.NodeExecutionIdentifier{NodeId: startNode, ExecutionId: id},
	}}}
	for index, node := range execution.workflow.GetNodes() {
		answer.NodeExecutions = append(answer.NodeExecutions, &admin.NodeExecution{
			Id: &core.NodeExecutionIdentifier{NodeId: node.GetId(), ExecutionId: id},
			Closure: &admin.NodeExecutionClosure{
				Phase:     core.NodeExecution_SUCCEEDED,
				UpdatedAt: timestamppb.New(execution.created.Add(time.Duration(index+1) * execution.step)),
			},
		})
	}
	return answer, nil
}

func (s *stubServer) ListTaskExecutions(context.Context, *admin.TaskExecutionListRequest) (*admin.TaskExecutionList, error) {
	return &admin.TaskExecutionList{TaskExecutions: []*admin.TaskExecution{
		{Closure: &admin.TaskExecutionClosure{Phase: core.TaskExecution_SUCCEEDED}},
	}}, nil
}

// serveStubForEver is the server of a child process: it is killed and started again.
func serveStubForEver(address string, length int) error {
	listening, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	stub := newStubServer()
	stub.forgotten = place{"flytesnacks", "development"}.chain(length, 0).workflow
	server := grpc.NewServer()
	service.RegisterAdminServiceServer(server, stub)
	service.RegisterSignalServiceServer(server, stub)
	fmt.Printf("ready http://%s\n", address)
	return server.Serve(listening)
}
