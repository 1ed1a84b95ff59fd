package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The probe is a pod of this program that the watch sees and the engine does not. Its changes say how late the watch is.
const (
	probeName       = "loadtest-probe"
	probeAnnotation = "turboprop.test/probe"
	probeInterval   = 50 * time.Millisecond
)

const probePod = `apiVersion: v1
kind: Pod
metadata:
  name: ` + probeName + `
  namespace: default
  labels: {turboprop.io/installation: ` + probeName + `}
  annotations: {turboprop.test/outcome: pending}
spec:
  containers: [{name: main, image: "outcome.test/pending:1"}]
`

// lag is the time from the request for a change of the probe until the watch has told it.
type lag struct {
	told time.Time
	late time.Duration
}

func (w *podWatch) learnLag(number string, now time.Time) {
	if asked, found := w.probed[number]; found {
		delete(w.probed, number)
		w.lags = append(w.lags, lag{now, now.Sub(asked)})
	}
}

// lagAt is how late the watch was at most when it told something: the larger of the lags just before and after.
func lagAt(lags []lag, told time.Time) time.Duration {
	var before, after time.Duration
	for _, each := range lags {
		if each.told.After(told) {
			after = each.late
			break
		}
		before = each.late
	}
	return max(before, after)
}

// probe changes the probe until the returned function is called, which gives the lags.
func (w *podWatch) probe(ctx context.Context) (func() ([]lag, error), error) {
	if err := kubectlApply(ctx, probePod); err != nil {
		return nil, err
	}
	limited, end := context.WithCancel(ctx)
	proxy := exec.CommandContext(limited, "kubectl", "proxy", "--port=0")
	output, err := proxy.StdoutPipe()
	if err == nil {
		err = proxy.Start()
	}
	if err != nil {
		end()
		return nil, fmt.Errorf("kubectl proxy: %w", err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	_, address, found := strings.Cut(strings.TrimSpace(line), "Starting to serve on ")
	if err != nil || !found {
		end()
		return nil, errors.Join(fmt.Errorf("kubectl proxy says %q", line), err, proxy.Wait())
	}
	failed := make(chan error, 1)
	go func() { failed <- w.changeProbe(limited, address) }()
	return func() ([]lag, error) {
		end()
		err := <-failed
		_ = proxy.Wait() // it was killed
		deletion := exec.CommandContext(ctx, "kubectl", "delete", "pod", probeName, "-n", "default", "--now", "--wait=false")
		err = errors.Join(err, deletion.Run())
		w.mutex.Lock()
		defer w.mutex.Unlock()
		if len(w.lags) == 0 {
			err = errors.Join(err, errors.New("the watch has told no change of the probe"))
		}
		return w.lags, err
	}, nil
}

func (w *podWatch) changeProbe(ctx context.Context, address string) error {
	rhythm := time.NewTicker(probeInterval)
	defer rhythm.Stop()
	for number := 0; ; number++ {
		select {
		case <-ctx.Done():
			return nil
		case <-rhythm.C:
		}
		text := strconv.Itoa(number)
		w.mutex.Lock()
		w.probed[text] = time.Now()
		w.mutex.Unlock()
		if err := patchProbe(ctx, address, text); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func patchProbe(ctx context.Context, address, number string) error {
	body := strings.NewReader(fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, probeAnnotation, number))
	request, err := http.NewRequestWithContext(ctx, http.MethodPatch, "http://"+address+"/api/v1/namespaces/default/pods/"+probeName, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/merge-patch+json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the probe can't be changed: %s", answer.Status)
	}
	return nil
}
