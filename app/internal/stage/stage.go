// Package stage runs the headless program as its users do: nodes in processes of
// their own, on loopback, steered by commands and judged by what they print. The
// stories, the demo and the program's benchmarks stand on it.
package stage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Build compiles the headless program into dir and returns its path.
func Build(ctx context.Context, dir string) (string, error) {
	bin := filepath.Join(dir, "meadow")
	c := exec.CommandContext(ctx, "go", "build", "-tags", "headless", "-o", bin, "meadow/app/meadow")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build meadow: %w\n%s", err, out)
	}
	return bin, nil
}

// Node is one home and, between Start and Stop or Kill, its process. It is for
// one goroutine, except that commands may run concurrently.
type Node struct {
	Bin    string
	Home   string
	Device string
	Listen string // IP:PORT; 127.0.0.1:0 if empty, then what it got
	// Under is a command that starts the node's process, such as ip netns exec
	// NAME; Args are run's, in place of staying on loopback at Listen.
	Under, Args []string

	Endpoint string // once started

	run *exec.Cmd
	log Said
}

// Said collects what a process writes while others may read it.
type Said struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements io.Writer.
func (s *Said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

// String is all that was said so far.
func (s *Said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// Failure is a command that failed: its exit code and what it said.
type Failure struct {
	Exit    int
	Code    string
	Message string
	Hint    string
	Stderr  string
}

func (f *Failure) Error() string {
	return fmt.Sprintf("exit %d, %s: %s (%s)", f.Exit, f.Code, f.Message, f.Hint)
}

// Init makes a new account in the node's home and returns its words.
func (n *Node) Init(ctx context.Context, account string) (string, error) {
	words := n.Home + ".words"
	if err := n.Do(ctx, nil, "init", "--name", account, "--device", n.Device, "--words-file", words); err != nil {
		return "", err
	}
	text, err := os.ReadFile(words)
	return string(text), errors.Join(err, os.Remove(words))
}

// InitJoin makes a home for a device that will join an account.
func (n *Node) InitJoin(ctx context.Context) error {
	return n.Do(ctx, nil, "init", "--join", "--device", n.Device)
}

// Start runs the node and returns when it says that it is ready. It keeps its
// address over restarts.
func (n *Node) Start(ctx context.Context) error {
	if n.Listen == "" {
		n.Listen = "127.0.0.1:0"
	}
	args := n.Args
	if args == nil {
		args = []string{"--no-mdns", "--listen", n.Listen}
	}
	line := slices.Concat(n.Under, []string{n.Bin, "--home", n.Home, "--json", "run"}, args)
	n.run = exec.Command(line[0], line[1:]...)
	n.run.Stderr = &n.log
	out, err := n.run.StdoutPipe()
	if err != nil {
		return err
	}
	if err := n.run.Start(); err != nil {
		return err
	}
	ready := make(chan error, 1)
	go func() {
		r := bufio.NewReader(out)
		line, err := r.ReadBytes('\n')
		for err == nil && bytes.Contains(line, []byte(`"event":"migrating"`)) {
			line, err = r.ReadBytes('\n')
		}
		if err == nil {
			err = n.isReady(line)
		}
		ready <- err
		_, _ = io.Copy(io.Discard, r)
	}()
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		n.Kill()
		return fmt.Errorf("start %s: %w\n%s", n.Device, err, n.log.String())
	}
	return nil
}

func (n *Node) isReady(line []byte) error {
	var ready struct {
		Event, Endpoint string
		Addrs           []string
	}
	if err := json.Unmarshal(line, &ready); err != nil || ready.Event != "ready" || len(ready.Addrs) == 0 {
		return fmt.Errorf("it said %q", line)
	}
	n.Endpoint, n.Listen = ready.Endpoint, ready.Addrs[0]
	return nil
}

const stopWithin = 5 * time.Second

// Stop asks the node to end and fails unless it ends cleanly within 5 s.
func (n *Node) Stop() error {
	if n.run == nil {
		return nil
	}
	_ = n.run.Process.Signal(syscall.SIGTERM)
	ended := make(chan error, 1)
	go func() { ended <- n.run.Wait() }()
	select {
	case err := <-ended:
		n.run = nil
		if err != nil {
			return fmt.Errorf("%s ended with %w\n%s", n.Device, err, n.log.String())
		}
		return nil
	case <-time.After(stopWithin):
		_ = n.run.Process.Kill()
		<-ended
		n.run = nil
		return fmt.Errorf("%s didn't stop within %v\n%s", n.Device, stopWithin, n.log.String())
	}
}

// Kill ends the node as a power cut would.
func (n *Node) Kill() {
	if n.run == nil {
		return
	}
	_ = n.run.Process.Kill()
	_ = n.run.Wait()
	n.run = nil
}

// StartBriefly starts the node and kills it after a while, whether it is ready or
// not.
func (n *Node) StartBriefly(d time.Duration) error {
	run := exec.Command(n.Bin, "--home", n.Home, "--json", "run", "--no-mdns", "--listen", n.Listen)
	run.Stderr = &n.log
	if err := run.Start(); err != nil {
		return err
	}
	kill := time.AfterFunc(d, func() { _ = run.Process.Kill() })
	defer kill.Stop()
	_ = run.Wait()
	return nil
}

// Pid is the running process's.
func (n *Node) Pid() int { return n.run.Process.Pid }

// Log is what the node has written to standard error so far.
func (n *Node) Log() string { return n.log.String() }

// Raw runs a command and returns what it printed. The error of a command that
// failed is a *Failure.
func (n *Node) Raw(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, n.Bin, append([]string{"--home", n.Home}, args...)...)
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = in, &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && ctx.Err() == nil {
		f := &Failure{Exit: exit.ExitCode(), Stderr: errs.String()}
		var said struct {
			Error struct{ Code, Message, Hint string }
		}
		lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
		if json.Unmarshal(lines[len(lines)-1], &said) == nil {
			f.Code, f.Message, f.Hint = said.Error.Code, said.Error.Message, said.Error.Hint
		}
		return out.Bytes(), f
	}
	return out.Bytes(), err
}

