package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
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
	// setup is what the fault needs of the cluster.
	setup *setup
	// happen injects the fault and returns when it is over; nodes that are down then are started afterwards.
	happen func(context.Context, *faultLoad) error
	// load runs instead of the executions of this program, until it ends by itself; nil: those.
	load func(context.Context, *faultLoad, io.Writer) error
}

// setups are the clusters that the faults need, each is started once.
func setups() []*setup {
	return []*setup{plain, smallDisk, apart, objectStore, otherJar}
}

func faults() []fault {
	return []fault{
		{name: "none", summary: "nothing happens: the load alone", setup: plain, happen: nothingHappens},
		{name: "kill-one", summary: "kill -9 of a node", crashes: 1, setup: plain, happen: killOne},
		{name: "kill-oldest", summary: "kill -9 of the oldest node, which has the coordinator and the waker", crashes: 1, setup: plain, happen: killOldest},
		{name: "kill-all", summary: "kill -9 of all nodes, which are started at once", crashes: 1, setup: plain, happen: killAll},
		{name: "rolling", summary: "SIGTERM of one node after the other, each is started again", crashes: 3, setup: plain, happen: rolling},
		{name: "leave", summary: "SIGTERM of a node, which comes back at the end", crashes: 1, setup: plain, happen: leave},
		{name: "join", summary: "one node more joins, and leaves at the end", crashes: 1, setup: plain, happen: join},
		{name: "partition", summary: "a node can't reach the two others for 30 s, nor they it; all reach PostgreSQL", crashes: 1, setup: plain, happen: partition},
		{name: "cut-off", summary: "a node can't reach PostgreSQL for 30 s; the nodes reach each other", crashes: 1, setup: plain, happen: cutOff},
		{name: "clock", summary: "a node's clock is an hour ahead (needs libfaketime)", crashes: 2, setup: plain, happen: clockAhead},
		{name: "pause-5", summary: "SIGSTOP of a node for 5 s, then CONT", crashes: 1, setup: plain, happen: pauseNode(5 * time.Second)},
		{name: "pause-15", summary: "SIGSTOP of a node for 15 s, then CONT", crashes: 1, setup: plain, happen: pauseNode(15 * time.Second)},
		{name: "pause-60", summary: "SIGSTOP of a node for 60 s, then CONT", crashes: 1, setup: plain, happen: pauseNode(time.Minute)},
		{name: "database-10", summary: "PostgreSQL stopped at once (immediate) for 10 s", crashes: 1, setup: plain, happen: stopDatabase(10 * time.Second)},
		{name: "database-60", summary: "PostgreSQL stopped at once (immediate) for 60 s", crashes: 1, setup: plain, happen: stopDatabase(time.Minute)},
		{name: "database-slow", summary: "each commit of PostgreSQL takes 50 ms longer for 20 s", setup: plain, happen: slowDatabase},
		{name: "disk-full", summary: "the disk of PostgreSQL is full for 30 s (needs root)", crashes: 1, setup: smallDisk, happen: fillDisk},
		{name: "store-60", summary: "the object store, an S3 server, is away for 60 s", crashes: 1, setup: objectStore, happen: stopObjectStore(time.Minute)},
		{name: "kill-executor", summary: "kill -9 of one of two nodes that only run tasks", setup: apart, happen: killExecutor},
		{name: "upgrade", summary: "SIGTERM of one node after the other, each starts again as this release; then back to the other (--other-jar)", crashes: 6, setup: otherJar, happen: upgrade},
		{name: "examples", summary: "another program's load (--examples), with blobs in S3: all nodes but the first get kill -9 in turn, one every 20 s", setup: objectStore, happen: killInTurn, load: runExamples},
	}
}

func nothingHappens(context.Context, *faultLoad) error { return nil }

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
	return l.restartInTurn(ctx, nil)
}

// restartInTurn restarts one node after the other, with these environment variables.
func (l *faultLoad) restartInTurn(ctx context.Context, environment []string) error {
	for _, number := range l.cluster.numbers() {
		if err := l.cluster.each(ctx, "stop", number); err != nil {
			return err
		}
		if _, err := l.cluster.callWith(ctx, environment, "start", strconv.Itoa(number)); err != nil {
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
		return skipped("there is no libfaketime (Debian's package faketime)")
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

// fillDisk takes all that is left of PostgreSQL's file system. PostgreSQL may end by it.
func fillDisk(ctx context.Context, l *faultLoad) error {
	ballast := filepath.Join(l.cluster.data, "postgresql", "ballast")
	file, err := os.Create(ballast)
	if err != nil {
		return err
	}
	defer file.Close()
	defer os.Remove(ballast)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && ctx.Err() == nil; pause(ctx, 50*time.Millisecond) {
		// again and again: PostgreSQL removes files too
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, 1<<16))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
	}
	if err := errors.Join(file.Close(), os.Remove(ballast)); err != nil {
		return err
	}
	_, err = l.cluster.call(ctx, "up") // starts PostgreSQL if it has ended
	return err
}

func stopObjectStore(length time.Duration) func(context.Context, *faultLoad) error {
	return func(ctx context.Context, l *faultLoad) error {
		if err := l.cluster.objects.stop(); err != nil {
			return err
		}
		pause(ctx, length)
		return l.cluster.objects.start(ctx)
	}
}

func killExecutor(ctx context.Context, l *faultLoad) error {
	return l.killAndComeBack(ctx, len(l.cluster.members))
}

// upgrade changes the release of all nodes, and changes it back.
func upgrade(ctx context.Context, l *faultLoad) error {
	this := "TURBOPROP_JAR=" + os.Getenv("TURBOPROP_JAR")
	return errors.Join(l.restartInTurn(ctx, []string{this}), l.restartInTurn(ctx, []string{ofOtherJar(l.options)}))
}

// killInTurn ends when the context does.
func killInTurn(ctx context.Context, l *faultLoad) error {
	others := l.cluster.numbers()[1:]
	rhythm := time.NewTicker(20 * time.Second)
	defer rhythm.Stop()
	for turn := 0; ; turn++ {
		select {
		case <-ctx.Done():
			return nil
		case <-rhythm.C:
		}
		number := others[turn%len(others)]
		whole := context.WithoutCancel(ctx) // a node that was killed is started again
		if err := errors.Join(l.cluster.each(whole, "kill", number), l.cluster.each(whole, "start", number)); err != nil {
			return err
		}
	}
}

func runExamples(ctx context.Context, l *faultLoad, log io.Writer) error {
	if l.options.examples == "" {
		return skipped("--examples names no command")
	}
	line := strings.ReplaceAll(l.options.examples, "{endpoint}", l.cluster.members[0].client.address)
	command := exec.CommandContext(ctx, "bash", "-c", line)
	command.Stdout, command.Stderr = log, log
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", line, err)
	}
	return nil
}
