package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// watchedPods are those of the engine, in all namespaces.
const watchedPods = "/api/v1/pods?labelSelector=turboprop.io%2Finstallation"

// attemptAnnotation says to which attempt a pod belongs, as PROJECT/DOMAIN/EXECUTION/NODE/ATTEMPT.
const attemptAnnotation = "turboprop.io/attempt"

// podSeen is what the watch has told of one pod. Times are those at which this program heard of it.
type podSeen struct {
	uid       string
	namespace string
	name      string
	attempt   string
	created   time.Time
	// phases are when each phase was first seen.
	phases map[string]time.Time
	// deleting and gone are zero for a pod that nothing has deleted.
	deleting time.Time
	gone     time.Time
}

func (p podSeen) execution() string {
	if parts := strings.Split(p.attempt, "/"); len(parts) == 5 {
		return parts[2]
	}
	return ""
}

// isOver tells whether none of its containers runs, or will.
func (p podSeen) isOver() bool {
	_, succeeded := p.phases["Succeeded"]
	_, failed := p.phases["Failed"]
	return succeeded || failed || !p.gone.IsZero()
}

// podWatch listens to all changes of the engine's pods, from the API server itself.
type podWatch struct {
	mutex sync.Mutex
	// pods are those ever seen, by their uid.
	pods map[string]*podSeen
	// version is that of the last change; empty before the pods are listed.
	version string
	// gaps counts the lists after the first: pods that came and went before such a list were not seen.
	gaps  int
	lists int
	// probed are when changes to the probe were asked for, by number, and lags are those that the watch has told.
	probed map[string]time.Time
	lags   []lag
	end    context.CancelFunc
}

// watchPods lists the pods and begins to listen. After an outage of the API server it goes on from the last change.
func watchPods(ctx context.Context) *podWatch {
	ctx, end := context.WithCancel(ctx)
	watch := newPodWatch()
	watch.end = end
	go func() {
		for ctx.Err() == nil {
			watch.listen(ctx)
			pause(ctx, 200*time.Millisecond)
		}
	}()
	return watch
}

func newPodWatch() *podWatch {
	return &podWatch{pods: map[string]*podSeen{}, probed: map[string]time.Time{}}
}

func (w *podWatch) stop() { w.end() }

func (w *podWatch) listen(ctx context.Context) {
	if w.version == "" {
		output, err := exec.CommandContext(ctx, "kubectl", "get", "--raw", watchedPods).Output()
		if err != nil || w.list(output, time.Now()) != nil {
			return
		}
	}
	kubectl := exec.CommandContext(ctx, "kubectl", "get", "--raw",
		watchedPods+"&watch=true&allowWatchBookmarks=true&resourceVersion="+w.version)
	output, err := kubectl.StdoutPipe()
	if err != nil || kubectl.Start() != nil {
		return
	}
	w.read(output)
	_ = kubectl.Wait() // a watch that ended is begun again, for whatever reason
}

// podObject is what is read of a pod.
type podObject struct {
	Metadata struct {
		UID               string            `json:"uid"`
		Name              string            `json:"name"`
		Namespace         string            `json:"namespace"`
		ResourceVersion   string            `json:"resourceVersion"`
		Annotations       map[string]string `json:"annotations"`
		DeletionTimestamp string            `json:"deletionTimestamp"`
	} `json:"metadata"`
	Status struct {
		Phase string `json:"phase"`
	} `json:"status"`
}

// podChange is a line of a watch.
type podChange struct {
	Type   string    `json:"type"`
	Object podObject `json:"object"`
}

// list learns of all pods that are there. Those that were known and are not there have gone.
func (w *podWatch) list(document []byte, now time.Time) error {
	var list struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
		Items []podObject `json:"items"`
	}
	if err := json.Unmarshal(document, &list); err != nil {
		return err
	}
	there := map[string]bool{}
	for _, pod := range list.Items {
		there[pod.Metadata.UID] = true
		w.learn(podChange{Type: "ADDED", Object: pod}, now)
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for uid, pod := range w.pods {
		if !there[uid] && pod.gone.IsZero() {
			pod.gone = now
		}
	}
	w.version = list.Metadata.ResourceVersion
	w.lists++
	if w.lists > 1 {
		w.gaps++
	}
	return nil
}

// gapsSoFar is how often pods may have come and gone unseen.
func (w *podWatch) gapsSoFar() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.gaps
}

func (w *podWatch) read(lines io.Reader) {
	decoder := json.NewDecoder(lines)
	for {
		var change podChange
		if decoder.Decode(&change) != nil {
			return
		}
		if change.Type == "ERROR" {
			w.version = "" // too old: all pods are listed again
			return
		}
		if change.Type != "BOOKMARK" {
			w.learn(change, time.Now())
		}
		w.version = change.Object.Metadata.ResourceVersion
	}
}

