package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// database is the server's PostgreSQL.
type database struct {
	settings *pgx.ConnConfig
}

// parseDatabase reads a PostgreSQL URL, or the JDBC form of one. Settings that only a JDBC driver knows are left out.
func parseDatabase(address string) (*database, error) {
	parsed, err := url.Parse(strings.TrimPrefix(address, "jdbc:"))
	if err != nil {
		return nil, fmt.Errorf("the database's address: %w", err)
	}
	if err := requireLoopback(parsed.Hostname()); err != nil {
		return nil, err
	}
	kept := url.Values{}
	for _, name := range []string{"user", "password"} {
		if value := parsed.Query().Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	kept.Set("sslmode", "disable")
	parsed.RawQuery = kept.Encode()
	settings, err := pgx.ParseConfig(parsed.String())
	if err != nil {
		return nil, fmt.Errorf("the database's address: %w", err)
	}
	return &database{settings}, nil
}

// embeddedAddress is the URL of the PostgreSQL that a server has started in a folder, or in one directly below it: the
// port stands in the fourth line of PostgreSQL's own postmaster.pid, the password in a file beside the data.
func embeddedAddress(folder string) (string, error) {
	var found []string
	for _, pattern := range []string{"", "*"} {
		paths, err := filepath.Glob(filepath.Join(folder, pattern, "pgdata", "postmaster.pid"))
		if err != nil {
			return "", err
		}
		found = append(found, paths...)
	}
	if len(found) != 1 {
		return "", fmt.Errorf("expected one running PostgreSQL (pgdata/postmaster.pid), found %d", len(found))
	}
	state, err := os.ReadFile(found[0])
	if err != nil {
		return "", err
	}
	lines := strings.Split(string(state), "\n")
	if len(lines) < 4 {
		return "", fmt.Errorf("%s has no port: PostgreSQL is starting", found[0])
	}
	password, err := os.ReadFile(filepath.Join(filepath.Dir(found[0]), "..", "password"))
	if err != nil {
		return "", err
	}
	address := url.URL{
		Scheme: "postgresql",
		User:   url.UserPassword("turboprop", strings.TrimSpace(string(password))),
		Host:   net.JoinHostPort("127.0.0.1", strings.TrimSpace(lines[3])),
		Path:   "postgres",
	}
	return address.String(), nil
}

func (d *database) execute(ctx context.Context, statement string) error {
	connection, err := pgx.ConnectConfig(ctx, d.settings)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	_, err = connection.Exec(ctx, statement)
	return err
}

// commits inserts rows for so long, and says how long each took.
func (d *database) commits(ctx context.Context, connections int, length time.Duration) ([]time.Duration, error) {
	lengths := make([][]time.Duration, connections)
	failures := make([]error, connections)
	end := time.Now().Add(length)
	var workers sync.WaitGroup
	for index := range connections {
		workers.Go(func() { lengths[index], failures[index] = d.commitUntil(ctx, end) })
	}
	workers.Wait()
	var all []time.Duration
	for _, each := range lengths {
		all = append(all, each...)
	}
	return all, errors.Join(failures...)
}

func (d *database) commitUntil(ctx context.Context, end time.Time) ([]time.Duration, error) {
	connection, err := pgx.ConnectConfig(ctx, d.settings)
	if err != nil {
		return nil, err
	}
	defer connection.Close(ctx)
	content := make([]byte, 200)
	var lengths []time.Duration
	for began := time.Now(); began.Before(end); began = time.Now() {
		if _, err := connection.Exec(ctx, "insert into "+floorTable+" (content) values ($1)", content); err != nil {
			return nil, err
		}
		lengths = append(lengths, time.Since(began))
	}
	return lengths, nil
}
