package main

import (
	"context"
	"flag"
	"fmt"
	"time"
)

// measurement runs a scenario whose options have been read.
type measurement func(context.Context, *session) error

// scenario is one kind of measurement.
type scenario struct {
	name    string
	summary string
	// define declares the scenario's options.
	define func(*flag.FlagSet) measurement
}

func scenarios() []scenario {
	return []scenario{
		{"all", "every scenario below, with the sizes of the README's table (kill only with --start)", defineAll},
		{"idle", "memory and CPU of a server that does nothing", defineIdle},
		{"floor", "single-row commits of the server's PostgreSQL, for the ratios", defineFloor},
		{"chain", "executions one after the other, each a chain of steps: the time of a step", defineChain},
		{"many", "many executions at once: task nodes a second", defineMany},
		{"fanout", "one step, then many beside each other, then one: the time of the whole", defineFanOut},
		{"map", "an array node of many elements: the time of the whole", defineMap},
		{"children", "executions that start others: from a child's end to the end of its parent's node", defineChildren},
		{"dynamic", "one step that makes many beside each other at run time: the time of the whole", defineDynamic},
		{"submit", "executions at a fixed rate: from the request to the end of the first step", defineSubmit},
		{"waiting", "many executions that sleep: the memory they take", defineWaiting},
		{"signal", "one signal after the other while many executions wait at a gate: how soon each is answered", defineSignal},
		{"watchers", "many executions at once, without and with open pages of the console: what the pages cost", defineWatchers},
		{"kill", "kill -9 while executions are under way: the time until they go on, and what became of them", defineKill},
		{"pid", "prints the process ids of the server and of its PostgreSQL", definePID},
	}
}

func scenarioNamed(name string) (scenario, bool) {
	for _, each := range scenarios() {
		if each.name == name {
			return each, true
		}
	}
	return scenario{}, false
}

// defineAll runs the scenarios with their defaults, or with small sizes to see that all of it works.
func defineAll(flags *flag.FlagSet) measurement {
	small := flags.Bool("small", false, "small sizes: to see that it works, not to measure")
	history := flags.Int("history", 100_000, "steps of history before the second kill; 0 for one kill only")
	return func(ctx context.Context, s *session) error {
		for _, measure := range allMeasurements(s, *small, *history) {
			if err := measure(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

func allMeasurements(s *session, small bool, history int) []measurement {
	chosen := []measurement{idleFor(5 * time.Second)}
	if s.database != nil {
		chosen = append(chosen, floorOf(8, 3*time.Second))
	}
	kills := killing{executions: 200, inFlight: 200, length: 10, sleep: 100 * time.Millisecond, kills: 1}
	if small {
		s.options.warmUp = min(s.options.warmUp, 50)
		kills.executions, kills.inFlight = 20, 20
		chosen = append(chosen, chainOf(10, 3), manyOf(50, 10, 20), fanOutOf(100, 2), mapOver(100, 2), dynamicOf(100, 2), submitAt(20, 2*time.Second, 1), signalTo(100, 10), waitingFor(100, 5*time.Second, false))
	} else {
		chosen = append(chosen, chainOf(100, 20), manyOf(1000, 10, 200), fanOutOf(1000, 5), fanOutOf(5000, 3),
			mapOver(10_000, 3), mapOver(100_000, 1), dynamicOf(10_000, 3), submitAt(100, 20*time.Second, 1),
			signalTo(10_000, 100), waitingFor(10_000, time.Minute, false))
	}
	if s.server == nil {
		return chosen
	}
	chosen = append(chosen, kills.run)
	if history > 0 && !small {
		kills.history = history
		chosen = append(chosen, kills.run)
	}
	return chosen
}

// say tells on the log what is being done, since some of it takes a while.
func (s *session) say(format string, arguments ...any) {
	fmt.Fprintf(s.log, format+"\n", arguments...)
}

func definePID(*flag.FlagSet) measurement {
	return func(_ context.Context, s *session) error {
		for _, pid := range s.watched.servers {
			if _, err := fmt.Fprintf(s.out, "%d ", pid); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(s.out, "%d\n", s.watched.database)
		return err
	}
}

func defineIdle(flags *flag.FlagSet) measurement {
	length := flags.Duration("length", 5*time.Second, "how long to look")
	return func(ctx context.Context, s *session) error { return idleFor(*length)(ctx, s) }
}

// idleFor measures what the server holds and uses by itself.
func idleFor(length time.Duration) measurement {
	return func(ctx context.Context, s *session) error {
		if err := within("length", int(length.Seconds()), 1, 600); err != nil {
			return err
		}
		used, err := s.watched.during(func() error {
			pause(ctx, length)
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		measured := result{Scenario: "idle", Parameters: map[string]any{"length": length.String()}}
		if s.server != nil {
			measured.addSeconds("start of the process to ready", s.server.readyAt.Sub(s.server.startedAt))
		}
		measured.addUsage(used, 0)
		measured.addMebibytes("memory of server and database", used.after.serverBytes+used.after.databaseBytes)
		s.finish(measured)
		return nil
	}
}
