package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"sync"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
)

func defineSubmit(flags *flag.FlagSet) measurement {
	rate := flags.Int("rate", 100, "executions a second")
	seconds := flags.Int("seconds", 20, "for how many seconds")
	length := flags.Int("length", 1, "steps of an execution")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(within("rate", *rate, 1, 5000), within("seconds", *seconds, 1, 600), within("length", *length, 1, 1000))
		if err != nil {
			return err
		}
		return submitAt(*rate, time.Duration(*seconds)*time.Second, *length)(ctx, s)
	}
}

// arrival is one request of an open-loop load: sent when it is due, whatever became of those before it.
type arrival struct {
	due      time.Time
	sent     time.Time
	answered time.Time
	err      error
}

// submitAt measures how soon an execution is under way while they arrive at a steady rate.
func submitAt(rate int, length time.Duration, steps int) measurement {
	return func(ctx context.Context, s *session) error {
		ctx, stop := context.WithTimeout(ctx, s.options.timeout)
		defer stop()
		registered, err := s.prepare(ctx, s.client.chain(steps, 0))
		if err != nil {
			return err
		}
		s.say("submit: %d executions a second for %s", rate, length)
		count := rate * int(length.Seconds())
		prefix := s.nextPrefix()
		arrivals := make([]arrival, count)
		var done []*admin.Execution
		used, err := s.watched.during(func() (err error) {
			tracking := track(ctx, s.client, 5*s.options.poll, count)
			if err := s.arrive(ctx, registered, prefix, tracking, arrivals, time.Second/time.Duration(rate)); err != nil {
				return err
			}
			done, err = collect(ctx, tracking, count, nil, nil)
			return err
		})
		if err := errors.Join(err, requireSuccess(done)); err != nil {
			return err
		}
		latencies, err := s.untilFirstNode(ctx, done, prefix, arrivals)
		if err != nil {
			return err
		}
		measured := result{Scenario: "submit", Parameters: map[string]any{"rate": rate, "length": steps, "executions": count}}
		addLatencies(&measured, latencies, arrivals)
		measured.addUsage(used, count*steps)
		s.finish(measured)
		return nil
	}
}

func addLatencies(measured *result, latencies []time.Duration, arrivals []arrival) {
	var answers, lateness []time.Duration
	for _, each := range arrivals {
		answers = append(answers, each.answered.Sub(each.sent))
		lateness = append(lateness, each.sent.Sub(each.due))
	}
	measured.addMilliseconds("request to first node done, p50", quantile(latencies, 0.5))
	measured.addMilliseconds("request to first node done, p99", quantile(latencies, 0.99))
	measured.addMilliseconds("request to answer, p50", quantile(answers, 0.5))
	measured.addMilliseconds("request to answer, p99", quantile(answers, 0.99))
	measured.addMilliseconds("request sent late by, p99", quantile(lateness, 0.99))
}

// arrive sends the requests when they are due and waits for the answers. Number n of the executions is arrival n - 1.
func (s *session) arrive(ctx context.Context, wanted target, prefix string, tracking *tracker, arrivals []arrival, interval time.Duration) error {
	began := time.Now()
	var requests sync.WaitGroup
	for index := range arrivals {
		each := &arrivals[index]
		each.due = began.Add(time.Duration(index) * interval)
		pause(ctx, time.Until(each.due))
		requests.Go(func() {
			name := executionName(prefix, index+1)
			each.sent = time.Now()
			each.err = s.client.create(ctx, name, wanted)
			each.answered = time.Now()
			if each.err == nil {
				tracking.add(name)
			}
		})
	}
	requests.Wait()
	for _, each := range arrivals {
		if each.err != nil {
			return fmt.Errorf("CreateExecution: %w", each.err)
		}
	}
	return nil
}

// untilFirstNode are the times from the sending of each execution's request to the end of its first node.
func (s *session) untilFirstNode(ctx context.Context, done []*admin.Execution, prefix string, arrivals []arrival) ([]time.Duration, error) {
	sent := make(map[string]time.Time, len(arrivals))
	for index, each := range arrivals {
		sent[executionName(prefix, index+1)] = each.sent
	}
	nodes, err := s.nodesOf(ctx, done)
	if err != nil {
		return nil, err
	}
	var latencies []time.Duration
	for index, execution := range done {
		name := execution.GetId().GetName()
		if len(nodes[index]) == 0 {
			return nil, fmt.Errorf("execution %s has no node executions", name)
		}
		latencies = append(latencies, firstEnd(nodes[index]).Sub(sent[name]))
	}
	return latencies, nil
}

func firstEnd(nodes []*admin.NodeExecution) time.Time {
	first := endOf(nodes[0])
	for _, node := range nodes[1:] {
		if end := endOf(node); end.Before(first) {
			first = end
		}
	}
	return first
}
