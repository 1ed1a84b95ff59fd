package main

import (
	"cmp"
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

// podOptions say which cluster, store and engine a run of the pod tests has, and what it does.
type podOptions struct {
	real        bool
	kubeconfig  string
	clusterUp   string
	clusterDown string
	storeUp     string
	storeDown   string
	store       string
	imageUp     string
	image       string
	copilot     string
	host        string
	engine      string
	data        string
	port        int
	venv        string
	secrets     secretList
	only        string
	skip        string
	examples    string
	executions  int
	inFlight    int
	elements    int
	limit       time.Duration
	keep        bool
}

// secretList are values of Kubernetes Secrets, as GROUP/KEY=VALUE.
type secretList []string

func (l *secretList) String() string { return strings.Join(*l, " ") }

func (l *secretList) Set(value string) error {
	group, rest, found := strings.Cut(value, "/")
	key, _, valued := strings.Cut(rest, "=")
	if !found || !valued || group == "" || key == "" {
		return fmt.Errorf("%q is not GROUP/KEY=VALUE", value)
	}
	*l = append(*l, value)
	return nil
}

// runPods starts cluster, store and engine, runs each scenario on pods, and prints a row for each.
func runPods(ctx context.Context, arguments []string, out, log io.Writer) error {
	chosen := podOptions{}
	flags := flag.NewFlagSet("pods", flag.ContinueOnError)
	flags.SetOutput(out)
	fromEnvironment := func(into *string, name, variable, otherwise, usage string) {
		flags.StringVar(into, name, cmp.Or(os.Getenv(variable), otherwise), usage+"; default: $"+variable)
	}
	flags.BoolVar(&chosen.real, "real", false, "the cluster runs containers; otherwise its nodes are simulated, and pods end as their image is called")
	flags.StringVar(&chosen.kubeconfig, "kubeconfig", "", "the kubeconfig `FILE` of the cluster; default: what --cluster prints, else $KUBECONFIG")
	fromEnvironment(&chosen.clusterUp, "cluster", "LOADTEST_PODS_CLUSTER", "", "a `COMMAND` that brings the cluster up and prints 'export KUBECONFIG=…'")
	fromEnvironment(&chosen.clusterDown, "cluster-down", "LOADTEST_PODS_CLUSTER_DOWN", "", "a `COMMAND` that stops that cluster and keeps its state")
	fromEnvironment(&chosen.storeUp, "s3", "LOADTEST_PODS_S3", "", "a `COMMAND` that brings an S3 server up and prints 'export AWS_ENDPOINT_URL=…' and the keys")
	fromEnvironment(&chosen.storeDown, "s3-down", "LOADTEST_PODS_S3_DOWN", "", "a `COMMAND` that stops it")
	fromEnvironment(&chosen.store, "store", "LOADTEST_PODS_STORE", "s3://my-s3-bucket/pods", "the `URI` of the blobs of real containers")
	fromEnvironment(&chosen.imageUp, "image-command", "LOADTEST_PODS_IMAGE_COMMAND", "", "a `COMMAND` that brings the tasks' image into the cluster")
	fromEnvironment(&chosen.image, "image", "LOADTEST_PODS_IMAGE", "", "the tasks' image, with flytekit; default: flytekit's own")
	fromEnvironment(&chosen.copilot, "copilot-image", "LOADTEST_PODS_COPILOT_IMAGE", "", "an image with flyte-copilot that the cluster has; without it the raw container is skipped")
	flags.StringVar(&chosen.host, "host", "$TURBOPROP_K8S_HOST", "the `ADDRESS` of this machine for pods, where engine and S3 server listen on 127.0.0.1; variables that --cluster exports may stand in it")
	flags.StringVar(&chosen.engine, "engine", "", "a `COMMAND` that starts an engine with the flags of 'turboprop dev' behind it; default: deploy/turboprop dev")
	flags.StringVar(&chosen.data, "data", filepath.Join(os.TempDir(), "turboprop-pods"), "the engine's data `FOLDER`")
	flags.IntVar(&chosen.port, "port", 30190, "the engine's port")
	flags.StringVar(&chosen.venv, "python-environment", os.Getenv("TURBOPROP_PYTHON_ENV"), "the Python `ENVIRONMENT` of the client, with flytekit; default: .turboprop/venv of this project")
	flags.Var(&chosen.secrets, "secret", "a `GROUP/KEY=VALUE` that tasks find as a secret; may be repeated")
	flags.StringVar(&chosen.only, "only", "", "the `SCENARIOS` to run, joined by commas; default: all")
	flags.StringVar(&chosen.skip, "skip", "", "`SCENARIOS` to leave out, joined by commas")
	flags.StringVar(&chosen.examples, "examples", "", "a further `COMMAND` to run at the end, with {endpoint} in it for the engine's HOST:PORT")
	flags.IntVar(&chosen.executions, "executions", 1000, "executions of the scenario load, a pod each")
	flags.IntVar(&chosen.inFlight, "in-flight", 200, "of them under way at once")
	flags.IntVar(&chosen.elements, "elements", 0, "elements of the map; default: 50 on real containers, 5000 on simulated nodes")
	flags.DurationVar(&chosen.limit, "limit", 5*time.Minute, "the longest that one scenario may take")
	flags.BoolVar(&chosen.keep, "keep", false, "leave engine, cluster and store running at the end")
	flags.Usage = func() { printPodsHelp(out, flags) }
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if chosen.elements == 0 {
		chosen.elements = 5000
		if chosen.real {
			chosen.elements = 50
		}
	}
	err := errors.Join(
		within("executions", chosen.executions, 1, 100_000),
		within("in-flight", chosen.inFlight, 1, 10_000),
		within("elements", chosen.elements, 1, 10_000))
	if err != nil {
		return err
	}
	selected, err := selectPodScenarios(podScenariosOf(chosen.real), chosen.only, chosen.skip)
	if err != nil {
		return err
	}
	return chosen.run(ctx, selected, out, log)
}

func printPodsHelp(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, `pods: an engine whose tasks are pods of a cluster, one scenario after the other, and what became of the pods

It starts the cluster and the S3 server with the commands that it is given, then 'turboprop dev --kubernetes', and
watches the pods through kubectl. The exit code is 0 if no row has failed.

`)
	for _, real := range []bool{true, false} {
		fmt.Fprintln(out, map[bool]string{true: "scenarios of real containers (--real):", false: "scenarios of simulated nodes:"}[real])
		for _, each := range podScenariosOf(real) {
			fmt.Fprintf(out, "  %-16s %s\n", each.name, each.summary)
		}
	}
	fmt.Fprint(out, "\noptions:\n")
	flags.PrintDefaults()
}

