package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
)

// podRun is a cluster, a store and an engine whose tasks are pods.
type podRun struct {
	options podOptions
	home    string
	log     io.Writer
	// command starts the engine; it serves at the same address each time.
	command string
	engine  *serverProcess
	client  *client
	pods    *podWatch
	// version is that of what pyflyte has registered.
	version string
	prefix  string
	number  int
}

// startPodRun starts what the options say. What it gives back has to be stopped, also beside an error.
func startPodRun(ctx context.Context, chosen podOptions, log io.Writer) (*podRun, error) {
	home, err := projectHome()
	if err != nil {
		return nil, err
	}
	started := &podRun{options: chosen, home: home, log: log, prefix: "p" + strconv.FormatInt(time.Now().UnixMilli(), 36)}
	if err := os.MkdirAll(chosen.data, 0o755); err != nil {
		return nil, err
	}
	if _, err := exec.LookPath("kubectl"); err != nil {
		return nil, errors.New("kubectl is missing: the pods are watched through it")
	}
	for _, command := range []string{chosen.clusterUp, chosen.storeUp} {
		if err := adoptExports(ctx, command, log); err != nil {
			return started, err
		}
	}
	if chosen.kubeconfig != "" {
		os.Setenv("KUBECONFIG", chosen.kubeconfig)
	}
	if err := runCommand(ctx, chosen.imageUp, log); err != nil {
		return started, err
	}
	if err := started.startEngine(ctx); err != nil {
		return started, err
	}
	return started, started.prepare(ctx)
}

// adoptExports runs a command in a shell, and makes the variables that it prints as 'export NAME=VALUE' ours.
func adoptExports(ctx context.Context, command string, log io.Writer) error {
	if command == "" {
		return nil
	}
	shell := exec.CommandContext(ctx, "bash", "-c", `exports=$(eval "$0") && eval "$exports" && exec env -0`, command)
	shell.Stderr = log
	output, err := shell.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	for variable := range bytes.SplitSeq(output, []byte{0}) {
		if name, value, found := strings.Cut(string(variable), "="); found && os.Getenv(name) != value && name != "_" && name != "SHLVL" {
			os.Setenv(name, value)
		}
	}
	return nil
}

func runCommand(ctx context.Context, command string, log io.Writer) error {
	if command == "" {
		return nil
	}
	shell := exec.CommandContext(ctx, "bash", "-c", command)
	shell.Stdout, shell.Stderr = log, log
	if err := shell.Run(); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	return nil
}

// startEngine writes the engine's configuration and starts it.
func (r *podRun) startEngine(ctx context.Context) error {
	kubeconfig := os.Getenv("KUBECONFIG")
	if kubeconfig == "" {
		return errors.New("no cluster: give --cluster or --kubeconfig")
	}
	configuration := filepath.Join(r.options.data, "pods.conf")
	command := r.options.engine
	if command == "" {
		command = quoted(filepath.Join(r.home, "deploy", "turboprop")) + " dev"
	}
	command += fmt.Sprintf(" --port %d --data %s --kubernetes %s --config %s",
		r.options.port, quoted(filepath.Join(r.options.data, "engine")), quoted(kubeconfig), quoted(configuration))
	settings := simulatedSettings
	if r.options.real {
		host := os.ExpandEnv(r.options.host)
		if host == "" {
			return errors.New("pods need an address of this machine: give --host")
		}
		os.Setenv("AWS_ENDPOINT_URL", strings.Replace(os.Getenv("AWS_ENDPOINT_URL"), "127.0.0.1", host, 1))
		command += " --store " + quoted(r.options.store)
		settings = r.realSettings(net.JoinHostPort(host, strconv.Itoa(r.options.port)))
	}
	if err := os.WriteFile(configuration, []byte(settings), 0o600); err != nil {
		return err
	}
	r.command = command
	return r.startAgain(ctx)
}

// simulatedSettings leave room for thousands of pods on simulated nodes.
const simulatedSettings = `turboprop.plugins.pod { default-cpus = "10m", default-memory = "16Mi" }
`

