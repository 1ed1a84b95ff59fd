package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
)

func defineChildren(flags *flag.FlagSet) measurement {
	parents := flags.Int("parents", 1000, "executions that start others, in all")
	width := flags.Int("width", 10, "executions that each of them starts at once")
	inFlight := flags.Int("in-flight", 20, "parents at once")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(
			within("parents", *parents, 1, 100_000),
			within("width", *width, 1, pageSize),
			within("in-flight", *inFlight, 1, 10_000))
		if err != nil {
			return err
		}
		return childrenOf(*parents, *width, *inFlight)(ctx, s)
	}
}

// childrenOf measures executions that start others of one step each, and how soon they hear of the end of these.
func childrenOf(parents, width, inFlight int) measurement {
	return func(ctx context.Context, s *session) error {
		ctx, stop := context.WithTimeout(ctx, s.options.timeout)
		defer stop()
		child, err := s.prepare(ctx, s.client.chain(1, 0))
		if err != nil {
			return err
		}
		registered, err := s.client.register(ctx, s.client.parent(child, width))
		if err != nil {
			return err
		}
		s.say("children: %d executions that start %d each, %d at once", parents, width, inFlight)
		var done outcome
		used, err := s.watched.during(func() (err error) {
			done, err = s.runBatch(ctx, batch{target: registered, executions: parents, inFlight: inFlight})
			return err
		})
		if err != nil {
			return err
		}
		delays, err := s.untilParentsKnew(ctx, done.executions, width)
		if err != nil {
			return err
		}
		children := parents * width
		measured := result{Scenario: "children", Parameters: map[string]any{"parents": parents, "width": width, "in flight": inFlight}}
		measured.addSeconds("elapsed, from first request to last end", done.elapsed())
		measured.add("children", float64(children)/done.elapsed().Seconds(), "/s")
		measured.addMilliseconds("from a child's end to its node's, p50", quantile(delays, 0.5))
		measured.addMilliseconds("from a child's end to its node's, p99", quantile(delays, 0.99))
		measured.addMilliseconds("from a child's end to its node's, the slowest", quantile(delays, 1))
		measured.addUsage(used, children)
		s.finish(measured)
		return nil
	}
}

// untilParentsKnew are the times from the end of each child to the end of the node that started it. It is an error if
// a node has not started exactly one execution of its own.
func (s *session) untilParentsKnew(ctx context.Context, parents []*admin.Execution, width int) ([]time.Duration, error) {
	nodes, err := s.nodesOf(ctx, parents)
	if err != nil {
		return nil, err
	}
	delays := make([][]time.Duration, len(parents))
	err = forEach(ctx, len(parents), func(ctx context.Context, index int) error {
		ends := make(map[string]time.Time, width)
		var names []string
		for _, node := range nodes[index] {
			name := node.GetClosure().GetWorkflowNodeMetadata().GetExecutionId().GetName()
			ends[name] = endOf(node)
			names = append(names, name)
		}
		children, err := s.client.inPhases(ctx, names, "SUCCEEDED")
		if err != nil {
			return err
		}
		if len(ends) != width || len(children) != width {
			return fmt.Errorf("%s has %d nodes with %d executions instead of %d",
				parents[index].GetId().GetName(), len(ends), len(children), width)
		}
		for _, child := range children {
			delays[index] = append(delays[index], ends[child.GetId().GetName()].Sub(child.GetClosure().GetUpdatedAt().AsTime()))
		}
		return nil
	})
	var all []time.Duration
	for _, each := range delays {
		all = append(all, each...)
	}
	return all, err
}
