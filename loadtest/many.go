package main

import (
	"context"
	"errors"
	"flag"
	"time"
)

// transitionsPerTaskNode are those that are always recorded: it became ready, and it ended.
const transitionsPerTaskNode = 2

func defineMany(flags *flag.FlagSet) measurement {
	executions := flags.Int("executions", 1000, "executions in all")
	length := flags.Int("length", 10, "steps of an execution")
	inFlight := flags.Int("in-flight", 200, "executions at once")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(
			within("executions", *executions, 1, 1_000_000),
			within("length", *length, 1, 5000),
			within("in-flight", *inFlight, 1, 10_000))
		if err != nil {
			return err
		}
		return manyOf(*executions, *length, *inFlight)(ctx, s)
	}
}

// manyOf measures how much the server gets done when it has much to do.
func manyOf(executions, length, inFlight int) measurement {
	return func(ctx context.Context, s *session) error {
		ctx, stop := context.WithTimeout(ctx, s.options.timeout)
		defer stop()
		registered, err := s.prepare(ctx, s.client.chain(length, 0))
		if err != nil {
			return err
		}
		s.say("many: %d executions of %d steps, %d at once", executions, length, inFlight)
		var done outcome
		used, err := s.watched.during(func() (err error) {
			done, err = s.runBatch(ctx, batch{target: registered, executions: executions, inFlight: inFlight})
			return err
		})
		if err != nil {
			return err
		}
		taskNodes := executions * length
		perSecond := float64(taskNodes) / done.elapsed().Seconds()
		lengths := lengthsOf(done.executions)
		measured := result{Scenario: "many", Parameters: map[string]any{"executions": executions, "length": length, "in flight": inFlight}}
		measured.add("task nodes", perSecond, "/s")
		measured.add("node transitions", perSecond*transitionsPerTaskNode, "/s")
		measured.add("executions", perSecond/float64(length), "/s")
		measured.addSeconds("elapsed, from first request to last end", done.elapsed())
		measured.addSeconds("elapsed, until the client knew", used.after.at.Sub(done.began))
		measured.addMilliseconds("execution from created to ended, p50", quantile(lengths, 0.5))
		measured.addMilliseconds("execution from created to ended, p99", quantile(lengths, 0.99))
		s.addRateToFloor(&measured, perSecond)
		measured.addUsage(used, taskNodes)
		s.finish(measured)
		return nil
	}
}

func defineFanOut(flags *flag.FlagSet) measurement {
	width := flags.Int("width", 1000, "steps beside each other")
	executions := flags.Int("executions", 5, "executions, one after the other, after one that is not measured")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(within("width", *width, 1, 100_000), within("executions", *executions, 1, 1000))
		if err != nil {
			return err
		}
		return fanOutOf(*width, *executions)(ctx, s)
	}
}

func defineDynamic(flags *flag.FlagSet) measurement {
	width := flags.Int("width", 10_000, "steps that are made at run time, beside each other")
	executions := flags.Int("executions", 5, "executions, one after the other, after one that is not measured")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(within("width", *width, 1, 100_000), within("executions", *executions, 1, 1000))
		if err != nil {
			return err
		}
		return dynamicOf(*width, *executions)(ctx, s)
	}
}

// dynamicOf measures a graph that is made, compiled and run each time; all are equal, so only the first is stored.
func dynamicOf(width, executions int) measurement {
	return func(ctx context.Context, s *session) error {
		s.say("dynamic: %d executions of one step that makes %d", executions, width)
		return s.measureWide(ctx, "dynamic", s.client.dynamic(width), width, executions)
	}
}

// fanOutOf measures a wide graph, whose max_parallelism is no limit to it.
func fanOutOf(width, executions int) measurement {
	return func(ctx context.Context, s *session) error {
		s.say("fanout: %d executions of 1, %d, 1 steps", executions, width)
		return s.measureWide(ctx, "fanout", s.client.fanOut(width), width, executions)
	}
}

// measureWide runs executions of one wide graph, one after the other.
func (s *session) measureWide(ctx context.Context, scenario string, wanted definition, width, executions int) error {
	ctx, stop := context.WithTimeout(ctx, s.options.timeout)
	defer stop()
	registered, err := s.prepare(ctx, wanted)
	if err != nil {
		return err
	}
	first, err := s.runOne(ctx, registered)
	if err != nil {
		return err
	}
	var elapsed []time.Duration
	used, err := s.watched.during(func() error {
		for range executions {
			each, err := s.runOne(ctx, registered)
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
	measured := result{Scenario: scenario, Parameters: map[string]any{"width": width, "executions": executions}}
	measured.addSeconds("elapsed, from request to end, p50", quantile(elapsed, 0.5))
	measured.addSeconds("elapsed, the slowest", quantile(elapsed, 1))
	measured.addSeconds("elapsed, the first, not counted above", first)
	measured.add("task nodes", float64(registered.taskNodes)/quantile(elapsed, 0.5).Seconds(), "/s")
	measured.addUsage(used, executions*registered.taskNodes)
	s.finish(measured)
	return nil
}
