package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

func TestPodScenariosAreChosenByName(t *testing.T) {
	chosen, err := selectPodScenarios(podScenariosOf(true), "map,kill", "kill")
	if err != nil || len(chosen) != 1 || chosen[0].name != "map" {
		t.Fatalf("chosen %v, %v", chosen, err)
	}
	if _, err := selectPodScenarios(podScenariosOf(false), "secret", ""); err == nil {
		t.Fatal("a scenario of real containers was accepted for simulated nodes")
	}
}

func TestASecretHasGroupKeyAndValue(t *testing.T) {
	var secrets secretList
	if err := secrets.Set("userdb/password=a=b/c"); err != nil || secrets[0] != "userdb/password=a=b/c" {
		t.Errorf("read as %v, %v", secrets, err)
	}
	for _, wrong := range []string{"password=a", "userdb/password", "/password=a", "userdb/=a"} {
		if secrets.Set(wrong) == nil {
			t.Errorf("%q was accepted", wrong)
		}
	}
}

func TestExportsOfACommandBecomeOurs(t *testing.T) {
	t.Setenv("LOADTEST_TRIED", "before")
	if err := adoptExports(context.Background(), `echo "export LOADTEST_TRIED='two words'"`, io.Discard); err != nil {
		t.Fatal(err)
	}
	if value := os.Getenv("LOADTEST_TRIED"); value != "two words" {
		t.Errorf("the variable is %q", value)
	}
	if adoptExports(context.Background(), "echo export LOADTEST_TRIED=x; exit 3", io.Discard) == nil {
		t.Error("a command that fails was accepted")
	}
}

const watchLines = `{"type":"ADDED","object":{"metadata":{"uid":"1","name":"e-n0-0","namespace":"a-b","annotations":{"turboprop.io/attempt":"a/b/e/n0/0"}},"status":{"phase":"Pending"}}}
{"type":"MODIFIED","object":{"metadata":{"uid":"1","name":"e-n0-0","namespace":"a-b"},"status":{"phase":"Running"}}}
{"type":"ADDED","object":{"metadata":{"uid":"2","name":"other-n0-0","annotations":{"turboprop.io/attempt":"a/b/other/n0/0"}},"status":{"phase":"Pending"}}}
{"type":"MODIFIED","object":{"metadata":{"uid":"1","name":"e-n0-0","namespace":"a-b","deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Running"}}}
{"type":"DELETED","object":{"metadata":{"uid":"1","name":"e-n0-0","namespace":"a-b"},"status":{"phase":"Running"}}}
{"type":"ERROR","object":{"code":410}}
`

func TestTheLifeOfAPodIsReadFromTheWatch(t *testing.T) {
	watch := &podWatch{pods: map[string]*podSeen{}}
	watch.read(strings.NewReader(watchLines))
	if watch.count() != 2 {
		t.Errorf("%d pods were seen", watch.count())
	}
	pods := watch.of("e")
	if len(pods) != 1 || !hasRun(pods[0]) || pods[0].deleting.IsZero() || pods[0].gone.IsZero() || !pods[0].isOver() {
		t.Errorf("seen as %+v", pods)
	}
	if other := watch.of("other"); other[0].isOver() || hasRun(other[0]) {
		t.Errorf("seen as %+v", other)
	}
}

func TestATaskWithTwoPodsIsSeen(t *testing.T) {
	first, again, other := podSeen{attempt: "a/b/e/n0/0"}, podSeen{attempt: "a/b/e/n0/1"}, podSeen{attempt: "a/b/e/n1/0"}
	if err := requireOnePodEach([]podSeen{first, other}, 2); err != nil {
		t.Error(err)
	}
	if requireOnePodEach([]podSeen{first, again}, 2) == nil {
		t.Error("a second attempt was accepted")
	}
	if requireOnePodEach([]podSeen{first}, 2) == nil {
		t.Error("a task without a pod was accepted")
	}
}

func TestRequestsForPodsAreCountedWithoutThoseOfTheirNodes(t *testing.T) {
	before := parseRequests(`apiserver_request_total{code="201",resource="pods",scope="resource",subresource="",verb="POST"} 3
`)
	after := parseRequests(`# HELP apiserver_request_total Counter
apiserver_request_total{code="201",resource="pods",scope="resource",subresource="",verb="POST"} 10
apiserver_request_total{code="409",resource="pods",scope="resource",subresource="",verb="POST"} 1
apiserver_request_total{code="200",resource="pods",scope="resource",subresource="status",verb="PATCH"} 70
apiserver_request_total{code="200",resource="nodes",scope="resource",subresource="",verb="GET"} 9
apiserver_request_duration_seconds_count{resource="pods",subresource="",verb="POST"} 5
`)
	grown := after.since(before)
	if len(grown) != 1 || grown["POST"] != 8 {
		t.Errorf("counted %v", grown)
	}
}

func TestTheTimeFromAPodsEndToItsNodesIsMeasured(t *testing.T) {
	zero := time.Unix(1000, 0)
	pods := []podSeen{
		{attempt: "a/b/e/n0/0", created: zero, phases: map[string]time.Time{"Succeeded": zero.Add(time.Second)}},
		{attempt: "a/b/f/n0/0", created: zero.Add(500 * time.Millisecond), phases: map[string]time.Time{"Succeeded": zero}},
	}
	ends := map[string]time.Time{"e": zero.Add(1100 * time.Millisecond), "f": zero.Add(time.Millisecond)}
	delays, err := delaysOf(pods, ends)
	if err != nil || delays[0] != 100*time.Millisecond || delays[1] != time.Millisecond {
		t.Errorf("measured %v, %v", delays, err)
	}
	if rate := podsPerSecond(pods); rate != 2 {
		t.Errorf("%v pods a second", rate)
	}
	if _, err := delaysOf([]podSeen{{name: "x"}}, ends); err == nil {
		t.Error("a pod that never succeeded was accepted")
	}
}
