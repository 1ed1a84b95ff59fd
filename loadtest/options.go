package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// options are what all scenarios have in common.
type options struct {
	endpoint  string
	start     string
	serverLog string
	data      string
	database  string
	serverPID int
	project   string
	domain    string
	json      string
	poll      time.Duration
	timeout   time.Duration
	warmUp    int
}

func defineOptions(flags *flag.FlagSet) *options {
	chosen := &options{}
	flags.StringVar(&chosen.endpoint, "endpoint", "127.0.0.1:30080", "the server's `HOST:PORT`, on this machine; those of several nodes are joined by commas, and called in turn")
	flags.StringVar(&chosen.start, "start", "", "a `COMMAND` that starts the server on a fixed port and prints 'ready URL'; it is started for the run, and stopped after it")
	flags.StringVar(&chosen.serverLog, "server-log", filepath.Join(os.TempDir(), "turboprop-loadtest-server.log"), "the `FILE` that the started server's log goes to")
	flags.StringVar(&chosen.data, "data", "", "the server's data `FOLDER`, or the one of its embedded PostgreSQL; for the floor and the database's CPU")
	flags.StringVar(&chosen.database, "database", "", "the `URL` of the server's PostgreSQL, with or without jdbc: before it, where it is not embedded")
	flags.IntVar(&chosen.serverPID, "server-pid", 0, "the server's process `ID`; 0 for the one that listens on the endpoint")
	flags.StringVar(&chosen.project, "project", "flytesnacks", "the project to register in")
	flags.StringVar(&chosen.domain, "domain", "development", "the domain to register in")
	flags.StringVar(&chosen.json, "json", "", "a `FILE` for the figures as JSON")
	flags.DurationVar(&chosen.poll, "poll", 20*time.Millisecond, "the pause between two questions which executions have ended")
	flags.DurationVar(&chosen.timeout, "timeout", 3*time.Minute, "the longest that one scenario may take")
	flags.IntVar(&chosen.warmUp, "warm-up", 2000, "unmeasured executions of ten steps at the beginning")
	return chosen
}

// loopbackAddresses are those of an endpoint, joined by commas.
func loopbackAddresses(endpoint string) ([]string, error) {
	var all []string
	for _, each := range names(endpoint) {
		address, err := loopbackAddress(each)
		if err != nil {
			return nil, err
		}
		all = append(all, address)
	}
	if len(all) == 0 {
		return nil, errors.New("--endpoint names no server")
	}
	return all, nil
}

// names are the parts of a list that is joined by commas.
func names(list string) []string {
	return strings.FieldsFunc(list, func(letter rune) bool { return letter == ',' })
}

// loopbackAddress is HOST:PORT of an address or URL. Anything but this machine is refused.
func loopbackAddress(endpoint string) (string, error) {
	address := endpoint
	if strings.Contains(endpoint, "://") {
		parsed, err := url.Parse(endpoint)
		if err != nil {
			return "", fmt.Errorf("endpoint %q: %w", endpoint, err)
		}
		address = parsed.Host
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("endpoint %q: %w", endpoint, err)
	}
	return address, requireLoopback(host)
}

func requireLoopback(host string) error {
	if host == "localhost" {
		return nil
	}
	if address := net.ParseIP(host); address != nil && address.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%q is not this machine: the load test only aims at 127.0.0.1, ::1 or localhost", host)
}

// within refuses a number outside its bounds, so that every run is bounded.
func within(name string, value, least, most int) error {
	if value < least || value > most {
		return fmt.Errorf("--%s must be from %d to %d, and is %d", name, least, most, value)
	}
	return nil
}
