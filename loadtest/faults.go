package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// faultOptions say what a run of the fault tests does.
type faultOptions struct {
	data       string
	port       int
	nodes      int
	only       string
	skip       string
	times      int
	executions int
	inFlight   int
	python     int
	sleep      time.Duration
	limit      time.Duration
	venv       string
	s3         string
	otherJar   string
	examples   string
	keep       bool
}

const stepsOfFaultLoad = 10

// runFaults starts a cluster, and for each fault: applies load, injects the fault, and checks what clients saw.
func runFaults(ctx context.Context, arguments []string, out, log io.Writer) error {
	chosen := faultOptions{}
	flags := flag.NewFlagSet("faults", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&chosen.data, "data", filepath.Join(os.TempDir(), "turboprop-faults"), "the cluster's data `FOLDER`")
	flags.IntVar(&chosen.port, "port", 30180, "the first node's port is the next one")
	flags.IntVar(&chosen.nodes, "nodes", 3, "nodes of the cluster")
	flags.StringVar(&chosen.only, "only", "", "the `FAULTS` to inject, joined by commas; default: all")
	flags.StringVar(&chosen.skip, "skip", "", "`FAULTS` to leave out, joined by commas")
	flags.IntVar(&chosen.times, "times", 2, "how often to inject each fault")
	flags.IntVar(&chosen.executions, "executions", 2000, "executions of ten echo steps")
	flags.IntVar(&chosen.inFlight, "in-flight", 400, "of them under way at once")
	flags.IntVar(&chosen.python, "python", 100, "executions of one Python task; 0 without flytekit")
	flags.DurationVar(&chosen.sleep, "sleep", 200*time.Millisecond, "how long an echo step sleeps")
	flags.DurationVar(&chosen.limit, "limit", 3*time.Minute, "how long all executions may take to end after the fault is over")
	flags.StringVar(&chosen.venv, "python-environment", os.Getenv("TURBOPROP_PYTHON_ENV"), "the Python `ENVIRONMENT` with flytekit; default: TURBOPROP_PYTHON_ENV, else .turboprop/venv of this project")
	flags.StringVar(&chosen.s3, "s3", "", "a versitygw `FILE`, the S3 server for the faults that need one; default: Go builds it at the first use")
	flags.StringVar(&chosen.otherJar, "other-jar", "", "the `turboprop.jar` of another release, with its folder lib beside it, for the fault upgrade")
	flags.StringVar(&chosen.examples, "examples", "", "the `COMMAND` of the fault examples, run by a shell; {endpoint} in it becomes the API's address")
	flags.BoolVar(&chosen.keep, "keep", false, "leave the cluster running at the end")
	flags.Usage = func() { printFaultsHelp(out, flags) }
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	err := errors.Join(
		within("nodes", chosen.nodes, 2, 9),
		within("times", chosen.times, 1, 100),
		within("executions", chosen.executions, 1, 100_000),
		within("in-flight", chosen.inFlight, 1, 10_000),
		within("python", chosen.python, 0, 10_000))
	if err != nil {
		return err
	}
	selected, err := selectFaults(chosen.only, chosen.skip)
	if err != nil {
		return err
	}
	return chosen.run(ctx, selected, out, log)
}

func printFaultsHelp(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, `faults: a cluster on this machine, load, one fault at a time, and what clients saw of it

faults to inject:
`)
	for _, each := range faults() {
		fmt.Fprintf(out, "  %-20s %s\n", each.name, each.summary)
	}
	fmt.Fprint(out, "\noptions:\n")
	flags.PrintDefaults()
}

func selectFaults(only, skip string) ([]fault, error) {
	var selected []fault
	wanted, unwanted := names(only), names(skip)
	for _, each := range faults() {
		if (len(wanted) == 0 || slices.Contains(wanted, each.name)) && !slices.Contains(unwanted, each.name) {
			selected = append(selected, each)
		}
	}
	for _, name := range append(wanted, unwanted...) {
		if !slices.ContainsFunc(faults(), func(each fault) bool { return each.name == name }) {
			return nil, fmt.Errorf("there is no fault %q", name)
		}
	}
	return selected, nil
}

