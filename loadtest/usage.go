package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// watched are the processes whose CPU and memory are measured; 0 where one is unknown.
type watched struct {
	// servers are the nodes of a cluster, or one process.
	servers  []int
	database int
	metrics  []string
}

// sample is what the watched processes have used up to a moment, and hold at it.
type sample struct {
	at            time.Time
	serverCPU     time.Duration
	databaseCPU   time.Duration
	ownCPU        time.Duration
	serverBytes   int64
	databaseBytes int64
	// serverHeap is 0 where the server does not tell.
	serverHeap int64
	// databaseIsKnown is false where its processes are not watched.
	databaseIsKnown bool
}

func (w watched) sample() (sample, error) {
	table, err := processTable()
	if err != nil {
		return sample{}, err
	}
	var server []process
	for _, pid := range w.servers {
		found := tree(table, pid, w.database)
		if len(found) == 0 {
			return sample{}, fmt.Errorf("the server, process %d, is gone", pid)
		}
		server = append(server, found...)
	}
	database := tree(table, w.database, 0)
	return sample{
		at:              time.Now(),
		serverCPU:       cpu(server),
		databaseCPU:     cpu(database),
		ownCPU:          ownCPU(),
		serverBytes:     residentBytes(server),
		databaseBytes:   proportionalBytes(database),
		serverHeap:      heapOf(w.metrics),
		databaseIsKnown: len(database) > 0,
	}, nil
}

// span is what was used and held at the two ends of a measurement.
type span struct {
	before sample
	after  sample
}

// during takes samples around what is measured.
func (w watched) during(body func() error) (span, error) {
	before, err := w.sample()
	if err != nil {
		return span{}, err
	}
	if err := body(); err != nil {
		return span{}, err
	}
	after, err := w.sample()
	return span{before, after}, err
}

func (s span) serverCPU() time.Duration {
	return s.after.serverCPU - s.before.serverCPU
}

func (s span) databaseCPU() time.Duration {
	return s.after.databaseCPU - s.before.databaseCPU
}

func cpu(processes []process) time.Duration {
	var sum time.Duration
	for _, each := range processes {
		sum += each.cpu
	}
	return sum
}

func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// heapOf is the used heap of all servers.
func heapOf(pages []string) int64 {
	var sum int64
	for _, page := range pages {
		sum += heapBytes(page)
	}
	return sum
}

// heapBytes is the sum of jvm_memory_used_bytes{area="heap"} on a metrics page; 0 where it is not told.
func heapBytes(metrics string) int64 {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(metrics)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	var sum float64
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, "jvm_memory_used_bytes{") || !strings.Contains(line, `area="heap"`) {
			continue
		}
		fields := strings.Fields(line[strings.LastIndexByte(line, '}')+1:])
		if len(fields) > 0 {
			if value, err := strconv.ParseFloat(fields[0], 64); err == nil {
				sum += value
			}
		}
	}
	return int64(sum)
}

// collectGarbage asks each server.
func (w watched) collectGarbage() error {
	for _, pid := range w.servers {
		if err := collectGarbage(pid); err != nil {
			return err
		}
	}
	return nil
}

// collectGarbage asks the server's JVM for a full collection, with the jcmd of its own JDK.
func collectGarbage(server int) error {
	java, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", server))
	if err != nil {
		return err
	}
	return runQuietly(strings.TrimSuffix(java, "java")+"jcmd", strconv.Itoa(server), "GC.run")
}
