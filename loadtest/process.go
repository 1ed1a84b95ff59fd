package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of CPU time in /proc on Linux (USER_HZ, 100 on every architecture).
const clockTick = 10 * time.Millisecond

// process is one line of the process table.
type process struct {
	pid    int
	parent int
	// cpu is what the process has used, and what those of its children that have ended had used.
	cpu time.Duration
}

// processTable reads all processes of the machine. One that ends meanwhile is left out.
func processTable() (map[int]process, error) {
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	table := make(map[int]process, len(paths))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if each, err := parseStat(string(content)); err == nil {
			table[each.pid] = each
		}
	}
	return table, nil
}

// parseStat reads a /proc/PID/stat: the name in brackets may itself hold brackets and spaces.
func parseStat(line string) (process, error) {
	open, closing := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
	if open < 0 || closing < open {
		return process{}, fmt.Errorf("not a process's stat: %q", line)
	}
	fields := strings.Fields(line[closing+1:])
	if len(fields) < 15 {
		return process{}, fmt.Errorf("a process's stat is too short: %q", line)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line[:open]))
	if err != nil {
		return process{}, err
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return process{}, err
	}
	var ticks int64
	for _, field := range fields[11:15] {
		value, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return process{}, err
		}
		ticks += value
	}
	return process{pid, parent, time.Duration(ticks) * clockTick}, nil
}

// tree is the process and all below it, except for the tree below another one.
func tree(table map[int]process, root, except int) []process {
	if _, present := table[root]; !present || root == except {
		return nil
	}
	children := make(map[int][]int)
	for pid, each := range table {
		children[each.parent] = append(children[each.parent], pid)
	}
	var found []process
	remaining := []int{root}
	for len(remaining) > 0 {
		pid := remaining[len(remaining)-1]
		remaining = remaining[:len(remaining)-1]
		if pid != except {
			found = append(found, table[pid])
			remaining = append(remaining, children[pid]...)
		}
	}
	return found
}

// listener is the process that listens on a TCP port of this machine; of several that share the socket, their parent.
func listener(port string) (int, error) {
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("port %q: %w", port, err)
	}
	sockets := make(map[string]bool)
	for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if err := listeningSockets(path, number, sockets); err != nil && !os.IsNotExist(err) {
			return 0, err
		}
	}
	table, err := processTable()
	if err != nil {
		return 0, err
	}
	holders := make(map[int]bool)
	for pid := range table {
		if holdsAny(pid, sockets) {
			holders[pid] = true
		}
	}
	for pid := range holders {
		if !holders[table[pid].parent] {
			return pid, nil
		}
	}
	return 0, fmt.Errorf("no process that this user may see listens on port %s", port)
}

// listeningSockets adds the names ("socket:[inode]") of the sockets that listen on the port.
func listeningSockets(path string, port uint64, sockets map[string]bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	const listening = "0A"
	suffix := fmt.Sprintf(":%04X", port)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) > 9 && fields[3] == listening && strings.HasSuffix(fields[1], suffix) {
			sockets["socket:["+fields[9]+"]"] = true
		}
	}
	return lines.Err()
}

func holdsAny(pid int, sockets map[string]bool) bool {
	descriptors, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		return false
	}
	for _, descriptor := range descriptors {
		if target, err := os.Readlink(descriptor); err == nil && sockets[target] {
			return true
		}
	}
	return false
}

// residentBytes is the resident set of the processes, each counted whole.
func residentBytes(processes []process) int64 {
	var sum int64
	for _, each := range processes {
		sum += memoryLine(fmt.Sprintf("/proc/%d/status", each.pid), "VmRSS:")
	}
	return sum
}

// proportionalBytes is the resident set of the processes, with shared pages counted once among those that share them.
func proportionalBytes(processes []process) int64 {
	var sum int64
	for _, each := range processes {
		sum += memoryLine(fmt.Sprintf("/proc/%d/smaps_rollup", each.pid), "Pss:")
	}
	return sum
}

// memoryLine is the named line of a file in kB, in bytes; 0 for a process that has ended.
func memoryLine(path, name string) int64 {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == name {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return kilobytes * 1024
		}
	}
	return 0
}