// Do runs a command with --json and decodes what it answers into answer, unless
// that is nil.
func (n *Node) Do(ctx context.Context, answer any, args ...string) error {
	out, err := n.Raw(ctx, nil, append([]string{"--json"}, args...)...)
	if err != nil {
		return fmt.Errorf("%s: meadow %q: %w", n.Device, args, err)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("%s: meadow %q answered %q: %w", n.Device, args, out, err)
	}
	return nil
}

// Stream is a streaming command at work.
type Stream struct {
	cmd   *exec.Cmd
	lines *bufio.Reader
	errs  Said
}

// Stream starts a streaming command.
func (n *Node) Stream(ctx context.Context, args ...string) (*Stream, error) {
	c := exec.CommandContext(ctx, n.Bin, append([]string{"--home", n.Home, "--json"}, args...)...)
	s := &Stream{cmd: c}
	c.Stderr = &s.errs
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.lines = bufio.NewReader(out)
	return s, c.Start()
}

// Next returns the next event; want names those that may come, and any other is
// an error.
func (s *Stream) Next(want ...string) (map[string]any, error) {
	line, err := s.lines.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("stream ended: %w: %s", err, s.errs.String())
	}
	var e map[string]any
	if err := json.Unmarshal(line, &e); err != nil {
		return nil, fmt.Errorf("stream said %q", line)
	}
	for _, w := range want {
		if e["event"] == w {
			return e, nil
		}
	}
	return e, fmt.Errorf("stream said %s, want %q", line, want)
}

// Decode reads the next answer of a command that gives one after the other.
func (s *Stream) Decode(answer any) error {
	line, err := s.lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("stream ended: %w: %s", err, s.errs.String())
	}
	return json.Unmarshal(line, answer)
}

// End returns the command's exit code, once it has ended.
func (s *Stream) End() int {
	_, _ = io.Copy(io.Discard, s.lines)
	_ = s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// Interrupt asks the command to end.
func (s *Stream) Interrupt() { _ = s.cmd.Process.Signal(os.Interrupt) }

// Pair lets joining join account's account, by a picture of the QR code. accept is
// further flags of pair accept.
func Pair(ctx context.Context, account, joining *Node, accept ...string) error {
	picture := joining.Home + ".png"
	show, err := joining.Stream(ctx, "pair", "show", "--qr", picture)
	if err != nil {
		return err
	}
	if _, err := show.Next("ticket"); err != nil {
		return err
	}
	accepting, err := account.Stream(ctx, append([]string{"pair", "accept", picture}, accept...)...)
	if err != nil {
		return err
	}
	code, err := accepting.Next("code")
	if err != nil {
		return err
	}
	if _, err := show.Next("confirm"); err != nil {
		return err
	}
	if err := joining.Do(ctx, nil, "pair", "confirm", "--code", fmt.Sprint(code["code"])); err != nil {
		return err
	}
	for _, s := range []*Stream{show, accepting} {
		if _, err := s.Next("paired"); err != nil {
			return err
		}
		if exit := s.End(); exit != 0 {
			return fmt.Errorf("pairing ended with exit code %d", exit)
		}
	}
	return nil
}

// Until waits until ok holds, asking again whenever something happens on the node.
func (n *Node) Until(ctx context.Context, what string, ok func() (bool, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := n.Stream(ctx, "events", "--follow")
	if err != nil {
		return err
	}
	news := make(chan struct{}, 1)
	go func() {
		defer close(news)
		for {
			if _, err := events.lines.ReadBytes('\n'); err != nil {
				return
			}
			select {
			case news <- struct{}{}:
			default:
			}
		}
	}()
	defer func() {
		cancel()
		for range news {
		}
		_ = events.cmd.Wait()
	}()
	for {
		if done, err := ok(); done || err != nil {
			return err
		}
		if _, more := <-news; !more {
			return fmt.Errorf("%s: waited in vain for %s: %w", n.Device, what, errors.Join(ctx.Err(), errEnded))
		}
	}
}

var errEnded = errors.New("the node's events ended")

// Wait waits until n and exactly the others are in step.
func (n *Node) Wait(ctx context.Context, timeout time.Duration, others ...*Node) error {
	args := []string{"wait", "--synced", "--timeout", timeout.String()}
	for _, o := range others {
		args = append(args, "--with", o.Device)
	}
	return n.Do(ctx, nil, args...)
}