// podScenario is one thing that is tried on pods.
type podScenario struct {
	name    string
	summary string
	// run fills in the row; its error is the row's verdict.
	run func(context.Context, *podRun, *podRow) error
	// limitsItself is whether --limit is not the longest that it may take.
	limitsItself bool
}

func podScenariosOf(real bool) []podScenario {
	if real {
		return realPodScenarios()
	}
	return simulatedPodScenarios()
}

func selectPodScenarios(all []podScenario, only, skip string) ([]podScenario, error) {
	var selected []podScenario
	wanted, unwanted := names(only), names(skip)
	for _, each := range all {
		if (len(wanted) == 0 || slices.Contains(wanted, each.name)) && !slices.Contains(unwanted, each.name) {
			selected = append(selected, each)
		}
	}
	for _, name := range append(wanted, unwanted...) {
		if !slices.ContainsFunc(all, func(each podScenario) bool { return each.name == name }) {
			return nil, fmt.Errorf("there is no scenario %q of these nodes", name)
		}
	}
	return selected, nil
}

func (o podOptions) run(ctx context.Context, selected []podScenario, out, log io.Writer) error {
	running, err := startPodRun(ctx, o, log)
	if running != nil && !o.keep {
		defer running.stop(context.WithoutCancel(ctx))
	}
	if err != nil {
		return err
	}
	printPodRowsHeading(out)
	failed := 0
	for _, each := range selected {
		row := running.try(ctx, each)
		row.print(out)
		if row.failure != nil && row.skipped == "" {
			failed++
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if o.examples != "" {
		row := running.try(ctx, podScenario{name: "examples", run: runGivenCommand, limitsItself: true})
		row.print(out)
		if row.failure != nil {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d rows have failed", failed)
	}
	return nil
}

// podRow is what one scenario has led to.
type podRow struct {
	scenario string
	elapsed  time.Duration
	// pods are those that were created meanwhile.
	pods int
	// seen is what was measured, for people.
	seen []string
	// skipped is why the scenario could not be tried; empty if it was.
	skipped string
	failure error
}

func (r *podRow) note(format string, arguments ...any) {
	r.seen = append(r.seen, fmt.Sprintf(format, arguments...))
}

func printPodRowsHeading(out io.Writer) {
	fmt.Fprintf(out, "%-16s %9s %6s  %s\n", "scenario", "elapsed", "pods", "verdict")
}

func (r podRow) print(out io.Writer) {
	verdict := "ok"
	switch {
	case r.skipped != "":
		verdict = "skipped: " + r.skipped
	case r.failure != nil:
		verdict = "FAILED: " + strings.ReplaceAll(strings.TrimSpace(r.failure.Error()), "\n", "; ")
	}
	if len(r.seen) > 0 {
		verdict += "  (" + strings.Join(r.seen, "; ") + ")"
	}
	fmt.Fprintf(out, "%-16s %8.2fs %6d  %s\n", r.scenario, r.elapsed.Seconds(), r.pods, verdict)
}
