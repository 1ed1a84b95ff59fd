package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// stubAddress in the environment makes the test program a server.
const stubAddress = "LOADTEST_STUB_ADDRESS"

func TestMain(m *testing.M) {
	if address := os.Getenv(stubAddress); address != "" {
		if err := serveStubForEver(address, 3); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// runScenario runs the program's command line, and gives back the figures from its JSON file by their names.
func runScenario(t *testing.T, arguments ...string) (map[string]float64, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "figures.json")
	err := run(context.Background(), append(arguments, "--json", file, "--poll", "2ms", "--timeout", "20s"), io.Discard, t.Output())
	content, missing := os.ReadFile(file)
	if missing != nil {
		return nil, err
	}
	var written report
	if err := json.Unmarshal(content, &written); err != nil {
		t.Fatal(err)
	}
	figures := map[string]float64{}
	for _, each := range written.Results {
		for _, figure := range each.Figures {
			figures[figure.Name] = figure.Value
		}
	}
	return figures, err
}

func requireBetween(t *testing.T, figures map[string]float64, name string, least, most float64) {
	t.Helper()
	value, found := figures[name]
	if !found || value < least || value > most {
		t.Errorf("%s is %v (found: %v), and should be from %v to %v", name, value, found, least, most)
	}
}

func TestAChainTellsTheTimeOfAStep(t *testing.T) {
	address := serveStub(t, newStubServer())
	figures, err := runScenario(t, "chain", "--endpoint", address, "--length", "5", "--executions", "3", "--warm-up", "4")
	if err != nil {
		t.Fatal(err)
	}
	requireBetween(t, figures, "step (from end to end), p50", 1, 1)
	requireBetween(t, figures, "step (from end to end), p99", 1, 1)
	requireBetween(t, figures, "execution from created to ended, p50", 5, 5)
}

func TestSignalTellsHowSoonItIsAnswered(t *testing.T) {
	address := serveStub(t, newStubServer())
	figures, err := runScenario(t, "signal", "--endpoint", address, "--executions", "50", "--signals", "5", "--warm-up", "0")
	if err != nil {
		t.Fatal(err)
	}
	requireBetween(t, figures, "signal to the end of the execution, p50", 1, 500)
	requireBetween(t, figures, "signal to answer, p50", 0, 500)
}

func TestManyTellsTheTaskNodesOfASecond(t *testing.T) {
	address := serveStub(t, newStubServer())
	figures, err := runScenario(t, "many", "--endpoint", address, "--executions", "300", "--length", "10", "--in-flight", "100", "--warm-up", "0")
	if err != nil {
		t.Fatal(err)
	}
	// At 10 ms an execution and 100 at once there are 100,000 a second at most.
	requireBetween(t, figures, "task nodes", 1000, 100_000)
	requireBetween(t, figures, "node transitions", 2000, 200_000)
}

func TestAFanOutTellsTheTimeOfTheWhole(t *testing.T) {
	address := serveStub(t, newStubServer())
	figures, err := runScenario(t, "fanout", "--endpoint", address, "--width", "20", "--executions", "2", "--warm-up", "0")
	if err != nil {
		t.Fatal(err)
	}
	requireBetween(t, figures, "elapsed, from request to end, p50", 0.022, 0.2)
}

func TestAMapIsCheckedAndTellsTheTimeOfTheWhole(t *testing.T) {
	address := serveStub(t, newStubServer())
	figures, err := runScenario(t, "map", "--endpoint", address, "--size", "50", "--executions", "2", "--warm-up", "0")
	if err != nil {
		t.Fatal(err)
	}
	requireBetween(t, figures, "elapsed, from request to end, p50", 0.001, 0.2)
}

func TestSubmitSendsEveryRequest(t *testing.T) {
	address := serveStub(t, newStubServer())
	figures, err := runScenario(t, "submit", "--endpoint", address, "--rate", "50", "--seconds", "1", "--warm-up", "0")
	if err != nil {
		t.Fatal(err)
	}
	requireBetween(t, figures, "request to first node done, p50", 1, 50)
}

func TestWaitingLooksAtTheMemoryWhileAllSleep(t *testing.T) {
	address := serveStub(t, newStubServer())
	figures, err := runScenario(t, "waiting", "--endpoint", address, "--executions", "600", "--sleep", "2s", "--warm-up", "0")
	if err != nil {
		t.Fatal(err)
	}
	requireBetween(t, figures, "until all of them slept", 0.001, 1.5)
	requireBetween(t, figures, "execution longer than its sleep, p50", 1, 1)
}

func TestAKilledServerIsStartedAgainAndItsExecutionsAreChecked(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := fmt.Sprintf("env %s=127.0.0.1:%d %s", stubAddress, freePort(t), program)
	log := filepath.Join(t.TempDir(), "server.log")
	figures, err := runScenario(t, "kill", "--start", start, "--server-log", log, "--executions", "20", "--length", "3", "--sleep", "50ms", "--warm-up", "0")
	if err != nil {
		t.Fatal(err)
	}
	requireBetween(t, figures, "executions that succeeded", 20, 20)
	requireBetween(t, figures, "steps that succeeded exactly once", 60, 60)
	requireBetween(t, figures, "start of the process to all done", 0.001, 10)
}

func TestAnExecutionThatFailsIsNamed(t *testing.T) {
	stub := newStubServer()
	address := serveStub(t, stub)
	session := &session{options: options{poll: 1000000}, log: io.Discard}
	client, err := dial([]string{address}, place{"flytesnacks", "development"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.connection.Close()
	session.client = client
	registered, err := client.register(context.Background(), client.chain(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	stub.failing = "x-2"
	_, err = session.runBatch(context.Background(), batch{target: registered, executions: 3, inFlight: 3, prefix: "x"})
	if err == nil || !strings.Contains(err.Error(), "x-2 is FAILED") {
		t.Errorf("the error is %v", err)
	}
}

func TestOnlyThisMachineIsATarget(t *testing.T) {
	for endpoint, allowed := range map[string]bool{
		"127.0.0.1:80": true, "localhost:1": true, "[::1]:80": true, "http://127.0.0.1:30080": true,
		"10.0.0.1:80": false, "example.com:80": false, "0.0.0.0:80": false, "127.0.0.1": false,
	} {
		if _, err := loopbackAddress(endpoint); (err == nil) != allowed {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	if _, err := parseDatabase("jdbc:postgresql://10.0.0.1:5432/postgres"); err == nil {
		t.Error("a database elsewhere was accepted")
	}
}

func TestTheJDBCFormOfADatabaseAddressIsRead(t *testing.T) {
	found, err := parseDatabase("jdbc:postgresql://localhost:5433/postgres?user=postgres&password=a&reWriteBatchedInserts=true")
	if err != nil {
		t.Fatal(err)
	}
	if found.settings.Port != 5433 || found.settings.User != "postgres" || len(found.settings.RuntimeParams) != 0 {
		t.Errorf("read as port %d, user %s, %v", found.settings.Port, found.settings.User, found.settings.RuntimeParams)
	}
}

func TestTheListenerOfAPortIsFound(t *testing.T) {
	listening, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listening.Close()
	pid, err := listener(strconv.Itoa(listening.Addr().(*net.TCPAddr).Port))
	if err != nil || pid != os.Getpid() {
		t.Errorf("found %d (%v) and not %d", pid, err, os.Getpid())
	}
}

func TestANameWithBracketsDoesNotHideAProcessesTimes(t *testing.T) {
	read, err := parseStat("7 (a (b) c) S 3 7 7 0 -1 4194304 100 0 0 0 10 20 30 40 20 0 1")
	if err != nil || read.pid != 7 || read.parent != 3 || read.cpu != 100*clockTick {
		t.Errorf("read as %+v (%v)", read, err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listening, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listening.Close()
	return listening.Addr().(*net.TCPAddr).Port
}

func TestAPageHearsServerSentEvents(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(writer, "retry: 500\n\nid: 7\nevent: changes\ndata: {\"rows\":[]}\n\nevent: beat\ndata: \n\n")
	}))
	defer server.Close()
	opened := page{&client{address: strings.TrimPrefix(server.URL, "http://")}, &audience{}, server.Client()}
	var told []string
	err := opened.listen(t.Context(), "/", func(kind, data string) error {
		told = append(told, kind+" "+data)
		return nil
	})
	if err != nil || !slices.Equal(told, []string{`changes {"rows":[]}`, "beat "}) {
		t.Errorf("told %q: %v", told, err)
	}
}
