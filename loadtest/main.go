// Command loadtest drives a running Turboprop server through its public API and prints what it measured.
//
// It registers its own workflows of echo tasks, starts executions of them, and reads the times from what the
// server recorded. It aims at this machine only, is bounded in count and time, and stops by itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(1)
	}
}

// run executes the scenario named by the first argument, and prints its figures to out.
func run(ctx context.Context, arguments []string, out, log io.Writer) error {
	if len(arguments) == 0 || isHelp(arguments[0]) {
		printHelp(out)
		return nil
	}
	if arguments[0] == "faults" {
		return runFaults(ctx, arguments[1:], out, log)
	}
	if arguments[0] == "pods" {
		return runPods(ctx, arguments[1:], out, log)
	}
	chosen, known := scenarioNamed(arguments[0])
	if !known {
		printHelp(log)
		return fmt.Errorf("there is no scenario %q", arguments[0])
	}
	flags := flag.NewFlagSet(chosen.name, flag.ContinueOnError)
	flags.SetOutput(out)
	common := defineOptions(flags)
	measure := chosen.define(flags)
	flags.Usage = func() { printScenarioHelp(out, chosen, flags) }
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	session, err := openSession(ctx, *common, out, log)
	if err != nil {
		return err
	}
	defer session.close()
	failure := measure(ctx, session)
	if err := session.writeJSON(); err != nil {
		return errors.Join(failure, err)
	}
	return failure
}

func isHelp(argument string) bool {
	return argument == "help" || argument == "--help" || argument == "-help" || argument == "-h"
}

func printHelp(out io.Writer) {
	fmt.Fprint(out, `Measures a running Turboprop server on this machine, with workflows of echo tasks.

usage: loadtest/run SCENARIO [options]
       loadtest/run SCENARIO --help        the scenario's options and their defaults

`)
	for _, each := range scenarios() {
		fmt.Fprintf(out, "  %-9s %s\n", each.name, each.summary)
	}
	fmt.Fprint(out, `  faults    starts a cluster, injects faults and checks what clients see: loadtest/faults --help
  pods      starts a cluster, a store and an engine whose tasks are pods, and checks them: loadtest/pods --help

examples:
  deploy/turboprop dev --port 30080 --data /tmp/load &
  loadtest/run all --endpoint 127.0.0.1:30080 --data /tmp/load --json figures.json
  loadtest/run many --endpoint 127.0.0.1:30080 --executions 2000 --in-flight 400
  loadtest/run kill --start 'deploy/turboprop dev --port 30080 --data /tmp/load' --data /tmp/load
  loadtest/profile many --endpoint 127.0.0.1:30080

How the figures come about:
  Times of steps and executions are those that the server recorded; the load generator runs on the same machine,
  so its clock is the same. CPU seconds are those of /proc for the server and for PostgreSQL over the measured time;
  the load generator's own are shown beside them. Memory is the resident set of the server, and the proportional set
  of PostgreSQL (whose processes share their buffers). A node transition is a task node becoming ready or ending: two
  for each task node. The floor is PostgreSQL alone in the same run: transactions that insert one row each.
  A run begins with some unmeasured executions (--warm-up), since a fresh JVM compiles its code while it works.
`)
}

func printScenarioHelp(out io.Writer, chosen scenario, flags *flag.FlagSet) {
	fmt.Fprintf(out, "%s: %s\n\noptions:\n", chosen.name, chosen.summary)
	flags.PrintDefaults()
}
