package main

import (
	"context"
	"errors"
	"flag"
	"time"
)

// floorTable is made for the measurement and dropped after it.
const floorTable = "loadtest_floor"

// floor is what PostgreSQL does by itself.
type floor struct {
	commitsPerSecond float64
	commit           time.Duration
}

func defineFloor(flags *flag.FlagSet) measurement {
	connections := flags.Int("connections", 8, "connections at once, as many as the server's pool has")
	length := flags.Duration("length", 3*time.Second, "how long each of the two parts takes")
	return func(ctx context.Context, s *session) error {
		if err := errors.Join(within("connections", *connections, 1, 64), within("length", int(length.Seconds()), 1, 60)); err != nil {
			return err
		}
		if s.database == nil {
			return errors.New("the floor needs --data or --database")
		}
		return floorOf(*connections, *length)(ctx, s)
	}
}

// floorOf inserts single rows, each in its own transaction: over one connection, then over as many as the pool has.
func floorOf(connections int, length time.Duration) measurement {
	return func(ctx context.Context, s *session) error {
		s.say("floor: single-row commits for twice %s", length)
		const create = "create table if not exists " + floorTable + " (id bigserial primary key, content bytea not null)"
		if err := s.database.execute(ctx, create); err != nil {
			return err
		}
		alone, err := s.database.commits(ctx, 1, length)
		if err != nil {
			return err
		}
		var together []time.Duration
		used, err := s.watched.during(func() (err error) {
			together, err = s.database.commits(ctx, connections, length)
			return err
		})
		if err != nil {
			return err
		}
		s.floor = &floor{float64(len(together)) / length.Seconds(), quantile(alone, 0.5)}
		measured := result{Scenario: "floor", Parameters: map[string]any{"connections": connections, "length": length.String()}}
		measured.addMilliseconds("a commit over one connection, p50", s.floor.commit)
		measured.addMilliseconds("a commit over one connection, p99", quantile(alone, 0.99))
		measured.add("commits over one connection", float64(len(alone))/length.Seconds(), "/s")
		measured.add("commits over all connections", s.floor.commitsPerSecond, "/s")
		measured.addMilliseconds("CPU of the database per commit", used.databaseCPU()/time.Duration(max(len(together), 1)))
		s.finish(measured)
		return s.database.execute(ctx, "drop table "+floorTable)
	}
}

// addRateToFloor adds how many task nodes there are for each commit of the floor.
func (s *session) addRateToFloor(measured *result, perSecond float64) {
	if s.floor != nil {
		measured.add("task nodes for each single-row commit of the floor", perSecond/s.floor.commitsPerSecond, "")
	}
}

// addTimeToFloor adds how long a step is in commits of the floor.
func (s *session) addTimeToFloor(measured *result, step time.Duration) {
	if s.floor != nil {
		measured.add("step, p50, in commits of the floor", float64(step)/float64(s.floor.commit), "")
	}
}
