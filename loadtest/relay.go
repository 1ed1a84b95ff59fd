package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// databaseNumber is the number that stands for PostgreSQL among the numbers of nodes.
const databaseNumber = 0

// network is the network of a cluster on this machine: what nodes send each other and PostgreSQL goes through relays,
// which hold back what crosses a cut, as a network does that loses packets: connections stay open, nothing arrives.
type network struct {
	data string
	// relays are closed at the end.
	relays []net.Listener
	mutex  sync.Mutex
	healed *sync.Cond
	// isCut tells which pairs of nodes can't reach each other.
	isCut map[[2]int]bool
}

func newNetwork(data string) *network {
	made := &network{data: data, isCut: make(map[[2]int]bool)}
	made.healed = sync.NewCond(&made.mutex)
	return made
}

// cut parts two nodes in both directions.
func (n *network) cut(one, other int) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.isCut[[2]int{one, other}], n.isCut[[2]int{other, one}] = true, true
}

// heal lets everything through again, also what was held back.
func (n *network) heal() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	clear(n.isCut)
	n.healed.Broadcast()
}

// await returns once the two can reach each other.
func (n *network) await(from, to int) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for n.isCut[[2]int{from, to}] {
		n.healed.Wait()
	}
}

func (n *network) close() {
	n.heal()
	for _, each := range n.relays {
		each.Close()
	}
}

// relay takes connections on a port of loopback, and passes on what belongs to them. The node that connects is found by
// its process where it is not given.
func (n *network) relay(port int, from *int, to int, target func() (string, error)) error {
	listening, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	n.relays = append(n.relays, listening)
	go func() {
		for {
			connection, err := listening.Accept()
			if err != nil {
				return // closed at the end
			}
			go n.pass(connection, from, to, target)
		}
	}()
	return nil
}

func (n *network) pass(connection net.Conn, from *int, to int, target func() (string, error)) {
	defer connection.Close()
	source := -1
	if from != nil {
		source = *from
	} else if found, err := n.nodeAt(connection.RemoteAddr()); err == nil {
		source = found
	}
	n.await(source, to)
	address, err := target()
	if err != nil {
		return // as if nothing listened there
	}
	onward, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer onward.Close()
	ended := make(chan struct{}, 2)
	go n.copy(onward, connection, source, to, ended)
	go n.copy(connection, onward, to, source, ended)
	<-ended
}

// copy ends with the connection of either side.
func (n *network) copy(into io.Writer, out io.Reader, from, to int, ended chan<- struct{}) {
	defer func() { ended <- struct{}{} }()
	buffer := make([]byte, 64<<10)
	for {
		count, err := out.Read(buffer)
		n.await(from, to)
		if count > 0 {
			if _, err := into.Write(buffer[:count]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// nodeAt is the number of the node whose process has the socket at an address.
func (n *network) nodeAt(address net.Addr) (int, error) {
	_, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return 0, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, err
	}
	sockets := make(map[string]bool)
	for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if err := establishedSockets(path, number, sockets); err != nil && !os.IsNotExist(err) {
			return 0, err
		}
	}
	files, err := filepath.Glob(filepath.Join(n.data, "node-*", "pid"))
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a node that is being started
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			continue
		}
		if holdsAny(pid, sockets) {
			return strconv.Atoi(strings.TrimPrefix(filepath.Base(filepath.Dir(file)), "node-"))
		}
	}
	return 0, fmt.Errorf("no node of %s has the port %s", n.data, port)
}

// establishedSockets adds the names ("socket:[inode]") of the sockets that are connected from the port.
func establishedSockets(path string, port uint64, sockets map[string]bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	const established = "01"
	suffix := fmt.Sprintf(":%04X", port)
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) > 9 && fields[3] == established && strings.HasSuffix(fields[1], suffix) {
			sockets["socket:["+fields[9]+"]"] = true
		}
	}
	return lines.Err()
}

// layOut opens the relays of a node and writes its settings, so that it uses them and is reached through them.
func (n *network) layOut(number, port int, further string) error {
	const remoting, behind, stored = 1000, -5000, -7000 // from the port of the API: where deploy/cluster has it, then ours
	folder := filepath.Join(n.data, fmt.Sprintf("node-%d", number))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	settings := fmt.Sprintf(`# Written by loadtest/faults, which can cut the node off.
pekko.remote.artery.bind { hostname = "127.0.0.1", port = %d }
turboprop.store.external.url = "jdbc:postgresql://127.0.0.1:%d/postgres"
%s`, port+behind, port+stored, further)
	if err := os.WriteFile(filepath.Join(folder, "own.conf"), []byte(settings), 0o644); err != nil {
		return err
	}
	return errors.Join(
		n.relay(port+remoting, nil, number, func() (string, error) {
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(port+behind)), nil
		}),
		n.relay(port+stored, &number, databaseNumber, n.databaseAddress))
}

// databaseAddress is where PostgreSQL listens now; it may be another port after a restart.
func (n *network) databaseAddress() (string, error) {
	url, err := embeddedAddress(n.data)
	if err != nil {
		return "", err
	}
	found, err := parseDatabase(url)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(found.settings.Host, strconv.Itoa(int(found.settings.Port))), nil
}
