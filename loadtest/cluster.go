package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cluster is a cluster on this machine, which deploy/cluster starts and stops.
type cluster struct {
	// script is deploy/cluster.
	script string
	data   string
	port   int
	// nodes is how many there are; one more may join later.
	nodes int
	// environment has further variables of the nodes.
	environment []string
	// settings are those of all nodes, in HOCON; own has further ones of single nodes, by number.
	settings string
	own      map[int]string
	// doors are the numbers of the nodes with an API; nil: all of them.
	doors []int
	// objects is the object store of the nodes; nil: a folder.
	objects *s3Server
	// network can cut nodes off from each other and from PostgreSQL.
	network *network
	// members are the nodes by number, the first has number 1.
	members []*member
}

// member is a node of the cluster and a connection to its API.
type member struct {
	number int
	client *client
}

// node is a line of "deploy/cluster ps".
type node struct {
	pid     int
	address string
	state   string
}

// start starts the nodes and connects to each.
func (c *cluster) start(ctx context.Context, at place) error {
	if err := os.MkdirAll(c.data, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.data, "cluster.conf"), []byte(c.settings), 0o600); err != nil {
		return err
	}
	for number := 1; number <= c.nodes+1; number++ {
		if err := c.network.layOut(number, c.port+number, c.own[number]); err != nil {
			return err
		}
	}
	if _, err := c.call(ctx, "up", "--nodes", strconv.Itoa(c.nodes)); err != nil {
		return err
	}
	running, err := c.running(ctx)
	if err != nil {
		return err
	}
	for number := 1; number <= c.nodes; number++ {
		if err := c.connect(number, running[number].address, at); err != nil {
			return err
		}
	}
	return nil
}

// api are the nodes whose API clients may call.
func (c *cluster) api() []*member {
	if c.doors == nil {
		return c.members
	}
	var found []*member
	for _, each := range c.members {
		if slices.Contains(c.doors, each.number) {
			found = append(found, each)
		}
	}
	return found
}

func (c *cluster) connect(number int, url string, at place) error {
	address, err := loopbackAddress(url)
	if err != nil {
		return fmt.Errorf("node %d: %w", number, err)
	}
	connected, err := dial([]string{address}, at)
	if err != nil {
		return err
	}
	c.members = append(c.members, &member{number, connected})
	return nil
}

// call runs a command of deploy/cluster on this cluster's data.
func (c *cluster) call(ctx context.Context, command string, arguments ...string) (string, error) {
	return c.callWith(ctx, nil, command, arguments...)
}

// callWith runs a command with further environment variables.
func (c *cluster) callWith(ctx context.Context, environment []string, command string, arguments ...string) (string, error) {
	limited, stop := context.WithTimeout(ctx, startLimit)
	defer stop()
	all := append([]string{command}, arguments...)
	all = append(all, "--data", c.data)
	if command == "up" {
		all = append(all, "--port", strconv.Itoa(c.port))
	}
	running := exec.CommandContext(limited, c.script, all...)
	running.Env = append(append(os.Environ(), c.environment...), environment...)
	var failure strings.Builder
	running.Stderr = &failure
	output, err := running.Output()
	if err != nil {
		return "", fmt.Errorf("deploy/cluster %s: %w: %s", strings.Join(all, " "), err, strings.TrimSpace(failure.String()))
	}
	return string(output), nil
}

// each runs a command for one node after the other.
func (c *cluster) each(ctx context.Context, command string, numbers ...int) error {
	for _, number := range numbers {
		if _, err := c.call(ctx, command, strconv.Itoa(number)); err != nil {
			return err
		}
	}
	return nil
}

// running reads "deploy/cluster ps": number, pid, address and state of each node.
func (c *cluster) running(ctx context.Context) (map[int]node, error) {
	output, err := c.call(ctx, "ps")
	if err != nil {
		return nil, err
	}
	found := make(map[int]node)
	lines := bufio.NewScanner(strings.NewReader(output))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 {
			continue
		}
		number, err := strconv.Atoi(fields[0])
		if err != nil {
			continue // a heading
		}
		pid, err := strconv.Atoi(fields[1])
		if err != nil {
			pid = 0
		}
		found[number] = node{pid, fields[2], fields[3]}
	}
	return found, nil
}

// pid is the process of a running node.
func (c *cluster) pid(ctx context.Context, number int) (int, error) {
	running, err := c.running(ctx)
	if err != nil {
		return 0, err
	}
	if running[number].pid == 0 {
		return 0, fmt.Errorf("node %d does not run", number)
	}
	return running[number].pid, nil
}

// awaitReady waits until all nodes are ready; those that are down are started.
func (c *cluster) awaitReady(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		running, err := c.running(ctx)
		if err != nil {
			return err
		}
		waiting := 0
		for _, each := range c.members {
			switch running[each.number].state {
			case "ready":
			case "down":
				if err := c.each(ctx, "start", each.number); err != nil {
					return err
				}
				waiting++
			default:
				waiting++
			}
		}
		if waiting == 0 {
			return nil
		}
		if attempt == 300 {
			return fmt.Errorf("%d nodes are not ready after a minute: %v", waiting, running)
		}
		pause(ctx, 200*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (c *cluster) down(ctx context.Context) error {
	for _, each := range c.members {
		each.client.connection.Close()
	}
	defer c.network.close()
	_, err := c.call(ctx, "down")
	return err
}
