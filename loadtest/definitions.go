package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// variable is the one input and the one output of every task and workflow here.
const variable = "x"

// startNode is the node whose outputs are the workflow's inputs.
const startNode = "start-node"

var (
	integer        = &core.LiteralType{Type: &core.LiteralType_Simple{Simple: core.SimpleType_INTEGER}}
	listOfIntegers = &core.LiteralType{Type: &core.LiteralType_CollectionType{CollectionType: integer}}
)

// definition is a workflow of echo tasks, and the tasks it needs.
type definition struct {
	tasks    []*core.TaskTemplate
	workflow *core.WorkflowTemplate
	// inputs are those of every execution.
	inputs *core.LiteralMap
	// taskNodes is how many task nodes an execution has; the elements of an array count.
	taskNodes int
}

// place is where definitions are registered.
type place struct {
	project string
	domain  string
}

// echoTask passes an integer on, after a sleep. Its version is made from its content.
func (p place) echoTask(sleep time.Duration) *core.TaskTemplate {
	template := &core.TaskTemplate{
		Type: "echo",
		Metadata: &core.TaskMetadata{
			Runtime: &core.RuntimeMetadata{Type: core.RuntimeMetadata_OTHER, Version: "1", Flavor: "loadtest"},
		},
		Interface: passesOn(integer),
	}
	if sleep > 0 {
		template.Custom = &structpb.Struct{Fields: map[string]*structpb.Value{
			"sleep": structpb.NewStringValue(fmt.Sprintf("%dms", sleep.Milliseconds())),
		}}
	}
	template.Id = p.identifier(core.ResourceType_TASK, "loadtest.echo", template)
	return template
}

// chain is a workflow of so many steps, each fed by the one before.
func (p place) chain(length int, sleep time.Duration) definition {
	task := p.echoTask(sleep)
	previous := startNode
	var nodes []*core.Node
	for step := range length {
		node := taskNode(fmt.Sprintf("n%d", step), task, previous)
		nodes = append(nodes, node)
		previous = node.GetId()
	}
	return p.workflow(fmt.Sprintf("loadtest.chain_%d", length), task, nodes)
}

// fanOut is one step, then so many beside each other that take its output, then one that follows them all.
func (p place) fanOut(width int) definition {
	task := p.echoTask(0)
	first := taskNode("first", task, startNode)
	last := taskNode("last", task, first.GetId())
	nodes := []*core.Node{first}
	for branch := range width {
		node := taskNode(fmt.Sprintf("n%d", branch), task, first.GetId())
		nodes = append(nodes, node)
		last.UpstreamNodeIds = append(last.UpstreamNodeIds, node.GetId())
	}
	return p.workflow(fmt.Sprintf("loadtest.fan_out_%d", width), task, append(nodes, last))
}

// parent is nodes beside each other that each start an execution of their own.
func (p place) parent(child target, width int) definition {
	var nodes []*core.Node
	for number := range width {
		id := fmt.Sprintf("n%d", number)
		nodes = append(nodes, &core.Node{
			Id:       id,
			Metadata: &core.NodeMetadata{Name: id},
			Inputs:   []*core.Binding{promise(startNode)},
			Target: &core.Node_WorkflowNode{WorkflowNode: &core.WorkflowNode{
				Reference: &core.WorkflowNode_LaunchplanRef{LaunchplanRef: child.launchPlan},
			}},
		})
	}
	return p.workflowOf(fmt.Sprintf("loadtest.parent_%d", width), nil, nodes)
}

// dynamic is one step that makes so many beside each other at run time.
func (p place) dynamic(width int) definition {
	task := p.echoTask(0)
	task.Custom = &structpb.Struct{Fields: map[string]*structpb.Value{
		"graph": structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{
			"nodes": structpb.NewNumberValue(float64(width)),
		}}),
	}}
	task.Id = p.identifier(core.ResourceType_TASK, "loadtest.make", task)
	made := p.workflow(fmt.Sprintf("loadtest.dynamic_%d", width), task, []*core.Node{taskNode("n0", task, startNode)})
	made.taskNodes += width
	return made
}

