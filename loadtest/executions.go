package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
)

// creators is the most calls of CreateExecution at once.
const creators = 64

// batch is a number of executions of one workflow, at most so many of them under way at once.
type batch struct {
	target     target
	executions int
	inFlight   int
	// prefix begins the executions' names, which go on with a dash and a number from 1; empty for one that is made.
	prefix string
	// poll is the pause between two questions; 0 for the usual one.
	poll time.Duration
	// allAccepted is closed when all have been accepted; it may be nil.
	allAccepted chan struct{}
}

// outcome is what became of a batch.
type outcome struct {
	executions []*admin.Execution
	// began is when the first execution was sent, by the client's clock.
	began time.Time
	// ended is when the last execution ended, as the server recorded it.
	ended time.Time
}

func (o outcome) elapsed() time.Duration {
	return o.ended.Sub(o.began)
}

// runBatch starts the executions and waits until all have ended; it is an error if one does not succeed.
func (s *session) runBatch(ctx context.Context, wanted batch) (outcome, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	tracking := track(ctx, s.client, cmp.Or(wanted.poll, s.options.poll), wanted.executions)
	prefix := cmp.Or(wanted.prefix, s.nextPrefix())
	free := make(chan struct{}, wanted.inFlight)
	failed := make(chan error, creators)
	var next, accepted atomic.Int64
	var workers sync.WaitGroup
	began := time.Now()
	for range min(wanted.inFlight, creators) {
		workers.Go(func() {
			for number := next.Add(1); number <= int64(wanted.executions); number = next.Add(1) {
				select {
				case free <- struct{}{}:
				case <-ctx.Done():
					return
				}
				name := executionName(prefix, int(number))
				if err := s.client.createSurely(ctx, name, wanted.target); err != nil {
					failed <- fmt.Errorf("CreateExecution %s: %w", name, err)
					return
				}
				tracking.add(name)
				if accepted.Add(1) == int64(wanted.executions) && wanted.allAccepted != nil {
					close(wanted.allAccepted)
				}
			}
		})
	}
	defer workers.Wait()
	defer stop()
	all, err := collect(ctx, tracking, wanted.executions, free, failed)
	if err != nil {
		return outcome{}, err
	}
	return outcome{all, began, lastEnd(all)}, requireSuccess(all)
}

// runBatchWhile runs a batch and something else beside it, which is told when all executions have been accepted.
// If one of the two fails, the other is stopped.
func (s *session) runBatchWhile(ctx context.Context, wanted batch, beside func(context.Context, <-chan struct{}) error) (outcome, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	wanted.allAccepted = make(chan struct{})
	besideEnded := make(chan struct{})
	go func() {
		defer close(besideEnded)
		if err := beside(ctx, wanted.allAccepted); err != nil {
			stop(err)
		}
	}()
	done, err := s.runBatch(ctx, wanted)
	if err != nil {
		stop(err)
	}
	<-besideEnded
	return done, context.Cause(ctx)
}

// collect takes in the executions as they end, and lets another one start for each (where free is not nil).
func collect(ctx context.Context, from *tracker, wanted int, free <-chan struct{}, failed <-chan error) ([]*admin.Execution, error) {
	all := make([]*admin.Execution, 0, wanted)
	for len(all) < wanted {
		select {
		case execution := <-from.ended:
			all = append(all, execution)
			if free != nil {
				<-free
			}
		case err := <-from.failed:
			return nil, err
		case err := <-failed:
			return nil, err
		case <-ctx.Done():
			return nil, fmt.Errorf("%d of %d executions have not ended: %w", wanted-len(all), wanted, ctx.Err())
		}
	}
	return all, nil
}

// runOne starts one execution and says how long it took from the request to its end.
func (s *session) runOne(ctx context.Context, wanted target) (time.Duration, error) {
	done, err := s.runBatch(ctx, batch{target: wanted, executions: 1, inFlight: 1})
	return done.elapsed(), err
}

// requireSuccess is an error that names the first few executions that did not succeed.
func requireSuccess(executions []*admin.Execution) error {
	var failures []error
	for _, each := range executions {
		if phase := each.GetClosure().GetPhase(); phase != core.WorkflowExecution_SUCCEEDED {
			failures = append(failures, fmt.Errorf("%s is %s: %s", each.GetId().GetName(), phase, each.GetClosure().GetError().GetMessage()))
		}
	}
	if len(failures) == 0 {
		return nil
	}
	first := errors.Join(failures[:min(len(failures), 5)]...)
	return fmt.Errorf("%d of %d executions did not succeed, among them:\n%w", len(failures), len(executions), first)
}

func lastEnd(executions []*admin.Execution) time.Time {
	var last time.Time
	for _, each := range executions {
		if end := each.GetClosure().GetUpdatedAt().AsTime(); end.After(last) {
			last = end
		}
	}
	return last
}

// nodesOf lists the task nodes of all the executions, a few executions at once, in their order.
func (s *session) nodesOf(ctx context.Context, executions []*admin.Execution) ([][]*admin.NodeExecution, error) {
	found := make([][]*admin.NodeExecution, len(executions))
	err := forEach(ctx, len(executions), func(ctx context.Context, index int) error {
		nodes, err := s.client.taskNodesOf(ctx, executions[index].GetId())
		found[index] = nodes
		return err
	})
	return found, err
}

// forEach calls for every index below count, a few at once, and stops at the first error.
func forEach(ctx context.Context, count int, call func(context.Context, int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(count, 8) {
		workers.Go(func() {
			for index := next.Add(1) - 1; index < int64(count) && ctx.Err() == nil; index = next.Add(1) - 1 {
				if err := call(ctx, int(index)); err != nil {
					stop(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

func executionName(prefix string, number int) string {
	return fmt.Sprintf("%s-%d", prefix, number)
}
