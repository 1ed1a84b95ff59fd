package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
)

// signalName is the signal that every gate here waits for.
const signalName = "go"

func defineSignal(flags *flag.FlagSet) measurement {
	executions := flags.Int("executions", 10_000, "executions that wait at a gate; those that get no signal are left waiting")
	signals := flags.Int("signals", 100, "how many of them get their signal, one after the other")
	return func(ctx context.Context, s *session) error {
		if err := errors.Join(within("executions", *executions, 1, 200_000), within("signals", *signals, 1, *executions)); err != nil {
			return err
		}
		return signalTo(*executions, *signals)(ctx, s)
	}
}

// gate is a workflow that waits for a signal, and ends with its value.
func (p place) gate() definition {
	node := &core.Node{
		Id:       "n0",
		Metadata: &core.NodeMetadata{Name: "n0"},
		Target: &core.Node_GateNode{GateNode: &core.GateNode{Condition: &core.GateNode_Signal{
			Signal: &core.SignalCondition{SignalId: signalName, Type: integer, OutputVariableName: variable},
		}}},
	}
	gate := p.workflowOf("loadtest.gate", nil, []*core.Node{node})
	gate.taskNodes = 0
	return gate
}

// signalTo measures how soon a signal is answered while very many executions wait for theirs.
func signalTo(executions, signals int) measurement {
	return func(ctx context.Context, s *session) error {
		ctx, stop := context.WithTimeout(ctx, s.options.timeout+time.Duration(executions)*10*time.Millisecond)
		defer stop()
		registered, err := s.prepare(ctx, s.client.gate())
		if err != nil {
			return err
		}
		s.say("signal: %d executions wait, %d get a signal", executions, signals)
		waiting := batch{executions: executions, prefix: s.nextPrefix()}
		before, err := s.memory(false)
		if err != nil {
			return err
		}
		began := time.Now()
		err = forEach(ctx, executions, func(ctx context.Context, index int) error {
			return s.client.createSurely(ctx, executionName(waiting.prefix, index+1), registered)
		})
		if err := errors.Join(err, s.awaitRunning(ctx, waiting)); err != nil {
			return err
		}
		started := time.Since(began)
		answers, ends, err := s.signalSome(ctx, waiting, signals)
		if err != nil {
			return err
		}
		after, err := s.memory(false)
		if err != nil {
			return err
		}
		measured := result{Scenario: "signal", Parameters: map[string]any{"executions": executions, "signals": signals}}
		measured.addSeconds("until all of them waited", started)
		measured.addMebibytes("growth of the server's RSS", after.serverBytes-before.serverBytes)
		measured.addMilliseconds("signal to answer, p50", quantile(answers, 0.5))
		measured.addMilliseconds("signal to answer, p99", quantile(answers, 0.99))
		measured.addMilliseconds("signal to the end of the execution, p50", quantile(ends, 0.5))
		measured.addMilliseconds("signal to the end of the execution, p99", quantile(ends, 0.99))
		s.finish(measured)
		return nil
	}
}

// signalSome gives the signal to some of the executions, spread over all of them, each when the one before has ended.
func (s *session) signalSome(ctx context.Context, waiting batch, signals int) (answers, ends []time.Duration, err error) {
	for number := range signals {
		name := executionName(waiting.prefix, 1+number*(waiting.executions/signals))
		sent := time.Now()
		if err := s.client.signal(ctx, name); err != nil {
			return nil, nil, fmt.Errorf("SetSignal %s: %w", name, err)
		}
		answers = append(answers, time.Since(sent))
		done, err := s.awaitEnd(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		ends = append(ends, done.GetClosure().GetUpdatedAt().AsTime().Sub(sent))
	}
	return answers, ends, nil
}

func (s *session) awaitEnd(ctx context.Context, name string) (*admin.Execution, error) {
	for {
		found, err := s.client.inPhases(ctx, []string{name}, final)
		if err != nil {
			return nil, err
		}
		if len(found) == 1 {
			return found[0], requireSuccess(found)
		}
		pause(ctx, s.options.poll)
	}
}

// signal gives an execution the value that its gate waits for.
func (c *client) signal(ctx context.Context, execution string) error {
	_, err := c.signals.SetSignal(ctx, &admin.SignalSetRequest{
		Id: &core.SignalIdentifier{
			SignalId:    signalName,
			ExecutionId: &core.WorkflowExecutionIdentifier{Project: c.project, Domain: c.domain, Name: execution},
		},
		Value: integerLiteral(1),
	})
	return err
}
