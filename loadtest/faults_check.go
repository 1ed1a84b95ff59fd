package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
)

// check reads what the cluster shows of the executions now, and fills in the row.
func (l *faultLoad) check(ctx context.Context, row *faultRow, ended map[string]*admin.Execution, at time.Time, crashes int) error {
	var all []*admin.Execution
	for _, each := range ended {
		all = append(all, each)
	}
	row.allEnded = lastEnd(all).Sub(at)
	if err := requireSuccess(all); err != nil {
		return err
	}
	if err := l.checkStillTheSame(ctx, all); err != nil {
		return err
	}
	if err := l.checkSteps(ctx, row, all, crashes); err != nil {
		return err
	}
	if err := l.checkLives(all); err != nil {
		return err
	}
	return l.checkJournal(ctx)
}

// checkStillTheSame asks any node again: an execution ends once, with the right outputs.
func (l *faultLoad) checkStillTheSame(ctx context.Context, all []*admin.Execution) error {
	return forEach(ctx, len(all), func(ctx context.Context, index int) error {
		asked := l.next()
		id := all[index].GetId()
		now, err := asked.admin.GetExecution(ctx, &admin.WorkflowExecutionGetRequest{Id: id})
		if err != nil {
			return fmt.Errorf("GetExecution %s: %w", id.GetName(), err)
		}
		if !proto.Equal(now.GetClosure().GetUpdatedAt(), all[index].GetClosure().GetUpdatedAt()) {
			return fmt.Errorf("%s has ended twice, at %s and at %s", id.GetName(),
				all[index].GetClosure().GetUpdatedAt().AsTime(), now.GetClosure().GetUpdatedAt().AsTime())
		}
		data, err := asked.admin.GetExecutionData(ctx, &admin.WorkflowExecutionGetDataRequest{Id: id})
		if err != nil {
			return fmt.Errorf("GetExecutionData %s: %w", id.GetName(), err)
		}
		outputs := data.GetFullOutputs().GetLiterals()
		if isPython(id.GetName()) {
			if made := outputs["o0"].GetScalar().GetPrimitive().GetStringValue(); made != id.GetName() {
				return fmt.Errorf("%s has the output %q instead of its own name", id.GetName(), made)
			}
		} else if !proto.Equal(outputs[variable], integerLiteral(1)) {
			return fmt.Errorf("%s has the outputs %v", id.GetName(), outputs)
		}
		return nil
	})
}

func isPython(name string) bool {
	return strings.Contains(name, "-p-")
}

// checkSteps looks at each step of the echo executions, and measures the longest time without progress of each.
func (l *faultLoad) checkSteps(ctx context.Context, row *faultRow, all []*admin.Execution, crashes int) error {
	var mutex sync.Mutex
	var stalls []time.Duration
	err := forEach(ctx, len(all), func(ctx context.Context, index int) error {
		execution := all[index]
		if isPython(execution.GetId().GetName()) {
			return nil
		}
		asked := l.next()
		nodes, err := asked.taskNodesOf(ctx, execution.GetId())
		if err != nil {
			return err
		}
		if len(nodes) != stepsOfFaultLoad {
			return fmt.Errorf("%s has %d node executions of %d nodes", execution.GetId().GetName(), len(nodes), stepsOfFaultLoad)
		}
		repeated, err := checkAttempts(ctx, asked, nodes, crashes)
		if err != nil {
			return err
		}
		mutex.Lock()
		defer mutex.Unlock()
		stall, since := longestStall(execution, nodes)
		stalls = append(stalls, stall-l.options.sleep)
		if stall > row.longest.length {
			row.longest = standstill{execution.GetId().GetName(), since, stall}
		}
		row.repeated += repeated
		return nil
	})
	row.stallMedian, row.stall = quantile(stalls, 0.5), quantile(stalls, 1)
	return err
}