func (w *podWatch) learn(change podChange, now time.Time) {
	metadata := change.Object.Metadata
	if metadata.UID == "" {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if metadata.Name == probeName {
		w.learnLag(metadata.Annotations[probeAnnotation], now)
		return
	}
	pod, known := w.pods[metadata.UID]
	if !known {
		pod = &podSeen{uid: metadata.UID, namespace: metadata.Namespace, name: metadata.Name,
			attempt: metadata.Annotations[attemptAnnotation], created: now, phases: map[string]time.Time{}}
		w.pods[metadata.UID] = pod
	}
	if _, seen := pod.phases[change.Object.Status.Phase]; !seen {
		pod.phases[change.Object.Status.Phase] = now
	}
	if metadata.DeletionTimestamp != "" && pod.deleting.IsZero() {
		pod.deleting = now
	}
	if change.Type == "DELETED" && pod.gone.IsZero() {
		pod.gone = now
	}
}

func (w *podWatch) count() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return len(w.pods)
}

// of are the pods of the executions whose names begin like this.
func (w *podWatch) of(prefix string) []podSeen {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var found []podSeen
	for _, pod := range w.pods {
		if strings.HasPrefix(pod.execution(), prefix) {
			copied := *pod
			copied.phases = make(map[string]time.Time, len(pod.phases))
			for phase, at := range pod.phases {
				copied.phases[phase] = at
			}
			found = append(found, copied)
		}
	}
	return found
}

// await waits until so many pods of the executions fulfil a condition.
func (w *podWatch) await(ctx context.Context, prefix string, wanted int, what string, fulfils func(podSeen) bool) error {
	for {
		found := 0
		for _, pod := range w.of(prefix) {
			if fulfils(pod) {
				found++
			}
		}
		if found >= wanted {
			return nil
		}
		pause(ctx, 50*time.Millisecond)
		if ctx.Err() != nil {
			return fmt.Errorf("%d of %d pods of %s are %s: %w", found, wanted, prefix, what, ctx.Err())
		}
	}
}

func hasRun(pod podSeen) bool {
	_, seen := pod.phases["Running"]
	return seen
}

// requireOnePodEach is an error when an attempt had several pods, or a task several attempts.
func requireOnePodEach(pods []podSeen, wanted int) error {
	seen := map[string]string{}
	for _, pod := range pods {
		task := pod.attempt[:strings.LastIndexByte(pod.attempt, '/')+1]
		if other, again := seen[task]; again {
			return fmt.Errorf("the task %s had two pods, %s and %s", task, other, pod.name)
		}
		seen[task] = pod.name
	}
	if len(seen) != wanted {
		return fmt.Errorf("%d tasks had a pod, and not %d", len(seen), wanted)
	}
	return nil
}

// requests are what the API server has answered, by verb, resource and subresource.
type requests map[string]float64

// requestsServed reads the API server's own metrics.
func requestsServed(ctx context.Context) (requests, error) {
	output, err := exec.CommandContext(ctx, "kubectl", "get", "--raw", "/metrics").Output()
	if err != nil {
		return nil, fmt.Errorf("kubectl get --raw /metrics: %w", err)
	}
	return parseRequests(string(output)), nil
}

func parseRequests(metrics string) requests {
	served := requests{}
	for line := range strings.Lines(metrics) {
		labels, found := strings.CutPrefix(line, "apiserver_request_total{")
		if !found {
			continue
		}
		labels, value, found := strings.Cut(labels, "} ")
		if !found {
			continue
		}
		number, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			continue
		}
		served[label(labels, "verb")+" "+label(labels, "resource")+"/"+label(labels, "subresource")] += number
	}
	return served
}

// label is a label's value in "a="b",c="d""; empty without it.
func label(labels, name string) string {
	_, rest, found := strings.Cut(","+labels, ","+name+`="`)
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// since are the requests to pods since then: binding and status belong to scheduler and nodes, the others to the engine, but
// for those of kubelets and of this program.
func (r requests) since(before requests) map[string]float64 {
	grown := map[string]float64{}
	for key, number := range r {
		if strings.HasSuffix(key, " pods/") && number > before[key] {
			grown[strings.TrimSuffix(key, " pods/")] = number - before[key]
		}
	}
	return grown
}

// enginesRequests are the requests to the Kubernetes API that the engine has sent, by verb, by the engine's own metrics.
func enginesRequests(ctx context.Context, address string) (map[string]float64, error) {
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	return parseEnginesRequests(string(page)), nil
}

func parseEnginesRequests(metrics string) map[string]float64 {
	sent := map[string]float64{}
	for line := range strings.Lines(metrics) {
		labels, found := strings.CutPrefix(line, "turboprop_kubernetes_requests_seconds_count{")
		if !found {
			continue
		}
		labels, value, _ := strings.Cut(labels, "} ")
		if number, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
			sent[label(labels, "verb")] += number
		}
	}
	return sent
}
