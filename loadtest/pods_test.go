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
	watch := newPodWatch()
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

func TestAWatchThatIsTooOldListsAgainAndSaysSo(t *testing.T) {
	watch := newPodWatch()
	list := `{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"uid":"1","name":"e-n0-0","annotations":{"turboprop.io/attempt":"a/b/e/n0/0"}},"status":{"phase":"Running"}}]}`
	if err := watch.list([]byte(list), time.Unix(1, 0)); err != nil || watch.version != "7" || watch.gapsSoFar() != 0 {
		t.Fatalf("version %q, %d gaps, %v", watch.version, watch.gapsSoFar(), err)
	}
	watch.read(strings.NewReader(`{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}` + "\n"))
	if watch.version != "9" || watch.count() != 1 {
		t.Errorf("version %q, %d pods", watch.version, watch.count())
	}
	watch.read(strings.NewReader(`{"type":"ERROR","object":{"code":410}}` + "\n"))
	if watch.version != "" {
		t.Errorf("the watch goes on from %q", watch.version)
	}
	if err := watch.list([]byte(`{"metadata":{"resourceVersion":"20"},"items":[]}`), time.Unix(2, 0)); err != nil || watch.gapsSoFar() != 1 {
		t.Errorf("%d gaps, %v", watch.gapsSoFar(), err)
	}
	if pods := watch.of("e"); pods[0].gone != time.Unix(2, 0) {
		t.Errorf("seen as %+v", pods)
	}
}

func TestTheLagOfTheWatchIsThatOfTheProbe(t *testing.T) {
	watch := newPodWatch()
	watch.probed["1"] = time.Now().Add(-time.Minute)
	watch.read(strings.NewReader(`{"type":"MODIFIED","object":{"metadata":{"uid":"9","name":"loadtest-probe","annotations":{"turboprop.test/probe":"1"}}}}`))
	if len(watch.lags) != 1 || watch.lags[0].late < time.Minute || watch.count() != 0 {
		t.Errorf("lags %v, %d pods", watch.lags, watch.count())
	}
	lags := []lag{{time.Unix(1, 0), 5}, {time.Unix(3, 0), 9}, {time.Unix(5, 0), 2}}
	for at, wanted := range map[int64]time.Duration{0: 5, 2: 9, 4: 9, 6: 2} {
		if late := lagAt(lags, time.Unix(at, 0)); late != wanted {
			t.Errorf("late by %d at %d", late, at)
		}
	}
}

func TestRequestsOfTheEngineAreCountedByVerb(t *testing.T) {
	sent := parseEnginesRequests(`turboprop_kubernetes_requests_seconds_count{cluster="default",code="200",verb="list"} 5
turboprop_kubernetes_requests_seconds_sum{cluster="default",code="200",verb="list"} 3.67
turboprop_kubernetes_requests_seconds_count{cluster="default",code="201",verb="create"} 1.2E3
turboprop_kubernetes_requests_seconds_count{cluster="default",code="409",verb="create"} 1
`)
	if len(sent) != 2 || sent["list"] != 5 || sent["create"] != 1201 {
		t.Errorf("counted %v", sent)
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
	lags := []lag{{zero, 10 * time.Millisecond}}
	delays, err := delaysOf(pods, ends, lags)
	if err != nil || delays[0] != 110*time.Millisecond || delays[1] != 11*time.Millisecond || negative(delays) != 0 {
		t.Errorf("measured %v, %v", delays, err)
	}
	if rate := podsPerSecond(pods); rate != 2 {
		t.Errorf("%v pods a second", rate)
	}
	if _, err := delaysOf([]podSeen{{name: "x"}}, ends, lags); err == nil {
		t.Error("a pod that never succeeded was accepted")
	}
}