func (o faultOptions) run(ctx context.Context, selected []fault, out, log io.Writer) error {
	home, err := projectHome()
	if err != nil {
		return err
	}
	printRowsHeading(out)
	failed := 0
	for _, needed := range setups() {
		var those []fault
		for _, each := range selected {
			if each.setup == needed {
				those = append(those, each)
			}
		}
		if len(those) == 0 {
			continue
		}
		failures, err := o.runOn(ctx, needed, those, home, out, log)
		if err != nil {
			return err
		}
		failed += failures
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d rows have failed", failed, len(selected)*o.times)
	}
	return nil
}

// runOn injects the faults that need one setup, and counts the rows that have failed.
func (o faultOptions) runOn(ctx context.Context, needed *setup, those []fault, home string, out, log io.Writer) (failed int, err error) {
	data := o.data
	if needed != plain {
		data += "-" + needed.name
	}
	used := &cluster{script: filepath.Join(home, "deploy", "cluster"), data: data, port: o.port, nodes: o.nodes, network: newNetwork(data)}
	undo, err := needed.prepare(ctx, o, used)
	if reason := skipped(""); errors.As(err, &reason) {
		for _, each := range those {
			faultRow{fault: each.name, failure: reason}.print(out)
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !o.keep {
		defer func() {
			err = errors.Join(err, used.down(context.WithoutCancel(ctx)), undo())
		}()
	}
	if err := used.start(ctx, place{"flytesnacks", "development"}); err != nil {
		return 0, err
	}
	load, err := prepareFaultLoad(ctx, o, home, used)
	if err != nil {
		return 0, err
	}
	for _, each := range those {
		for range o.times {
			row := load.inject(ctx, each, log)
			row.print(out)
			if row.failure != nil && !row.isSkipped() {
				failed++
			}
			if ctx.Err() != nil {
				return failed, ctx.Err()
			}
		}
	}
	return failed, nil
}

// projectHome is the folder of the project, two above this program (loadtest/target/loadtest).
func projectHome() (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.Clean(filepath.Join(filepath.Dir(program), "..", "..")), nil
}

// faultRow is what one injected fault has led to.
type faultRow struct {
	fault string
	// accepted and refused are the calls of CreateExecution that were answered, and those that said to come again.
	accepted int
	refused  int
	// stall is the longest time without progress of an execution beyond the sleep of its step, and its median.
	stall       time.Duration
	stallMedian time.Duration
	// longest is where the longest was.
	longest standstill
	// allEnded is the time from the injection to the end of the last execution.
	allEnded time.Duration
	// repeated are the echo steps that were tried more than once.
	repeated int
	failure  error
}

// standstill is a time in which no step of an execution has ended.
type standstill struct {
	execution string
	since     time.Time
	length    time.Duration
}

func (s standstill) String() string {
	return fmt.Sprintf("%s stood still the longest, for %.1f s from %s on", s.execution, s.length.Seconds(), s.since.Format(time.TimeOnly))
}

func (r faultRow) isSkipped() bool {
	reason := skipped("")
	return errors.As(r.failure, &reason)
}

func printRowsHeading(out io.Writer) {
	fmt.Fprintf(out, "%-20s %8s %8s %11s %11s %11s %9s  %s\n",
		"fault", "accepted", "refused", "stall p50", "stall max", "all ended", "repeated", "verdict")
}

func (r faultRow) print(out io.Writer) {
	verdict := "ok"
	switch {
	case r.isSkipped():
		verdict = "skipped: " + r.failure.Error()
	case r.failure != nil:
		verdict = "FAILED: " + strings.ReplaceAll(r.failure.Error(), "\n", "; ")
	}
	fmt.Fprintf(out, "%-20s %8d %8d %10.2fs %10.2fs %10.2fs %9d  %s\n",
		r.fault, r.accepted, r.refused, r.stallMedian.Seconds(), r.stall.Seconds(), r.allEnded.Seconds(), r.repeated, verdict)
}
