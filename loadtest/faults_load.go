package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// beforeFault is how long the load runs at least before a fault is injected.
const beforeFault = 3 * time.Second

// afterAll is the pause between two executions that are started after all others, until the fault is over.
const afterAll = 250 * time.Millisecond

// pythonSeconds is how long a Python task takes.
const pythonSeconds = 2.0

// faultLoad is the load of the fault tests: the executions that are started on all nodes.
type faultLoad struct {
	options  faultOptions
	cluster  *cluster
	database *database
	echo     target
	python   *target
	// lives is the folder in which each Python task writes down when it runs.
	lives string
	turn  atomic.Int64
	rows  int
}

func prepareFaultLoad(ctx context.Context, chosen faultOptions, home string, on *cluster) (*faultLoad, error) {
	address, err := embeddedAddress(on.data)
	if err != nil {
		return nil, err
	}
	found, err := parseDatabase(address)
	if err != nil {
		return nil, err
	}
	load := &faultLoad{options: chosen, cluster: on, database: found, lives: filepath.Join(on.data, "lives")}
	first := on.members[0].client
	if load.echo, err = first.register(ctx, first.chain(stepsOfFaultLoad, chosen.sleep)); err != nil {
		return nil, err
	}
	if chosen.python > 0 {
		if err := load.registerPython(ctx, home); err != nil {
			return nil, err
		}
	}
	return load, nil
}

// registerPython has pyflyte register the Python workflow.
func (l *faultLoad) registerPython(ctx context.Context, home string) error {
	if err := os.MkdirAll(l.lives, 0o777); err != nil {
		return err
	}
	if err := os.Chmod(l.lives, 0o777); err != nil { // the tasks may be of another user
		return err
	}
	environment := l.options.venv
	if environment == "" {
		environment = filepath.Join(home, ".turboprop", "venv")
	}
	version := "f" + fmt.Sprint(time.Now().UnixMilli())
	at := l.cluster.members[0].client
	command := exec.CommandContext(ctx, filepath.Join(environment, "bin", "pyflyte"), "register",
		"--project", at.project, "--domain", at.domain, "--version", version, filepath.Join(home, "loadtest", "faults_python.py"))
	command.Env = append(os.Environ(),
		"FLYTE_PLATFORM_URL="+at.address, "FLYTE_PLATFORM_INSECURE=true")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("pyflyte register (--python 0 leaves Python out): %w: %s", err, output)
	}
	text := func(value string) *core.Literal {
		return primitive(&core.Primitive{Value: &core.Primitive_StringValue{StringValue: value}})
	}
	l.python = &target{
		launchPlan: &core.Identifier{ResourceType: core.ResourceType_LAUNCH_PLAN, Project: at.project, Domain: at.domain,
			Name: "faults_python.run", Version: version},
		inputs: &core.LiteralMap{Literals: map[string]*core.Literal{
			"folder":  text(l.lives),
			"seconds": primitive(&core.Primitive{Value: &core.Primitive_FloatValue{FloatValue: pythonSeconds}}),
		}},
		taskNodes: 1, parallelism: 25,
	}
	return nil
}

func primitive(value *core.Primitive) *core.Literal {
	return &core.Literal{Value: &core.Literal_Scalar{Scalar: &core.Scalar{Value: &core.Scalar_Primitive{Primitive: value}}}}
}

func (c *cluster) numbers() []int {
	var all []int
	for _, each := range c.members {
		all = append(all, each.number)
	}
	return all
}

// oldest is the number of the node that has been a member for the longest time, as any node that answers tells.
func (l *faultLoad) oldest(ctx context.Context) (int, error) {
	var failures []error
	for _, each := range l.cluster.members {
		oldest, err := oldestOf(ctx, "http://"+each.client.address+"/cluster")
		if err != nil {
			failures = append(failures, err)
			continue
		}
		for _, other := range l.cluster.members {
			if other.client.address == strings.TrimPrefix(oldest, "http://") {
				return other.number, nil
			}
		}
		failures = append(failures, fmt.Errorf("no node of ours has the API %q", oldest))
	}
	return 0, errors.Join(failures...)
}

