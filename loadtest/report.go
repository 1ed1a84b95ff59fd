package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"time"
)

// figure is one measured number.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// result is what one scenario has measured, in the order in which it is printed.
type result struct {
	Scenario   string         `json:"scenario"`
	Parameters map[string]any `json:"parameters"`
	Figures    []figure       `json:"figures"`
}

func (r *result) add(name string, value float64, unit string) {
	r.Figures = append(r.Figures, figure{name, value, unit})
}

func (r *result) addMilliseconds(name string, value time.Duration) {
	r.add(name, float64(value)/float64(time.Millisecond), "ms")
}

func (r *result) addSeconds(name string, value time.Duration) {
	r.add(name, value.Seconds(), "s")
}

func (r *result) addMebibytes(name string, bytes int64) {
	r.add(name, float64(bytes)/(1<<20), "MiB")
}

// addUsage adds the CPU used in a span, spread over the task nodes (0 for none), and the memory at its end.
func (r *result) addUsage(used span, taskNodes int) {
	r.addSeconds("CPU of the server", used.serverCPU())
	if used.after.databaseIsKnown {
		r.addSeconds("CPU of the database", used.databaseCPU())
	}
	r.addSeconds("CPU of the load generator", used.after.ownCPU-used.before.ownCPU)
	if taskNodes > 0 && used.after.databaseIsKnown {
		r.addMilliseconds("CPU per task node, server and database", (used.serverCPU()+used.databaseCPU())/time.Duration(taskNodes))
	}
	r.addMemory(used.after)
}

func (r *result) addMemory(at sample) {
	r.addMebibytes("RSS of the server", at.serverBytes)
	if at.databaseIsKnown {
		r.addMebibytes("PSS of the database", at.databaseBytes)
	}
	if at.serverHeap > 0 {
		r.addMebibytes("heap of the server, used", at.serverHeap)
	}
}

func (r *result) print(out io.Writer) {
	fmt.Fprintf(out, "%s", r.Scenario)
	separator := "  "
	for _, name := range sortedKeys(r.Parameters) {
		fmt.Fprintf(out, "%s%s %v", separator, name, r.Parameters[name])
		separator = ", "
	}
	fmt.Fprintln(out)
	for _, each := range r.Figures {
		fmt.Fprintf(out, "  %-48s %12s %s\n", each.Name, readable(each.Value), each.Unit)
	}
	fmt.Fprintln(out)
}

// readable has three significant digits, or all digits before the point.
func readable(value float64) string {
	digits := 2
	switch size := math.Abs(value); {
	case size == math.Trunc(size) || size >= 100:
		digits = 0
	case size >= 10:
		digits = 1
	case size < 1:
		digits = 3
	}
	return fmt.Sprintf("%.*f", digits, value)
}

func sortedKeys(values map[string]any) []string {
	var keys []string
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// report is the whole of a run, as it is written to the JSON file.
type report struct {
	StartedAt time.Time `json:"startedAt"`
	Endpoint  string    `json:"endpoint"`
	Cores     int       `json:"cores"`
	Results   []result  `json:"results"`
}

func (r *report) write(path string) error {
	content, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(content, '\n'), 0o644)
}

// quantile is the value below which the given share of the values lies (nearest rank); 0 of none.
func quantile(values []time.Duration, share float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	ordered := slices.Clone(values)
	slices.Sort(ordered)
	rank := int(math.Ceil(share*float64(len(ordered)))) - 1
	return ordered[min(max(rank, 0), len(ordered)-1)]
}