// workflow passes its input through the nodes; its output is the last one's.
func (p place) workflow(name string, task *core.TaskTemplate, nodes []*core.Node) definition {
	return p.workflowOf(name, []*core.TaskTemplate{task}, nodes)
}

func (p place) workflowOf(name string, tasks []*core.TaskTemplate, nodes []*core.Node) definition {
	template := &core.WorkflowTemplate{
		Metadata:         &core.WorkflowMetadata{},
		MetadataDefaults: &core.WorkflowMetadataDefaults{},
		Interface:        passesOn(integer),
		Nodes:            nodes,
		Outputs:          []*core.Binding{promise(nodes[len(nodes)-1].GetId())},
	}
	template.Id = p.identifier(core.ResourceType_WORKFLOW, name, template)
	return definition{tasks, template, integerLiterals(1), len(nodes)}
}

// mapped is a workflow with one array node, which runs the task for each number of a list, with no limit of its own.
func (p place) mapped(size int) definition {
	task := p.echoTask(0)
	task.Interface = passesOn(listOfIntegers)
	task.Id = p.identifier(core.ResourceType_TASK, "loadtest.echo_all", task)
	node := taskNode("n0", task, startNode)
	element := taskNode("n0", task, startNode)
	element.Inputs = nil
	node.Target = &core.Node_ArrayNode{ArrayNode: &core.ArrayNode{Node: element, ParallelismOption: &core.ArrayNode_Parallelism{}}}
	mapped := p.workflow("loadtest.map", task, []*core.Node{node})
	mapped.workflow.Interface = passesOn(listOfIntegers)
	mapped.workflow.Id = p.identifier(core.ResourceType_WORKFLOW, "loadtest.map", mapped.workflow)
	var numbers []*core.Literal
	for number := range size {
		numbers = append(numbers, integerLiteral(int64(number)))
	}
	list := &core.Literal{Value: &core.Literal_Collection{Collection: &core.LiteralCollection{Literals: numbers}}}
	mapped.inputs = &core.LiteralMap{Literals: map[string]*core.Literal{variable: list}}
	mapped.taskNodes = size
	return mapped
}

func taskNode(id string, task *core.TaskTemplate, upstream string) *core.Node {
	node := &core.Node{
		Id:       id,
		Metadata: &core.NodeMetadata{Name: id},
		Inputs:   []*core.Binding{promise(upstream)},
		Target: &core.Node_TaskNode{TaskNode: &core.TaskNode{
			Reference: &core.TaskNode_ReferenceId{ReferenceId: task.GetId()},
		}},
	}
	if upstream != startNode {
		node.UpstreamNodeIds = []string{upstream}
	}
	return node
}

// promise binds the variable to the output of a node.
func promise(node string) *core.Binding {
	return &core.Binding{Var: variable, Binding: &core.BindingData{
		Value: &core.BindingData_Promise{Promise: &core.OutputReference{NodeId: node, Var: variable}},
	}}
}

func passesOn(kind *core.LiteralType) *core.TypedInterface {
	variables := &core.VariableMap{Variables: map[string]*core.Variable{variable: {Type: kind}}}
	return &core.TypedInterface{Inputs: variables, Outputs: variables}
}

func integerLiterals(value int64) *core.LiteralMap {
	return &core.LiteralMap{Literals: map[string]*core.Literal{variable: integerLiteral(value)}}
}

func integerLiteral(value int64) *core.Literal {
	return &core.Literal{Value: &core.Literal_Scalar{Scalar: &core.Scalar{Value: &core.Scalar_Primitive{
		Primitive: &core.Primitive{Value: &core.Primitive_Integer{Integer: value}},
	}}}}
}

// identifier has a version made from the content, so that registering it again is the same registration.
func (p place) identifier(kind core.ResourceType, name string, content proto.Message) *core.Identifier {
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("a definition of this program cannot be written: %v", err))
	}
	digest := sha256.Sum256(bytes)
	return &core.Identifier{
		ResourceType: kind,
		Project:      p.project,
		Domain:       p.domain,
		Name:         name,
		Version:      hex.EncodeToString(digest[:8]),
	}
}
