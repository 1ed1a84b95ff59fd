package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
)

func defineWatchers(flags *flag.FlagSet) measurement {
	wanted := watching{}
	flags.IntVar(&wanted.executions, "executions", 1000, "executions of a turn")
	flags.IntVar(&wanted.length, "length", 20, "steps of an execution")
	flags.IntVar(&wanted.inFlight, "in-flight", 200, "executions at once")
	flags.IntVar(&wanted.watchers, "watchers", 100, "pages of the console that are open in every second turn")
	flags.IntVar(&wanted.lists, "lists", 20, "how many of them show the list of executions; the others show one execution each")
	flags.DurationVar(&wanted.stay, "stay", 15*time.Second, "how long a page shows an execution, before it shows another one")
	flags.BoolVar(&wanted.same, "same", false, "all pages show the same execution, and change at the same time")
	flags.IntVar(&wanted.turns, "turns", 3, "pairs of turns, without and with watchers")
	return func(ctx context.Context, s *session) error {
		err := errors.Join(
			within("executions", wanted.executions, 1, 1_000_000),
			within("length", wanted.length, 1, 5000),
			within("in-flight", wanted.inFlight, 1, 10_000),
			within("watchers", wanted.watchers, 1, 1000),
			within("lists", wanted.lists, 0, wanted.watchers),
			within("turns", wanted.turns, 1, 100))
		if err != nil {
			return err
		}
		return wanted.run(ctx, s)
	}
}

// watching compares what the server gets done without and with open pages of the console.
type watching struct {
	executions, length, inFlight, watchers, lists, turns int
	stay                                                 time.Duration
	same                                                 bool
}

// turn is what was done in one batch, and what it took.
type turn struct {
	perSecond float64
	cpu       time.Duration
}

func (w watching) run(ctx context.Context, s *session) error {
	ctx, stop := context.WithTimeout(ctx, s.options.timeout)
	defer stop()
	registered, err := s.prepare(ctx, s.client.chain(w.length, 0))
	if err != nil {
		return err
	}
	s.say("watchers: %d times %d executions of %d steps, %d at once, without and with %d open pages", w.turns, w.executions, w.length, w.inFlight, w.watchers)
	// The first pages load classes and are not yet compiled.
	if _, err := w.turn(ctx, s, registered, &audience{}); err != nil {
		return err
	}
	var without, with []turn
	var heard audience
	for range w.turns {
		alone, err := w.turn(ctx, s, registered, nil)
		if err != nil {
			return err
		}
		watched, err := w.turn(ctx, s, registered, &heard)
		if err != nil {
			return err
		}
		without, with = append(without, alone), append(with, watched)
	}
	measured := result{Scenario: "watchers", Parameters: map[string]any{"executions": w.executions, "length": w.length, "in flight": w.inFlight, "watchers": w.watchers, "lists": w.lists, "same": w.same}}
	perSecond := func(each turn) float64 { return each.perSecond }
	cpu := func(each turn) float64 { return each.cpu.Seconds() * 1000 / float64(w.executions*w.length) }
	measured.add("executions without watchers, median", median(without, perSecond), "/s")
	measured.add("executions with watchers, median", median(with, perSecond), "/s")
	measured.add("throughput that the watchers cost", 100*(1-median(with, perSecond)/median(without, perSecond)), "%")
	measured.add("CPU per task node without watchers, server and database", median(without, cpu), "ms")
	measured.add("CPU per task node with watchers, server and database", median(with, cpu), "ms")
	measured.add("events", float64(heard.events.Load())/float64(w.turns), "a turn")
	measured.add("received", float64(heard.bytes.Load())/float64(w.turns)/(1<<20), "MiB a turn")
	measured.add("pages of an execution", float64(heard.opened.Load())/float64(w.turns), "a turn")
	measured.add("readings of the list", float64(heard.lists.Load())/float64(w.turns), "a turn")
	measured.add("questions to be asked again", float64(heard.refused.Load())/float64(w.turns), "a turn")
	delays := heard.all()
	measured.addMilliseconds("step to event at the watcher, p50", quantile(delays, 0.5))
	measured.addMilliseconds("step to event at the watcher, p99", quantile(delays, 0.99))
	s.finish(measured)
	return heard.failure()
}

