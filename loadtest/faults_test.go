package main

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/admin"
	"github.com/flyteorg/flyte/flyteidl/gen/pb-go/flyteidl/core"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestFaultsAreChosenByName(t *testing.T) {
	chosen, err := selectFaults("kill-one,rolling", "rolling")
	if err != nil || len(chosen) != 1 || chosen[0].name != "kill-one" {
		t.Fatalf("chosen %v, %v", chosen, err)
	}
	if _, err := selectFaults("kill-nobody", ""); err == nil {
		t.Fatal("an unknown fault was accepted")
	}
}

func TestTwoRunsOfATaskAtOneTimeAreSeen(t *testing.T) {
	for content, failing := range map[string]bool{
		"a 10\na 20\nb 21\nb 30\n": false,
		"a 10\nb 15\na 20\nb 30\n": true,
		"a 10\nb 15\nb 16\na 20\n": true,
		"a 10\na 20\n":             false,
	} {
		load := &faultLoad{lives: t.TempDir()}
		if err := os.WriteFile(filepath.Join(load.lives, "f-p-1"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		err := load.checkLives([]*admin.Execution{named("f-p-1")})
		if (err != nil) != failing {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestATaskWithoutATraceIsAFailure(t *testing.T) {
	load := &faultLoad{lives: t.TempDir()}
	if load.checkLives([]*admin.Execution{named("f-p-1")}) == nil {
		t.Fatal("nobody has seen the task run")
	}
	if err := load.checkLives([]*admin.Execution{named("f-1")}); err != nil {
		t.Fatalf("an echo execution leaves no trace: %v", err)
	}
}

func TestTheLongestTimeWithoutProgressBeginsWithTheAcceptance(t *testing.T) {
	zero := time.Unix(1000, 0)
	execution := named("f-1")
	execution.Closure = &admin.ExecutionClosure{CreatedAt: timestamppb.New(zero)}
	for _, each := range []struct {
		ends    []time.Duration
		longest time.Duration
	}{
		{[]time.Duration{3 * time.Second, 4 * time.Second}, 3 * time.Second},
		{[]time.Duration{9 * time.Second, time.Second}, 8 * time.Second},
	} {
		var nodes []*admin.NodeExecution
		for _, end := range each.ends {
			nodes = append(nodes, &admin.NodeExecution{Closure: &admin.NodeExecutionClosure{
				StartedAt: timestamppb.New(zero), Duration: durationpb.New(end), UpdatedAt: timestamppb.New(zero.Add(end)),
			}})
		}
		if longest, _ := longestStall(execution, nodes); longest != each.longest {
			t.Errorf("%v: %s", each.ends, longest)
		}
	}
}

func TestEachFaultHasANameOfItsOwn(t *testing.T) {
	var all []string
	for _, each := range faults() {
		if slices.Contains(all, each.name) {
			t.Errorf("two faults are called %s", each.name)
		}
		all = append(all, each.name)
		if each.happen == nil || !slices.Contains(setups(), each.setup) {
			t.Errorf("%s would not be injected", each.name)
		}
	}
}

func TestARowThatIsSkippedHasNotFailed(t *testing.T) {
	row := faultRow{fault: "clock", failure: errors.Join(skipped("there is no libfaketime"), nil)}
	var printed strings.Builder
	row.print(&printed)
	if !row.isSkipped() || !strings.Contains(printed.String(), "skipped: there is no libfaketime") {
		t.Error(printed.String())
	}
	if (faultRow{failure: errors.New("lost")}).isSkipped() || (faultRow{}).isSkipped() {
		t.Error("a row without a reason is not skipped")
	}
}

func TestOnlyNodesWithAnAPIAreCalled(t *testing.T) {
	three := &cluster{members: []*member{{number: 1}, {number: 2}, {number: 3}}}
	if len(three.api()) != 3 {
		t.Error(three.api())
	}
	three.doors = []int{2}
	if found := three.api(); len(found) != 1 || found[0].number != 2 {
		t.Error(found)
	}
}

func named(name string) *admin.Execution {
	return &admin.Execution{Id: &core.WorkflowExecutionIdentifier{Name: name}}
}

func TestACutHoldsBackWhatIsSentUntilItIsHealed(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			connection, err := echo.Accept()
			if err != nil {
				return
			}
			go io.Copy(connection, connection)
		}
	}()
	between := newNetwork(t.TempDir())
	defer between.close()
	one := 1
	if err := between.relay(0, &one, databaseNumber, func() (string, error) { return echo.Addr().String(), nil }); err != nil {
		t.Fatal(err)
	}
	connection, err := net.Dial("tcp", between.relays[0].Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	exchange := func(within time.Duration) error {
		if _, err := connection.Write([]byte{7}); err != nil {
			return err
		}
		if err := connection.SetReadDeadline(time.Now().Add(within)); err != nil {
			return err
		}
		_, err := connection.Read(make([]byte, 1))
		return err
	}
	if err := exchange(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	between.cut(databaseNumber, 1)
	if exchange(100*time.Millisecond) == nil {
		t.Fatal("something came through the cut")
	}
	between.heal()
	if err := exchange(10 * time.Second); err != nil {
		t.Fatal(err)
	}
}
