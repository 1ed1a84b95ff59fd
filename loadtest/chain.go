package main

import (
	"context"
	"errors"
	"flag"
	"slices"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
)

func defineChain(flags *flag.FlagSet) measurement {
	length := flags.Int("length", 100, "steps of an execution")
	executions := flags.Int("executions", 20, "executions, one after the other")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(within("length", *length, 2, 5000), within("executions", *executions, 1, 10_000))
		if err != nil {
			return err
		}
		return chainOf(*length, *executions)(ctx, s)
	}
}

// chainOf measures a step of an execution that has the server to itself.
func chainOf(length, executions int) measurement {
	return func(ctx context.Context, s *session) error {
		ctx, stop := context.WithTimeout(ctx, s.options.timeout)
		defer stop()
		registered, err := s.prepare(ctx, s.client.chain(length, 0))
		if err != nil {
			return err
		}
		s.say("chain: %d executions of %d steps, one after the other", executions, length)
		if _, err := s.runBatch(ctx, batch{target: registered, executions: 3, inFlight: 1}); err != nil {
			return err
		}
		var done outcome
		used, err := s.watched.during(func() (err error) {
			done, err = s.runBatch(ctx, batch{target: registered, executions: executions, inFlight: 1})
			return err
		})
		if err != nil {
			return err
		}
		nodes, err := s.nodesOf(ctx, done.executions)
		if err != nil {
			return err
		}
		var steps []time.Duration
		for _, each := range nodes {
			steps = append(steps, betweenEnds(each)...)
		}
		measured := result{Scenario: "chain", Parameters: map[string]any{"length": length, "executions": executions}}
		measured.addMilliseconds("step (from end to end), p50", quantile(steps, 0.5))
		measured.addMilliseconds("step (from end to end), p99", quantile(steps, 0.99))
		whole := quantile(lengthsOf(done.executions), 0.5)
		measured.addMilliseconds("execution from created to ended, p50", whole)
		measured.addMilliseconds("execution from created to ended, per step", whole/time.Duration(length))
		s.addTimeToFloor(&measured, quantile(steps, 0.5))
		measured.addUsage(used, length*executions)
		s.finish(measured)
		return nil
	}
}

// betweenEnds are the times from the end of one node to the end of the next.
func betweenEnds(nodes []*admin.NodeExecution) []time.Duration {
	var ends []time.Time
	for _, node := range nodes {
		ends = append(ends, endOf(node))
	}
	slices.SortFunc(ends, time.Time.Compare)
	var between []time.Duration
	for index := 1; index < len(ends); index++ {
		between = append(between, ends[index].Sub(ends[index-1]))
	}
	return between
}

// endOf is when a node that has ended did so, as the server recorded it.
func endOf(node *admin.NodeExecution) time.Time {
	return node.GetClosure().GetUpdatedAt().AsTime()
}

// lengthsOf are the times from the creation of the executions to their ends.
func lengthsOf(executions []*admin.Execution) []time.Duration {
	var lengths []time.Duration
	for _, each := range executions {
		closure := each.GetClosure()
		lengths = append(lengths, closure.GetUpdatedAt().AsTime().Sub(closure.GetCreatedAt().AsTime()))
	}
	return lengths
}