// turn runs a batch, with watchers if there is an audience.
func (w watching) turn(ctx context.Context, s *session, registered target, heard *audience) (turn, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var pages sync.WaitGroup
	defer pages.Wait()
	defer stop()
	wanted := batch{target: registered, executions: w.executions, inFlight: w.inFlight, prefix: s.nextPrefix()}
	var done outcome
	used, err := s.watched.during(func() (err error) {
		if heard != nil {
			newest := s.newestOf(ctx, &pages)
			for number := range w.watchers {
				opened := page{s.client, heard, &http.Client{Transport: &http.Transport{}}}
				pages.Go(func() {
					if number < w.lists {
						opened.showList(ctx)
						return
					}
					if !w.same {
						pause(ctx, w.stay*time.Duration(number)/time.Duration(w.watchers))
					}
					opened.showExecutions(ctx, newest, w.stay, w.same)
				})
			}
		}
		done, err = s.runBatch(ctx, wanted)
		return err
	})
	if err != nil {
		return turn{}, err
	}
	return turn{float64(w.executions) / done.elapsed().Seconds(), used.serverCPU() + used.databaseCPU()}, nil
}

// newestOf asks again and again for the name of the newest execution, as a person does who looks at the list.
func (s *session) newestOf(ctx context.Context, asking *sync.WaitGroup) *atomic.Pointer[string] {
	var newest atomic.Pointer[string]
	asking.Go(func() {
		for ctx.Err() == nil {
			found, err := s.client.newest(ctx)
			if err == nil {
				newest.Store(&found)
			}
			pause(ctx, 100*time.Millisecond)
		}
	})
	return &newest
}

// errBusy is the answer of a server that reads as much as it can.
var errBusy = errors.New("the server is busy")

// audience is what all watchers have heard.
type audience struct {
	events, bytes, opened, lists, refused atomic.Int64

	mutex  sync.Mutex
	delays []time.Duration
	failed error
}

func (a *audience) heard(delay time.Duration) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.delays = append(a.delays, delay)
}

// all are the times from a step to its event at a watcher.
func (a *audience) all() []time.Duration {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.delays
}

func (a *audience) fail(err error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.failed == nil {
		a.failed = err
	}
}

func (a *audience) failure() error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.failed
}

// page is one open page of the console: it asks for what the page in a browser asks for.
type page struct {
	client *client
	heard  *audience
	http   *http.Client
}

// showExecutions shows one execution after the other, the newest first.
func (p page) showExecutions(ctx context.Context, newest *atomic.Pointer[string], stay time.Duration, same bool) {
	defer p.http.CloseIdleConnections()
	for ctx.Err() == nil {
		name := newest.Load()
		if name == nil {
			pause(ctx, 10*time.Millisecond)
			continue
		}
		showing, leave := context.WithTimeout(ctx, untilNext(stay, same))
		err := p.showExecution(showing, *name)
		if err != nil && showing.Err() == nil {
			p.heard.fail(err)
		}
		<-showing.Done()
		leave()
	}
}

// untilNext is how long a page stays; pages that show the same execution change at the same time.
func untilNext(stay time.Duration, same bool) time.Duration {
	if !same {
		return stay
	}
	return time.Until(time.Now().Truncate(stay).Add(stay))
}

