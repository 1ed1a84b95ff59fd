package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
)

func defineWaiting(flags *flag.FlagSet) measurement {
	executions := flags.Int("executions", 10_000, "executions that sleep at once")
	sleep := flags.Duration("sleep", time.Minute, "how long each sleeps; longer than it takes to start them all")
	collect := flags.Bool("collect", false, "have the server's JVM collect its garbage before each look at its memory")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(within("executions", *executions, 1, 200_000), within("sleep", int(sleep.Seconds()), 1, 600))
		if err != nil {
			return err
		}
		return waitingFor(*executions, *sleep, *collect)(ctx, s)
	}
}

// waitingFor measures the memory of executions that do nothing but wait.
func waitingFor(executions int, sleep time.Duration, collect bool) measurement {
	return func(ctx context.Context, s *session) error {
		ctx, stop := context.WithTimeout(ctx, s.options.timeout+sleep)
		defer stop()
		registered, err := s.prepare(ctx, s.client.chain(1, sleep))
		if err != nil {
			return err
		}
		s.say("waiting: %d executions that sleep for %s", executions, sleep)
		before, err := s.memory(collect)
		if err != nil {
			return err
		}
		began := time.Now()
		all := batch{target: registered, executions: executions, inFlight: executions, prefix: s.nextPrefix(), poll: 500 * time.Millisecond}
		var memory []sample
		var done outcome
		used, err := s.watched.during(func() (err error) {
			done, err = s.runBatchWhile(ctx, all, func(ctx context.Context, accepted <-chan struct{}) (err error) {
				memory, err = s.memoryWhileAllSleep(ctx, all, accepted, began.Add(sleep), collect)
				return err
			})
			return err
		})
		if err != nil {
			return err
		}
		last := memory[len(memory)-1]
		measured := result{Scenario: "waiting", Parameters: map[string]any{"executions": executions, "sleep": sleep.String()}}
		measured.addMebibytes("growth of the server's RSS", last.serverBytes-before.serverBytes)
		measured.addMebibytes("growth of the server's RSS, at most", mostServerBytes(memory)-before.serverBytes)
		if last.databaseIsKnown {
			measured.addMebibytes("growth of the database's PSS", last.databaseBytes-before.databaseBytes)
		}
		if last.serverHeap > 0 {
			measured.addMebibytes("growth of the server's heap, used", last.serverHeap-before.serverHeap)
		}
		measured.addSeconds("until all of them slept", memory[0].at.Sub(began))
		late := overslept(done.executions, sleep)
		measured.addMilliseconds("execution longer than its sleep, p50", quantile(late, 0.5))
		measured.addMilliseconds("execution longer than its sleep, p99", quantile(late, 0.99))
		measured.addUsage(used, 0)
		s.finish(measured)
		return nil
	}
}

// memoryWhileAllSleep waits until all run, and then looks at the memory, for ten seconds or until just before the first ends.
func (s *session) memoryWhileAllSleep(ctx context.Context, all batch, accepted <-chan struct{}, firstEnds time.Time, collect bool) ([]sample, error) {
	select {
	case <-accepted:
	case <-ctx.Done():
		return nil, fmt.Errorf("not all executions were accepted: %w", ctx.Err())
	}
	if err := s.awaitRunning(ctx, all); err != nil {
		return nil, err
	}
	end := time.Now().Add(10 * time.Second)
	if latest := firstEnds.Add(-500 * time.Millisecond); latest.Before(end) {
		end = latest
	}
	var memory []sample
	for time.Now().Before(end) && ctx.Err() == nil {
		each, err := s.memory(collect)
		if err != nil {
			return nil, err
		}
		memory = append(memory, each)
		pause(ctx, time.Second)
	}
	if len(memory) == 0 {
		return nil, errors.New("the first executions ended before all slept: give a longer --sleep")
	}
	return memory, ctx.Err()
}

func (s *session) awaitRunning(ctx context.Context, all batch) error {
	var names []string
	for number := range all.executions {
		names = append(names, executionName(all.prefix, number+1))
	}
	for len(names) > 0 {
		asked := names[:min(len(names), questionSize)]
		running, err := s.client.inPhases(ctx, asked, "RUNNING;"+final)
		if err != nil {
			return err
		}
		if len(running) == len(asked) {
			names = names[len(asked):]
		} else {
			pause(ctx, 50*time.Millisecond)
		}
	}
	return nil
}

func (s *session) memory(collect bool) (sample, error) {
	if collect {
		if err := s.watched.collectGarbage(); err != nil {
			return sample{}, err
		}
	}
	return s.watched.sample()
}

func mostServerBytes(memory []sample) int64 {
	var most int64
	for _, each := range memory {
		most = max(most, each.serverBytes)
	}
	return most
}

// overslept is how much longer than its sleep each execution took, from its start to its end.
func overslept(executions []*admin.Execution, sleep time.Duration) []time.Duration {
	var late []time.Duration
	for _, each := range executions {
		closure := each.GetClosure()
		late = append(late, closure.GetUpdatedAt().AsTime().Sub(closure.GetStartedAt().AsTime())-sleep)
	}
	return late
}
