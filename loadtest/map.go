package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
)

func defineMap(flags *flag.FlagSet) measurement {
	size := flags.Int("size", 10_000, "elements of the array")
	executions := flags.Int("executions", 3, "executions, one after the other, after one that is not measured")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(within("size", *size, 1, 200_000), within("executions", *executions, 1, 1000))
		if err != nil {
			return err
		}
		return mapOver(*size, *executions)(ctx, s)
	}
}

// mapOver measures one array node with an element for each of the numbers 0, 1, 2 and so on, and checks what it made.
func mapOver(size, executions int) measurement {
	return func(ctx context.Context, s *session) error {
		ctx, stop := context.WithTimeout(ctx, s.options.timeout)
		defer stop()
		registered, err := s.prepare(ctx, s.client.mapped(size))
		if err != nil {
			return err
		}
		s.say("map: %d executions of %d elements", executions, size)
		first, err := s.runMap(ctx, registered)
		if err != nil {
			return err
		}
		var elapsed []time.Duration
		used, err := s.watched.during(func() error {
			for range executions {
				each, err := s.runMap(ctx, registered)
				if err != nil {
					return err
				}
				elapsed = append(elapsed, each)
			}
			return nil
		})
		if err != nil {
			return err
		}
		measured := result{Scenario: "map", Parameters: map[string]any{"size": size, "executions": executions}}
		measured.addSeconds("elapsed, from request to end, p50", quantile(elapsed, 0.5))
		measured.addSeconds("elapsed, the slowest", quantile(elapsed, 1))
		measured.addSeconds("elapsed, the first, not counted above", first)
		measured.add("elements", float64(size)/quantile(elapsed, 0.5).Seconds(), "/s")
		measured.addUsage(used, executions*size)
		s.finish(measured)
		return nil
	}
}

// runMap runs one execution and requires that its output is the list that it was given.
func (s *session) runMap(ctx context.Context, wanted target) (time.Duration, error) {
	done, err := s.runBatch(ctx, batch{target: wanted, executions: 1, inFlight: 1})
	if err != nil {
		return 0, err
	}
	id := done.executions[0].GetId()
	data, err := s.client.admin.GetExecutionData(ctx, &admin.WorkflowExecutionGetDataRequest{Id: id})
	if err != nil {
		return 0, fmt.Errorf("GetExecutionData %s: %w", id.GetName(), err)
	}
	made := data.GetFullOutputs().GetLiterals()[variable].GetCollection().GetLiterals()
	if len(made) != wanted.taskNodes {
		return 0, fmt.Errorf("execution %s has made %d of %d elements", id.GetName(), len(made), wanted.taskNodes)
	}
	for index, element := range made {
		if value := element.GetScalar().GetPrimitive().GetInteger(); value != int64(index) {
			return 0, fmt.Errorf("element %d of execution %s is %d", index, id.GetName(), value)
		}
	}
	return done.elapsed(), nil
}