// checkAttempts asks for the attempts of each step, and counts the steps with more than one.
func checkAttempts(ctx context.Context, asked *client, nodes []*admin.NodeExecution, crashes int) (int, error) {
	repeated := 0
	for _, node := range nodes {
		name := node.GetId().GetExecutionId().GetName() + "/" + node.GetId().GetNodeId()
		if phase := node.GetClosure().GetPhase(); phase != core.NodeExecution_SUCCEEDED {
			return 0, fmt.Errorf("%s is %s in an execution that has succeeded", name, phase)
		}
		attempts, err := asked.attemptsOf(ctx, node.GetId())
		if err != nil {
			return 0, err
		}
		if len(attempts) > 1 {
			repeated++
		}
		if len(attempts) > 1+crashes {
			return 0, fmt.Errorf("%s was tried %d times, at %d crashes", name, len(attempts), crashes)
		}
	}
	return repeated, nil
}

// longestStall is the longest time between two ends of steps, or from the acceptance to the first, and when it began.
func longestStall(execution *admin.Execution, nodes []*admin.NodeExecution) (longest time.Duration, since time.Time) {
	ends := []time.Time{execution.GetClosure().GetCreatedAt().AsTime()}
	for _, node := range nodes {
		ends = append(ends, endOf(node))
	}
	slices.SortFunc(ends, time.Time.Compare)
	for index := 1; index < len(ends); index++ {
		if length := ends[index].Sub(ends[index-1]); length > longest {
			longest, since = length, ends[index-1]
		}
	}
	return longest, since
}

// checkLives reads what the Python tasks have written: two runs of one task must not overlap.
func (l *faultLoad) checkLives(all []*admin.Execution) error {
	for _, execution := range all {
		name := execution.GetId().GetName()
		if !isPython(name) {
			continue
		}
		runs, err := readRuns(filepath.Join(l.lives, name))
		if err != nil {
			return err
		}
		slices.SortFunc(runs, func(one, other lifetime) int { return int(one.began - other.began) })
		for index := 1; index < len(runs); index++ {
			if runs[index].began < runs[index-1].last {
				return fmt.Errorf("the task of %s has run twice at one time, for %s",
					name, time.Duration(runs[index-1].last-runs[index].began))
			}
		}
	}
	return nil
}

// lifetime is the time of one run, by the machine's monotonic clock in nanoseconds.
type lifetime struct{ began, last int64 }

func readRuns(path string) ([]lifetime, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("a Python task has left no trace: %w", err)
	}
	defer file.Close()
	found := make(map[string]lifetime)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		run, moment, _ := strings.Cut(lines.Text(), " ")
		at, err := strconv.ParseInt(moment, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if known, again := found[run]; again {
			found[run] = lifetime{known.began, at}
		} else {
			found[run] = lifetime{at, at}
		}
	}
	var all []lifetime
	for _, each := range found {
		all = append(all, each)
	}
	return all, lines.Err()
}

// gaps are the executions whose journal is not 1, 2, 3, …
const gaps = `select persistence_id, count(*), count(distinct sequence_number), min(sequence_number), max(sequence_number)
from event_journal group by persistence_id
having min(sequence_number) <> 1 or count(*) <> max(sequence_number) or count(distinct sequence_number) <> count(*)`

// checkJournal reads the journal itself, by SQL: no gap, no double.
func (l *faultLoad) checkJournal(ctx context.Context) error {
	connection, err := pgx.ConnectConfig(ctx, l.database.settings)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	rows, err := connection.Query(ctx, gaps)
	if err != nil {
		return err
	}
	var failures []error
	for rows.Next() {
		var id string
		var count, distinct, least, most int64
		if err := rows.Scan(&id, &count, &distinct, &least, &most); err != nil {
			return err
		}
		failures = append(failures, fmt.Errorf("the journal of %s has %d entries from %d to %d", id, count, least, most))
	}
	return errors.Join(append(failures[:min(len(failures), 5)], rows.Err())...)
}