func oldestOf(ctx context.Context, url string) (string, error) {
	limited, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	request, err := http.NewRequestWithContext(limited, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var seen struct {
		Members []struct {
			API    string `json:"api"`
			Oldest bool   `json:"oldest"`
		} `json:"members"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&seen); err != nil {
		return "", fmt.Errorf("%s: %w", url, err)
	}
	for _, each := range seen.Members {
		if each.Oldest {
			return each.API, nil
		}
	}
	return "", fmt.Errorf("%s names no oldest member", url)
}

// next is the client of one node after the other.
func (l *faultLoad) next() *client {
	nodes := l.cluster.api()
	return nodes[int(l.turn.Add(1))%len(nodes)].client
}

// created is what the calls of CreateExecution have led to.
type created struct {
	mutex    sync.Mutex
	accepted []string
	refused  atomic.Int64
	// complete tells whether all calls have been answered.
	complete atomic.Bool
	// wrong are answers that no client should get.
	wrong []error
}

// count is the number of accepted executions so far.
func (c *created) count() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.accepted)
}

// create starts an execution on any node, on the next one when a node is away; repeating a call is safe.
func (l *faultLoad) create(ctx context.Context, name string, wanted target, into *created) {
	for {
		limited, stop := context.WithTimeout(ctx, 10*time.Second)
		err := l.next().create(limited, name, wanted)
		stop()
		switch {
		case err == nil, status.Code(err) == codes.AlreadyExists:
			into.mutex.Lock()
			into.accepted = append(into.accepted, name)
			into.mutex.Unlock()
			return
		case ctx.Err() != nil:
			return
		case !saysComeAgain(err):
			into.mutex.Lock()
			into.wrong = append(into.wrong, fmt.Errorf("CreateExecution %s: %w", name, err))
			into.mutex.Unlock()
			return
		}
		into.refused.Add(1)
		pause(ctx, 50*time.Millisecond)
	}
}

// saysComeAgain tells whether an answer is right for a client of a cluster in which something is wrong.
func saysComeAgain(err error) bool {
	return isAway(err) || status.Code(err) == codes.ResourceExhausted || status.Code(err) == codes.Aborted
}

// watch is what clients have seen of the executions: the end of each, and what should not have been seen.
type watch struct {
	ended map[string]*admin.Execution
	wrong []error
}

// inject runs the load with one fault, and checks the invariants.
func (l *faultLoad) inject(ctx context.Context, injected fault, log io.Writer) faultRow {
	row := faultRow{fault: injected.name}
	if err := l.cluster.awaitReady(ctx); err != nil {
		row.failure = err
		return row
	}
	if injected.load != nil {
		row.failure = l.injectDuring(ctx, injected, &row, log)
		return row
	}
	l.rows++
	prefix := fmt.Sprintf("f%x-%d", time.Now().UnixMilli(), l.rows)
	fmt.Fprintf(log, "%s: %d executions of %d steps and %d of Python, named %s-…\n",
		injected.name, l.options.executions, stepsOfFaultLoad, l.options.python, prefix)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	into := &created{}
	var creating sync.WaitGroup
	seen := make(chan watch, 1)
	over := make(chan struct{})
	free := make(chan struct{}, l.options.inFlight)
	creating.Go(func() { l.createAll(ctx, prefix, into, free, over) })
	go func() { seen <- l.watchAll(ctx, into, free, over) }()
	pause(ctx, beforeFault)
	for into.count() < min(l.options.inFlight, l.options.executions) && ctx.Err() == nil {
		pause(ctx, 100*time.Millisecond)
	}
	at := time.Now()
	failure := injected.happen(ctx, l)
	if failure == nil {
		failure = l.cluster.awaitReady(ctx)
	}
	close(over)
	if failure != nil {
		stop()
	}
	creating.Wait()
	found := <-seen
	row.accepted, row.refused = len(into.accepted), int(into.refused.Load())
	row.failure = errors.Join(append(append(into.wrong, found.wrong...), failure)...)
	if row.failure == nil {
		row.failure = l.check(ctx, &row, found.ended, at, injected.crashes)
		if row.longest.length > 0 { // the steps could be read
			fmt.Fprintf(log, "%s: %s, %.1f s after the fault began\n", injected.name, row.longest, row.longest.since.Sub(at).Seconds())
		}
	}
	return row
}

// injectDuring runs a load that ends by itself, and lets the fault happen until then.
func (l *faultLoad) injectDuring(ctx context.Context, injected fault, row *faultRow, log io.Writer) error {
	begin := time.Now()
	during, stop := context.WithCancel(ctx)
	defer stop()
	happened := make(chan error, 1)
	go func() { happened <- injected.happen(during, l) }()
	failure := injected.load(ctx, l, log)
	stop()
	row.allEnded = time.Since(begin)
	return errors.Join(failure, <-happened)
}

// createAll keeps so many executions under way until all have been accepted, and a few until the fault is over.
func (l *faultLoad) createAll(ctx context.Context, prefix string, into *created, free chan struct{}, over <-chan struct{}) {
	defer into.complete.Store(true)
	var workers sync.WaitGroup
	jobs := make(chan func())
	for range creators {
		workers.Go(func() {
			for job := range jobs {
				job()
			}
		})
	}
	start := func(name string, wanted target) bool {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return false
		}
		jobs <- func() { l.create(ctx, name, wanted, into) }
		return true
	}
	pythons := 0
	for number := 1; number <= l.options.executions || !isClosed(over); number++ {
		if number > l.options.executions {
			pause(ctx, afterAll)
		}
		if !start(executionName(prefix, number), l.echo) {
			break
		}
		for l.python != nil && pythons*l.options.executions < number*l.options.python {
			pythons++
			if !start(executionName(prefix+"-p", pythons), *l.python) {
				break
			}
		}
	}
	close(jobs)
	workers.Wait()
}

func isClosed(channel <-chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}

// watchAll asks the nodes in turn until all executions have ended, or the time after the fault is over.
func (l *faultLoad) watchAll(ctx context.Context, into *created, free <-chan struct{}, over <-chan struct{}) watch {
	seen := watch{ended: make(map[string]*admin.Execution)}
	var limit <-chan time.Time
	rhythm := time.NewTicker(200 * time.Millisecond)
	defer rhythm.Stop()
	for !(into.complete.Load() && len(seen.missing(into)) == 0) && len(seen.wrong) == 0 {
		select {
		case <-ctx.Done():
			return seen
		case <-over:
			over, limit = nil, time.After(l.options.limit)
		case <-limit:
			missing := seen.missing(into)
			seen.wrong = append(seen.wrong, fmt.Errorf("%d executions have not ended %s after the fault, among them %s",
				len(missing), l.options.limit, strings.Join(missing[:min(len(missing), 3)], ", ")))
		case <-rhythm.C:
			l.ask(ctx, &seen, into, free)
		}
	}
	return seen
}

// missing are the accepted executions that have not ended.
func (w *watch) missing(into *created) []string {
	into.mutex.Lock()
	defer into.mutex.Unlock()
	var found []string
	for _, name := range into.accepted {
		if w.ended[name] == nil {
			found = append(found, name)
		}
	}
	return found
}

// ask asks about all executions that have not ended, in questions of a bounded size.
func (l *faultLoad) ask(ctx context.Context, seen *watch, into *created, free <-chan struct{}) {
	waiting := seen.missing(into)
	for len(waiting) > 0 {
		asked := waiting[:min(len(waiting), questionSize)]
		waiting = waiting[len(asked):]
		limited, stop := context.WithTimeout(ctx, 10*time.Second)
		found, err := l.next().inPhases(limited, asked, final)
		stop()
		if err != nil && ctx.Err() == nil && !saysComeAgain(errors.Unwrap(err)) {
			seen.wrong = append(seen.wrong, err)
		}
		for _, execution := range found {
			seen.ended[execution.GetId().GetName()] = execution
			<-free
		}
	}
}
