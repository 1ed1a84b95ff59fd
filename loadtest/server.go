package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// startLimit is the longest that a server may take to say that it is ready (the first start may compile it).
const startLimit = 10 * time.Minute

// serverProcess is a server that this run has started.
type serverProcess struct {
	command *exec.Cmd
	address string
	// startedAt is when its process was started, and readyAt when it said that it serves.
	startedAt time.Time
	readyAt   time.Time
	exited    chan struct{}
}

// startServer runs the command in a shell and waits for its line "ready URL". Its log goes to the end of the file.
func startServer(ctx context.Context, command, logFile string) (*serverProcess, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	reading, writing, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	shell := exec.Command("bash", "-c", "exec "+command)
	shell.Stdout = writing
	shell.Stderr = log
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	startedAt := time.Now()
	err = shell.Start()
	writing.Close()
	if err != nil {
		reading.Close()
		return nil, err
	}
	started := &serverProcess{command: shell, startedAt: startedAt, exited: make(chan struct{})}
	go func() {
		_ = shell.Wait() // how it ends is seen by who stops or kills it
		close(started.exited)
	}()
	if err := started.awaitReady(ctx, reading); err != nil {
		started.stop(shell.Process.Pid)
		return nil, fmt.Errorf("%s: %w (its log: %s; last line: %s)", command, err, logFile, lastLine(logFile))
	}
	return started, nil
}

// lastLine is the end of a log, which mostly says why a server did not start.
func lastLine(logFile string) string {
	text, err := os.ReadFile(logFile)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}

// awaitReady reads the server's output, and goes on doing so in the background so that the server never waits for it.
func (p *serverProcess) awaitReady(ctx context.Context, output *os.File) error {
	ready := make(chan string, 1)
	go func() {
		defer output.Close()
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if url, found := strings.CutPrefix(lines.Text(), "ready "); found && p.address == "" {
				ready <- strings.TrimSpace(url)
			}
		}
	}()
	select {
	case url := <-ready:
		p.readyAt = time.Now()
		address, err := loopbackAddress(url)
		p.address = address
		return err
	case <-p.exited:
		return fmt.Errorf("ended before it was ready: %s", p.command.ProcessState)
	case <-time.After(startLimit):
		return fmt.Errorf("was not ready after %s", startLimit)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// kill ends the server's own process at once, as a crash would, and waits until it is gone.
func (p *serverProcess) kill(server int) error {
	if err := syscall.Kill(server, syscall.SIGKILL); err != nil {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(10 * time.Second):
		return fmt.Errorf("process %d is still there 10 s after kill -9", server)
	}
}

// stop asks the server to end, and after a while makes it.
func (p *serverProcess) stop(server int) {
	select {
	case <-p.exited:
		return
	default:
	}
	_ = syscall.Kill(server, syscall.SIGTERM) // it may have ended by itself
	select {
	case <-p.exited:
	case <-time.After(30 * time.Second):
		_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL)
	}
}
