package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fault is something that goes wrong for a while.
type fault struct {
	name    string
	summary string
	// crashes is how many processes that run tasks may be lost by it: each may cost a step one attempt.
	crashes int
	// happen injects the fault and returns when it is over; nodes that are down then are started afterwards.
	happen func(context.Context, *faultLoad) error
}

func faults() []fault {
	return []fault{
		{"none", "nothing happens: the load alone", 0, func(context.Context, *faultLoad) error { return nil }},
		{"kill-one", "kill -9 of a node", 1, killOne},
		{"kill-oldest", "kill -9 of the oldest node, which has the coordinator and the waker", 1, killOldest},
		{"kill-all", "kill -9 of all nodes, which are started at once", 1, killAll},
		{"rolling", "SIGTERM of one node after the other, each is started again", 3, rolling},
		{"leave", "SIGTERM of a node, which comes back at the end", 1, leave},
		{"join", "one node more joins, and leaves at the end", 1, join},
		{"partition", "a node can't reach the two others for 30 s, nor they it; all reach PostgreSQL", 1, partition},
		{"cut-off", "a node can't reach PostgreSQL for 30 s; the nodes reach each other", 1, cutOff},
		{"clock", "a node's clock is an hour ahead (needs libfaketime)", 2, clockAhead},
		{"pause-5", "SIGSTOP of a node for 5 s, then CONT", 1, pauseNode(5 * time.Second)},
		{"pause-15", "SIGSTOP of a node for 15 s, then CONT", 1, pauseNode(15 * time.Second)},
		{"pause-60", "SIGSTOP of a node for 60 s, then CONT", 1, pauseNode(time.Minute)},
		{"database-10", "PostgreSQL stopped at once (immediate) for 10 s", 1, stopDatabase(10 * time.Second)},
		{"database-60", "PostgreSQL stopped at once (immediate) for 60 s", 1, stopDatabase(time.Minute)},
		{"database-slow", "each commit of PostgreSQL takes 50 ms longer for 20 s", 0, slowDatabase},
	}
}

func killOne(ctx context.Context, l *faultLoad) error {
	oldest, err := l.oldest(ctx)
	if err != nil {
		return err
	}
	chosen := 1 + rand.IntN(len(l.cluster.members))
	if chosen == oldest {
		chosen = 1 + chosen%len(l.cluster.members)
	}
	return l.killAndComeBack(ctx, chosen)
}

func killOldest(ctx context.Context, l *faultLoad) error {
	oldest, err := l.oldest(ctx)
	if err != nil {
		return err
	}
	return l.killAndComeBack(ctx, oldest)
}

// killAndComeBack leaves the others alone for so long that they have to go on without the node.
func (l *faultLoad) killAndComeBack(ctx context.Context, number int) error {
	if err := l.cluster.each(ctx, "kill", number); err != nil {
		return err
	}
	pause(ctx, 30*time.Second)
	return l.cluster.each(ctx, "start", number)
}

func killAll(ctx context.Context, l *faultLoad) error {
	if err := l.cluster.each(ctx, "kill", l.cluster.numbers()...); err != nil {
		return err
	}
	return l.cluster.each(ctx, "start", l.cluster.numbers()...)
}

func rolling(ctx context.Context, l *faultLoad) error {
	for _, number := range l.cluster.numbers() {
		if err := l.cluster.each(ctx, "stop", number); err != nil {
			return err
		}
		if err := l.cluster.each(ctx, "start", number); err != nil {
			return err
		}
		if err := l.cluster.awaitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

func leave(ctx context.Context, l *faultLoad) error {
	number := 1 + rand.IntN(len(l.cluster.members))
	if err := l.cluster.each(ctx, "stop", number); err != nil {
		return err
	}
	pause(ctx, 20*time.Second)
	return l.cluster.each(ctx, "start", number)
}

func join(ctx context.Context, l *faultLoad) error {
	number := len(l.cluster.members) + 1
	if err := l.cluster.each(ctx, "start", number); err != nil {
		return err
	}
	pause(ctx, 10*time.Second)
	return l.cluster.each(ctx, "stop", number)
}

func partition(ctx context.Context, l *faultLoad) error {
	alone := 1 + rand.IntN(len(l.cluster.members))
	for _, number := range l.cluster.numbers() {
		if number != alone {
			l.cluster.network.cut(alone, number)
		}
	}
	defer l.cluster.network.heal()
	pause(ctx, 30*time.Second)
	return ctx.Err()
}

func cutOff(ctx context.Context, l *faultLoad) error {
	l.cluster.network.cut(1+rand.IntN(len(l.cluster.members)), databaseNumber)
	defer l.cluster.network.heal()
	pause(ctx, 30*time.Second)
	return ctx.Err()
}

// clockAhead starts a node again with another clock, and at the end with the right one.
func clockAhead(ctx context.Context, l *faultLoad) error {
	libraries, err := filepath.Glob("/usr/lib/*/faketime/libfaketime.so.1")
	if err != nil || len(libraries) == 0 {
		return errors.New("there is no libfaketime (Debian's package faketime)")
	}
	number := 1 + rand.IntN(len(l.cluster.members))
	if err := l.cluster.each(ctx, "stop", number); err != nil {
		return err
	}
	_, err = l.cluster.callWith(ctx, []string{"LD_PRELOAD=" + libraries[0], "FAKETIME=+1h", "FAKETIME_DONT_FAKE_MONOTONIC=1"},
		"start", strconv.Itoa(number))
	if err != nil {
		return err
	}
	pause(ctx, 20*time.Second)
	return errors.Join(l.cluster.each(ctx, "stop", number), l.cluster.each(ctx, "start", number))
}

func pauseNode(length time.Duration) func(context.Context, *faultLoad) error {
	return func(ctx context.Context, l *faultLoad) error {
		pid, err := l.cluster.pid(ctx, 1+rand.IntN(len(l.cluster.members)))
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			return err
		}
		pause(ctx, length)
		return syscall.Kill(pid, syscall.SIGCONT)
	}
}

func stopDatabase(length time.Duration) func(context.Context, *faultLoad) error {
	return func(ctx context.Context, l *faultLoad) error {
		pid, err := databasePID(l.cluster.data)
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil { // PostgreSQL's immediate shutdown
			return err
		}
		pause(ctx, length)
		_, err = l.cluster.call(ctx, "up") // starts what does not run, PostgreSQL first
		return err
	}
}

func databasePID(data string) (int, error) {
	state, err := os.ReadFile(filepath.Join(data, "postgresql", "pgdata", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(state), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}

func slowDatabase(ctx context.Context, l *faultLoad) error {
	for _, statement := range []string{
		"alter system set commit_siblings = 0", "alter system set commit_delay = 50000", "select pg_reload_conf()",
	} {
		if err := l.database.execute(ctx, statement); err != nil {
			return err
		}
	}
	pause(ctx, 20*time.Second)
	for _, statement := range []string{
		"alter system reset commit_siblings", "alter system reset commit_delay", "select pg_reload_conf()",
	} {
		if err := l.database.execute(context.WithoutCancel(ctx), statement); err != nil {
			return err
		}
	}
	return nil
}
