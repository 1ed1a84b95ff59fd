package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
)

// questionSize is how many executions are asked about in one call.
const questionSize = 256

// tracker learns which executions have ended, with one call for many of them, the oldest first.
type tracker struct {
	client *client
	poll   time.Duration
	ended  chan *admin.Execution
	failed chan error
	mutex  sync.Mutex
	// waiting are the names of the executions under way, oldest first.
	waiting []string
}

// track begins to ask, until the context ends. At most so many executions will be added.
func track(ctx context.Context, from *client, poll time.Duration, capacity int) *tracker {
	started := &tracker{
		client: from,
		poll:   poll,
		ended:  make(chan *admin.Execution, capacity),
		failed: make(chan error, 1),
	}
	go started.ask(ctx)
	return started
}

// add makes an accepted execution one to ask about.
func (t *tracker) add(name string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.waiting = append(t.waiting, name)
}

func (t *tracker) ask(ctx context.Context) {
	rhythm := time.NewTicker(t.poll)
	defer rhythm.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-rhythm.C:
		}
		for more := true; more; {
			var err error
			if more, err = t.askOnce(ctx); err != nil && ctx.Err() == nil && !isAway(err) {
				t.failed <- err
				return
			}
		}
	}
}

// askOnce asks about the oldest, and tells whether so many had ended that others are worth a question at once.
func (t *tracker) askOnce(ctx context.Context) (bool, error) {
	asked := t.oldest()
	found, err := t.client.inPhases(ctx, asked, final)
	if err != nil {
		return false, err
	}
	t.remove(found)
	for _, execution := range found {
		t.ended <- execution
	}
	return len(asked) == questionSize && len(found) > questionSize/2, nil
}

func (t *tracker) oldest() []string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return slices.Clone(t.waiting[:min(len(t.waiting), questionSize)])
}

func (t *tracker) remove(ended []*admin.Execution) {
	if len(ended) == 0 {
		return
	}
	names := make(map[string]bool, len(ended))
	for _, execution := range ended {
		names[execution.GetId().GetName()] = true
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.waiting = slices.DeleteFunc(t.waiting, func(name string) bool { return names[name] })
}