// realSettings are those of an engine that listens on loopback, and is reached by pods at another address.
func (r *podRun) realSettings(address string) string {
	settings := fmt.Sprintf(`turboprop.admin.public-url = "http://%[1]s"
turboprop.plugins.pod {
  api-endpoint = "http://%[1]s"
  secrets = kubernetes
  image-pull-backoff-grace-period = 10s
`, address)
	if r.options.copilot != "" {
		settings += fmt.Sprintf("  co-pilot.image = %q\n", r.options.copilot)
	}
	return settings + "}\n"
}

func (r *podRun) startAgain(ctx context.Context) error {
	started, err := startServer(ctx, r.command, filepath.Join(r.options.data, "engine.log"))
	if err != nil {
		return err
	}
	r.engine = started
	return nil
}

// killEngine is kill -9 of the engine's process; its PostgreSQL lives on.
func (r *podRun) killEngine() error {
	pid, err := listener(strconv.Itoa(r.options.port))
	if err != nil {
		return err
	}
	return r.engine.kill(pid)
}

// prepare connects, watches the pods, and registers what the scenarios of real containers run.
func (r *podRun) prepare(ctx context.Context) error {
	at := place{"flytesnacks", "development"}
	connected, err := dial([]string{r.engine.address}, at)
	if err != nil {
		return err
	}
	r.client = connected
	if err := r.awaitAnswer(ctx); err != nil {
		return err
	}
	r.pods = watchPods(context.WithoutCancel(ctx))
	if !r.options.real {
		return nil
	}
	for _, each := range append(secretList{ownSecret}, r.options.secrets...) {
		if err := makeSecret(ctx, namespaceOf(at), each); err != nil {
			return err
		}
	}
	return r.registerPython(ctx, at)
}

// awaitAnswer waits until the engine answers a call: on a busy machine its first connections may be too slow.
func (r *podRun) awaitAnswer(ctx context.Context) error {
	limited, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	for {
		_, err := r.client.admin.GetVersion(limited, &admin.GetVersionRequest{})
		if err == nil || !isAway(err) || limited.Err() != nil {
			return err
		}
		pause(limited, 100*time.Millisecond)
	}
}

func namespaceOf(at place) string { return at.project + "-" + at.domain }

// makeSecret makes a Kubernetes Secret, and its namespace where that is missing.
func makeSecret(ctx context.Context, namespace, secret string) error {
	group, rest, _ := strings.Cut(secret, "/")
	key, value, _ := strings.Cut(rest, "=")
	return kubectlApply(ctx, fmt.Sprintf(`apiVersion: v1
kind: Namespace
metadata: {name: %[1]s}
---
apiVersion: v1
kind: Secret
metadata: {name: %[2]s, namespace: %[1]s}
data: {%[3]q: %[4]s}
`, namespace, group, key, base64.StdEncoding.EncodeToString([]byte(value))))
}

func kubectlApply(ctx context.Context, document string) error {
	command := exec.CommandContext(ctx, "kubectl", "apply", "-f", "-")
	command.Stdin = strings.NewReader(document)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("kubectl apply: %w: %s", err, output)
	}
	return nil
}

// registerPython has pyflyte register the workflows of pods_python.py.
func (r *podRun) registerPython(ctx context.Context, at place) error {
	r.version = r.prefix
	command := exec.CommandContext(ctx, filepath.Join(r.pythonEnvironment(), "bin", "pyflyte"), "register",
		"--project", at.project, "--domain", at.domain, "--version", r.version, "--copy", "auto", filepath.Join(r.home, "loadtest", "pods_python.py"))
	command.Env = append(os.Environ(), "FLYTE_PLATFORM_URL="+r.engine.address, "FLYTE_PLATFORM_INSECURE=true",
		"LOADTEST_PODS_IMAGE="+r.options.image)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("pyflyte register: %w: %s", err, output)
	}
	return nil
}

func (r *podRun) pythonEnvironment() string {
	if r.options.venv != "" {
		return r.options.venv
	}
	return filepath.Join(r.home, ".turboprop", "venv")
}

func (r *podRun) stop(ctx context.Context) {
	if r.client != nil {
		r.client.connection.Close()
	}
	if r.pods != nil {
		r.pods.stop()
	}
	if r.engine != nil {
		if pid, err := listener(strconv.Itoa(r.options.port)); err == nil {
			r.engine.stop(pid)
		}
	}
	for _, command := range []string{r.options.clusterDown, r.options.storeDown} {
		if err := runCommand(ctx, command, r.log); err != nil {
			fmt.Fprintln(r.log, err)
		}
	}
}

