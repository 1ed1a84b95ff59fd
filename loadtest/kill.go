package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
)

// killing is a run during which the server is killed.
type killing struct {
	executions int
	inFlight   int
	length     int
	sleep      time.Duration
	kills      int
	// history is how many steps are run before, so that there is a past.
	history int
	seed    uint64
}

func defineKill(flags *flag.FlagSet) measurement {
	chosen := killing{}
	flags.IntVar(&chosen.executions, "executions", 200, "executions under way")
	flags.IntVar(&chosen.inFlight, "in-flight", 200, "executions at once")
	flags.IntVar(&chosen.length, "length", 10, "steps of an execution")
	flags.DurationVar(&chosen.sleep, "sleep", 100*time.Millisecond, "how long a step sleeps")
	flags.IntVar(&chosen.kills, "kills", 1, "how often to kill: once when half is done, or several times at random moments")
	flags.IntVar(&chosen.history, "history", 0, "steps to run before, so that the server has a past")
	flags.Uint64Var(&chosen.seed, "seed", 1, "of the random moments")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(
			within("executions", chosen.executions, 1, 10_000),
			within("in-flight", chosen.inFlight, 1, 10_000),
			within("length", chosen.length, 1, 1000),
			within("kills", chosen.kills, 1, 50),
			within("history", chosen.history, 0, 10_000_000),
			within("sleep", int(chosen.sleep.Seconds()), 0, 60))
		if err != nil {
			return err
		}
		return chosen.run(ctx, s)
	}
}

// restart is one kill, and the process that came after it.
type restart struct {
	at    time.Time
	ready time.Time
}

func (k killing) run(ctx context.Context, s *session) error {
	if s.server == nil {
		return errors.New("kill needs --start, with the command that starts the server")
	}
	ctx, stop := context.WithTimeout(ctx, s.options.timeout)
	defer stop()
	registered, err := s.prepare(ctx, s.client.chain(k.length, k.sleep))
	if err != nil {
		return err
	}
	if err := k.makeHistory(ctx, s); err != nil {
		return err
	}
	s.say("kill: %d executions of %d steps that sleep for %s, kill -9 of the server: %d", k.executions, k.length, k.sleep, k.kills)
	var restarts []restart
	// Asked seldom: the times are those that the server recorded, and a server that has just started is not kept busy.
	all := batch{target: registered, executions: k.executions, inFlight: k.inFlight, poll: 500 * time.Millisecond}
	done, err := s.runBatchWhile(ctx, all, func(ctx context.Context, accepted <-chan struct{}) (err error) {
		restarts, err = k.killAndRestart(ctx, s, accepted)
		return err
	})
	if err != nil {
		return err
	}
	return k.report(ctx, s, done, restarts)
}

func (k killing) makeHistory(ctx context.Context, s *session) error {
	if k.history == 0 {
		return nil
	}
	s.say("kill: a history of %d steps", k.history)
	registered, err := s.client.register(ctx, s.client.chain(10, 0))
	if err != nil {
		return err
	}
	_, err = s.runBatch(ctx, batch{target: registered, executions: max(k.history/10, 1), inFlight: 200})
	return err
}

func (k killing) killAndRestart(ctx context.Context, s *session, allAccepted <-chan struct{}) ([]restart, error) {
	random := rand.New(rand.NewPCG(k.seed, k.seed))
	var restarts []restart
	for range k.kills {
		if k.kills == 1 {
			select {
			case <-allAccepted:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			pause(ctx, k.sleep*time.Duration(k.length)/2)
		} else {
			pause(ctx, 100*time.Millisecond+time.Duration(random.Int64N(int64(time.Second))))
		}
		if err := s.killAndStartAgain(ctx); err != nil {
			return nil, err
		}
		restarts = append(restarts, restart{s.server.startedAt, s.server.readyAt})
	}
	return restarts, nil
}

// killAndStartAgain replaces the server's process by a new one at the same address.
func (s *session) killAndStartAgain(ctx context.Context) error {
	if err := s.server.kill(s.watched.servers[0]); err != nil {
		return err
	}
	started, err := startServer(ctx, s.options.start, s.options.serverLog)
	if err != nil {
		return err
	}
	s.server = started
	if started.address != s.addresses[0] {
		return fmt.Errorf("the server came back at %s instead of %s: give it a fixed port", started.address, s.addresses[0])
	}
	if err := s.findServers(); err != nil {
		return err
	}
	return s.findDatabase()
}

func (k killing) report(ctx context.Context, s *session, done outcome, restarts []restart) error {
	nodes, err := s.nodesOf(ctx, done.executions)
	if err != nil {
		return err
	}
	if err := s.requireEachStepOnce(ctx, nodes, k.length); err != nil {
		return err
	}
	measured := result{Scenario: "kill", Parameters: map[string]any{
		"executions": k.executions, "length": k.length, "sleep": k.sleep.String(), "kills": k.kills, "history": k.history,
	}}
	for _, each := range restarts {
		measured.addSeconds("start of the process to ready", each.ready.Sub(each.at))
		if first, found := firstEndAfter(nodes, each.at); found {
			measured.addSeconds("start of the process to first step done", first.Sub(each.at))
		}
	}
	last := restarts[len(restarts)-1]
	measured.addSeconds("start of the process to all done", done.ended.Sub(last.at))
	measured.add("steps done after the last kill", float64(endsAfter(nodes, last.at)), "")
	measured.add("executions that succeeded", float64(len(done.executions)), "")
	measured.add("steps that succeeded exactly once", float64(k.executions*k.length), "")
	now, err := s.watched.sample()
	if err != nil {
		return err
	}
	measured.addMemory(now)
	s.finish(measured)
	return nil
}

func firstEndAfter(nodes [][]*admin.NodeExecution, moment time.Time) (time.Time, bool) {
	var first time.Time
	for _, ofOne := range nodes {
		for _, node := range ofOne {
			if end := endOf(node); end.After(moment) && (first.IsZero() || end.Before(first)) {
				first = end
			}
		}
	}
	return first, !first.IsZero()
}

func endsAfter(nodes [][]*admin.NodeExecution, moment time.Time) int {
	count := 0
	for _, ofOne := range nodes {
		for _, node := range ofOne {
			if endOf(node).After(moment) {
				count++
			}
		}
	}
	return count
}
