package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
)

// session is one run of the load test against one server.
type session struct {
	options options
	// addresses are the APIs of the nodes of a cluster, or one address.
	addresses []string
	client    *client
	watched   watched
	database  *database
	server    *serverProcess
	// floor is what PostgreSQL alone does, once it has been measured.
	floor   *floor
	report  report
	out     io.Writer
	log     io.Writer
	batches int
	warm    bool
}

// openSession finds the server, or starts it, and warms it up.
func openSession(ctx context.Context, chosen options, out, log io.Writer) (*session, error) {
	addresses, err := loopbackAddresses(chosen.endpoint)
	if err != nil {
		return nil, err
	}
	if err := within("warm-up", chosen.warmUp, 0, 100_000); err != nil {
		return nil, err
	}
	opened := &session{options: chosen, out: out, log: log}
	if chosen.start != "" {
		started, err := startServer(ctx, chosen.start, chosen.serverLog)
		if err != nil {
			return nil, err
		}
		opened.server = started
		addresses = []string{started.address}
	}
	if err := opened.connect(ctx, addresses); err != nil {
		opened.close()
		return nil, err
	}
	opened.report = report{StartedAt: time.Now(), Endpoint: strings.Join(addresses, ","), Cores: runtime.NumCPU()}
	return opened, nil
}

func (s *session) connect(ctx context.Context, addresses []string) error {
	s.addresses = addresses
	connected, err := dial(addresses, place{s.options.project, s.options.domain})
	if err != nil {
		return err
	}
	s.client = connected
	limited, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if _, err := connected.admin.GetVersion(limited, &admin.GetVersionRequest{}); err != nil {
		return fmt.Errorf("no server answers at %s (start one with: deploy/turboprop dev): %w", strings.Join(addresses, ", "), err)
	}
	if err := s.findDatabase(); err != nil {
		return err
	}
	return s.findServers()
}

// findServers looks for the servers' processes, which are others after a restart.
func (s *session) findServers() error {
	s.watched.metrics, s.watched.servers = nil, nil
	for _, address := range s.addresses {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return err
		}
		s.watched.metrics = append(s.watched.metrics, "http://"+address+"/metrics")
		pid := s.options.serverPID
		if pid == 0 {
			if pid, err = listener(port); err != nil {
				return err
			}
		}
		s.watched.servers = append(s.watched.servers, pid)
	}
	return nil
}

// findDatabase reads the database's address and looks for its main process. Without an address there is no floor.
func (s *session) findDatabase() error {
	address := s.options.database
	if address == "" && s.options.data != "" {
		embedded, err := embeddedAddress(s.options.data)
		if err != nil {
			return fmt.Errorf("the database below %s: %w", s.options.data, err)
		}
		address = embedded
	}
	if address == "" {
		fmt.Fprintln(s.log, "neither --data nor --database: PostgreSQL is not measured")
		return nil
	}
	found, err := parseDatabase(address)
	if err != nil {
		return err
	}
	s.database = found
	s.watched.database, err = listener(strconv.Itoa(int(found.settings.Port)))
	return err
}

// warmUp runs some executions that are not measured.
func (s *session) warmUp(ctx context.Context) error {
	if s.warm || s.options.warmUp == 0 {
		return nil
	}
	fmt.Fprintf(s.log, "warming up: %d executions of ten steps\n", s.options.warmUp)
	registered, err := s.client.register(ctx, s.client.chain(10, 0))
	if err != nil {
		return err
	}
	_, err = s.runBatch(ctx, batch{target: registered, executions: s.options.warmUp, inFlight: min(100, s.options.warmUp)})
	s.warm = err == nil
	return err
}

// prepare warms the server up and registers a workflow.
func (s *session) prepare(ctx context.Context, wanted definition) (target, error) {
	if err := s.warmUp(ctx); err != nil {
		return target{}, err
	}
	return s.client.register(ctx, wanted)
}

// nextPrefix is a beginning for the names of a batch's executions that no other batch has.
func (s *session) nextPrefix() string {
	s.batches++
	return fmt.Sprintf("l%s-%d", strconv.FormatInt(s.report.StartedAt.UnixMilli(), 36), s.batches)
}

// finish prints a result and keeps it for the JSON file.
func (s *session) finish(measured result) {
	measured.print(s.out)
	s.report.Results = append(s.report.Results, measured)
}

func (s *session) writeJSON() error {
	if s.options.json == "" {
		return nil
	}
	return s.report.write(s.options.json)
}

func (s *session) close() {
	if s.client != nil {
		s.client.connection.Close()
	}
	if s.server != nil {
		s.server.stop(s.watched.servers[0])
	}
}

func runQuietly(name string, arguments ...string) error {
	output, err := exec.Command(name, arguments...).CombinedOutput()
	if err != nil {
		return errors.Join(err, errors.New(strings.TrimSpace(string(output))))
	}
	return nil
}