// try runs one scenario within its limit.
func (r *podRun) try(ctx context.Context, tried podScenario) podRow {
	row := podRow{scenario: tried.name}
	fmt.Fprintf(r.log, "%s: %s\n", tried.name, tried.summary)
	if !tried.limitsItself {
		limited, stop := context.WithTimeout(ctx, r.options.limit)
		defer stop()
		ctx = limited
	}
	before, gaps, began := r.pods.count(), r.pods.gapsSoFar(), time.Now()
	err := tried.run(ctx, r, &row)
	if gaps < r.pods.gapsSoFar() {
		err = errors.Join(err, errors.New("the watch of the pods had a gap, so pods may have come and gone unseen"))
	}
	var skipped skip
	if errors.As(err, &skipped) {
		row.skipped = string(skipped)
		err = nil
	}
	row.failure, row.elapsed, row.pods = err, time.Since(began), r.pods.count()-before
	return row
}

// skip is why a scenario can't be tried here.
type skip string

func (s skip) Error() string { return string(s) }

// nextName is the name of a new execution, which no other one's begins with.
func (r *podRun) nextName() string {
	r.number++
	return fmt.Sprintf("%s-%03d", r.prefix, r.number)
}

// launchPlan is a workflow of pods_python.py with its inputs.
func (r *podRun) launchPlan(workflow string, inputs map[string]*core.Literal) target {
	return target{
		launchPlan: &core.Identifier{ResourceType: core.ResourceType_LAUNCH_PLAN, Project: r.client.project,
			Domain: r.client.domain, Name: "pods_python." + workflow, Version: r.version},
		inputs: &core.LiteralMap{Literals: inputs}, parallelism: 100,
	}
}

func (r *podRun) id(name string) *core.WorkflowExecutionIdentifier {
	return &core.WorkflowExecutionIdentifier{Project: r.client.project, Domain: r.client.domain, Name: name}
}

// execute starts an execution and waits for its end.
func (r *podRun) execute(ctx context.Context, wanted target) (*admin.Execution, error) {
	name := r.nextName()
	if err := r.client.create(ctx, name, wanted); err != nil {
		return nil, fmt.Errorf("CreateExecution %s: %w", name, err)
	}
	return r.awaitEnd(ctx, name)
}

// awaitEnd asks until an execution has ended; the engine may be away meanwhile.
func (r *podRun) awaitEnd(ctx context.Context, name string) (*admin.Execution, error) {
	for {
		found, err := r.client.admin.GetExecution(ctx, &admin.WorkflowExecutionGetRequest{Id: r.id(name)})
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("%s has not ended: %w", name, ctx.Err())
		case err != nil && !isAway(err):
			return nil, fmt.Errorf("GetExecution %s: %w", name, err)
		case err == nil && strings.Contains(";"+final+";", ";"+found.GetClosure().GetPhase().String()+";"):
			return found, nil
		}
		pause(ctx, 100*time.Millisecond)
	}
}

// outputs are those of an execution that has succeeded; it is an error if it has not.
func (r *podRun) outputs(ctx context.Context, ended *admin.Execution) (*core.Literal, error) {
	if err := requireSuccess([]*admin.Execution{ended}); err != nil {
		return nil, err
	}
	data, err := r.client.admin.GetExecutionData(ctx, &admin.WorkflowExecutionGetDataRequest{Id: ended.GetId()})
	if err != nil {
		return nil, err
	}
	return data.GetFullOutputs().GetLiterals()["o0"], nil
}

// runGivenCommand runs the command of --examples; its exit code is the verdict.
func runGivenCommand(ctx context.Context, r *podRun, row *podRow) error {
	command := strings.ReplaceAll(r.options.examples, "{endpoint}", r.engine.address)
	shell := exec.CommandContext(ctx, "bash", "-c", command)
	var output bytes.Buffer
	shell.Stdout = io.MultiWriter(r.log, &output)
	shell.Stderr = shell.Stdout
	err := shell.Run()
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	row.note("%s", lines[len(lines)-1])
	return err
}

// quoted is a text as one word of a shell's command.
func quoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