func (p page) showExecution(ctx context.Context, name string) error {
	path := fmt.Sprintf("/console/api/v1/executions/%s/%s/%s", url.PathEscape(p.client.project), url.PathEscape(p.client.domain), url.PathEscape(name))
	var columns struct {
		Seq      int64
		Accepted int64
	}
	if err := errors.Join(p.get(ctx, path, &columns), p.get(ctx, path+"/graph", nil)); err != nil {
		return err
	}
	p.heard.opened.Add(1)
	return p.listen(ctx, path+"/events?after="+strconv.FormatInt(columns.Seq, 10), func(kind, data string) error {
		if kind != "changes" {
			return nil
		}
		var changes struct {
			Rows []struct {
				Row     string
				Updated *int64
			}
		}
		if err := json.Unmarshal([]byte(data), &changes); err != nil {
			return fmt.Errorf("an event of %s: %w", name, err)
		}
		now := time.Now().UnixMicro()
		for _, row := range changes.Rows {
			if row.Row == "node" && row.Updated != nil {
				p.heard.heard(time.Duration(now-columns.Accepted-*row.Updated) * time.Microsecond)
			}
		}
		return nil
	})
}

// showList shows the newest executions, and reads them again when the server says that any have changed; after a
// reading it rests nine times as long.
func (p page) showList(ctx context.Context) {
	defer p.http.CloseIdleConnections()
	list := fmt.Sprintf("/api/v1/executions/%s/%s?limit=50&sort_by.key=created_at&sort_by.direction=DESCENDING", url.PathEscape(p.client.project), url.PathEscape(p.client.domain))
	var restUntil time.Time
	read := func(string, string) error {
		began := time.Now()
		if began.Before(restUntil) {
			return nil
		}
		p.heard.lists.Add(1)
		err := p.get(ctx, list, nil)
		took := time.Since(began)
		restUntil = began.Add(took + max(300*time.Millisecond, 9*took))
		return err
	}
	if err := errors.Join(read("", ""), p.listen(ctx, "/console/api/v1/changes", read)); err != nil && ctx.Err() == nil {
		p.heard.fail(err)
	}
}

// get reads JSON, compressed on the way; nil for an answer that is only read. A busy server is asked again.
func (p page) get(ctx context.Context, path string, into any) error {
	answer, err := p.request(ctx, path)
	for err != nil && errors.Is(err, errBusy) && ctx.Err() == nil {
		p.heard.refused.Add(1)
		pause(ctx, time.Second)
		answer, err = p.request(ctx, path)
	}
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func (p page) request(ctx context.Context, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.client.address+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := p.http.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		defer answer.Body.Close()
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 300))
		if answer.StatusCode == http.StatusTooManyRequests {
			return nil, fmt.Errorf("%s: %w: %s", path, errBusy, said)
		}
		return nil, fmt.Errorf("%s answers %s: %s", path, answer.Status, said)
	}
	return answer, nil
}

// listen calls for each server-sent event, until the context or the stream ends.
func (p page) listen(ctx context.Context, path string, tell func(kind, data string) error) error {
	answer, err := p.request(ctx, path)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 64<<20)
	kind, data := "", ""
	for lines.Scan() {
		line := lines.Text()
		p.heard.bytes.Add(int64(len(line)) + 1)
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "event":
			kind = value
		case "data":
			data = value
		case "":
			if kind != "" {
				p.heard.events.Add(1)
				if err := tell(kind, data); err != nil {
					return err
				}
			}
			kind, data = "", ""
		}
	}
	return lines.Err()
}

// newest is the name of the execution that was created last.
func (c *client) newest(ctx context.Context) (string, error) {
	found, err := c.admin.ListExecutions(ctx, &admin.ResourceListRequest{
		Id:     &admin.NamedEntityIdentifier{Project: c.project, Domain: c.domain},
		Limit:  1,
		SortBy: &admin.Sort{Key: "created_at", Direction: admin.Sort_DESCENDING},
	})
	if err != nil {
		return "", fmt.Errorf("ListExecutions: %w", err)
	}
	if len(found.GetExecutions()) == 0 {
		return "", errors.New("there is no execution")
	}
	return found.GetExecutions()[0].GetId().GetName(), nil
}

// median of a figure of the turns.
func median(turns []turn, of func(turn) float64) float64 {
	figures := make([]float64, 0, len(turns))
	for _, each := range turns {
		figures = append(figures, of(each))
	}
	slices.Sort(figures)
	middle := len(figures) / 2
	if len(figures)%2 == 1 {
		return figures[middle]
	}
	return (figures[middle-1] + figures[middle]) / 2
}
