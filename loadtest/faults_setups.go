package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// setup is what the cluster of some faults has beyond equal nodes on one disk.
type setup struct {
	name string
	// prepare makes it before the cluster starts, and returns what takes it away at the end.
	prepare func(context.Context, faultOptions, *cluster) (undo func() error, err error)
}

var (
	plain       = &setup{"", func(context.Context, faultOptions, *cluster) (func() error, error) { return nothing, nil }}
	smallDisk   = &setup{"disk", prepareSmallDisk}
	objectStore = &setup{"s3", prepareObjectStore}
	apart       = &setup{"apart", prepareRoles}
	otherJar    = &setup{"other", prepareOtherJar}
)

func nothing() error { return nil }

// skipped says why a fault can't be injected here.
type skipped string

func (s skipped) Error() string { return string(s) }

// smallDiskBytes leaves room for the tables and the WAL of some rows.
const smallDiskBytes = 1 << 30

// prepareSmallDisk gives PostgreSQL a file system of its own.
func prepareSmallDisk(_ context.Context, _ faultOptions, into *cluster) (func() error, error) {
	folder := filepath.Join(into.data, "postgresql")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	err := syscall.Mount("faults", folder, "tmpfs", 0, fmt.Sprintf("mode=0755,size=%d", smallDiskBytes))
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		return nil, skipped("only root can mount a small file system")
	}
	if err != nil {
		return nil, fmt.Errorf("mount a file system at %s: %w", folder, err)
	}
	return func() error { return syscall.Unmount(folder, 0) }, nil
}

// prepareRoles has two nodes take calls and run executions, and two others run tasks.
func prepareRoles(_ context.Context, _ faultOptions, into *cluster) (func() error, error) {
	into.nodes, into.doors = 4, []int{1, 2}
	into.own = map[int]string{
		1: "turboprop.cluster.roles = [door, engine]\n",
		2: "turboprop.cluster.roles = [door, engine]\n",
		3: "turboprop.cluster.roles = [executor]\n",
		4: "turboprop.cluster.roles = [executor]\n",
	}
	return nothing, nil
}

// prepareOtherJar has the nodes start with the other release, and thus the tables as that release has them.
func prepareOtherJar(_ context.Context, o faultOptions, into *cluster) (func() error, error) {
	if o.otherJar == "" {
		return nil, skipped("--other-jar does not name the turboprop.jar of another release")
	}
	into.environment = append(into.environment, ofOtherJar(o))
	return nothing, nil
}

// ofOtherJar is the environment variable with which deploy/turboprop runs the other release.
func ofOtherJar(o faultOptions) string {
	return "TURBOPROP_JAR=" + o.otherJar
}

// s3Module is the S3 server that is built where none is given.
const s3Module = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"

const (
	s3Key    = "faults"
	s3Secret = "not-a-secret"
	s3Bucket = "faults"
)

// s3Server is an S3 server on this machine, which keeps its objects below a folder.
type s3Server struct {
	program string
	folder  string
	address string
	process *os.Process
}

// prepareObjectStore has the cluster keep its blobs in an S3 server, which is reached by all nodes.
func prepareObjectStore(ctx context.Context, o faultOptions, into *cluster) (func() error, error) {
	program, err := s3Program(ctx, o.s3)
	if err != nil {
		return nil, err
	}
	server := &s3Server{
		program: program,
		folder:  filepath.Join(into.data, "s3"),
		address: net.JoinHostPort("127.0.0.1", strconv.Itoa(into.port+objectStorePort)),
	}
	if err := server.start(ctx); err != nil {
		return nil, err
	}
	if err := server.makeBucket(ctx); err != nil {
		return nil, errors.Join(err, server.stop())
	}
	into.objects = server
	into.settings = fmt.Sprintf(`turboprop.data {
  base = "s3://%s/data"
  s3 { endpoint = "http://%s", region = "us-east-1", access-key-id = "%s", secret-access-key = "%s" }
}
`, s3Bucket, server.address, s3Key, s3Secret)
	return server.stop, nil
}

// objectStorePort is far from the ports of the nodes and their relays, as counted from the cluster's.
const objectStorePort = -9000

// s3Program is the given program, or the one that Go builds at the first use, which takes a while.
func s3Program(ctx context.Context, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	own, err := os.Executable()
	if err != nil {
		return "", err
	}
	folder := filepath.Dir(own)
	built := filepath.Join(folder, "versitygw")
	if _, err := os.Stat(built); err == nil {
		return built, nil
	}
	command := exec.CommandContext(ctx, "go", "install", s3Module)
	command.Env = append(os.Environ(), "GOBIN="+folder, "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return "", skipped(fmt.Sprintf("no S3 server: --s3 names none, and 'go install %s' has failed: %s",
			s3Module, strings.TrimSpace(string(output))))
	}
	return built, nil
}

func (s *s3Server) start(ctx context.Context) error {
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(s.folder+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(s.program, "--port", s.address, "--quiet", "--health", "/health", "posix", s.folder)
	command.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s3Key, "ROOT_SECRET_KEY="+s3Secret)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that Ctrl-C lets the nodes end first
	if err := command.Start(); err != nil {
		return err
	}
	s.process = command.Process
	for range 100 {
		connection, err := net.Dial("tcp", s.address)
		if err == nil {
			return connection.Close()
		}
		pause(ctx, 100*time.Millisecond)
	}
	return errors.Join(fmt.Errorf("the S3 server does not listen on %s; its log is %s.log", s.address, s.folder), s.stop())
}

// stop ends the server at once.
func (s *s3Server) stop() error {
	if s.process == nil {
		return nil
	}
	if err := s.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	_, err := s.process.Wait()
	s.process = nil
	return err
}

// makeBucket makes the bucket, which may be there already. curl signs the request.
func (s *s3Server) makeBucket(ctx context.Context) error {
	output, err := exec.CommandContext(ctx, "curl", "--silent", "--show-error", "--noproxy", "*", "--request", "PUT",
		"--aws-sigv4", "aws:amz:us-east-1:s3", "--user", s3Key+":"+s3Secret, "--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD",
		"--write-out", "\n%{http_code}", "http://"+s.address+"/"+s3Bucket).CombinedOutput()
	if err != nil {
		return fmt.Errorf("curl can't make a bucket: %w: %s", err, output)
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if code := lines[len(lines)-1]; code != "200" && code != "409" {
		return fmt.Errorf("the S3 server has made no bucket: %s", output)
	}
	return nil
}
