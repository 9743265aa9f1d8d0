package control_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"testing"

	"meadow/core/control"
	"meadow/core/node"
)

// program is a control server whose program has no node yet.
type program struct {
	*control.Client
	server *control.Server
	raised chan string
	ended  chan error // of Serve
}

func open(t *testing.T, serve func(*control.Server, context.Context) error) *program {
	t.Helper()
	h := node.Home{Dir: filepath.Join(t.TempDir(), "home")}
	ctx, stop := context.WithCancel(t.Context())
	p := &program{raised: make(chan string, 1), ended: make(chan error, 1)}
	var err error
	p.server, err = control.Listen(h, slog.New(slog.DiscardHandler), control.Program{
		Raise: func(ticket string) { p.raised <- ticket }, Stop: stop,
	})
	must(t, err)
	go func() { p.ended <- serve(p.server, ctx) }()
	p.Client, err = control.NewClient(h)
	must(t, err)
	t.Cleanup(func() {
		stop()
		if err := <-p.ended; err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *program) does(t *testing.T, name string) {
	t.Helper()
	p.doesWith(t, name, control.Args{})
}

func (p *program) doesWith(t *testing.T, name string, a control.Args) {
	t.Helper()
	if raw, err := p.Do(t.Context(), name, a, nil); err != nil || string(raw) != "null" {
		t.Errorf("%s: %s, %v", name, raw, err)
	}
}

// TestWindowWithoutNode: a window in which no account has been made yet is raised
// and stopped; all else is told that there is none.
func TestWindowWithoutNode(t *testing.T) {
	p := open(t, func(s *control.Server, ctx context.Context) error { return s.Serve(ctx, nil) })
	p.doesWith(t, "raise", control.Args{DryRun: true})
	p.doesWith(t, "raise", control.Args{PairAccept: node.PairAcceptOptions{Ticket: "meadow:1"}})
	if ticket := <-p.raised; ticket != "meadow:1" {
		t.Errorf("raised with %q", ticket)
	}
	_, err := p.Do(t.Context(), "status", control.Args{}, nil)
	fails(t, err, node.CodeNotRunning)
	p.server.Lacks(&node.Error{Code: node.CodeFull})
	_, err = p.Do(t.Context(), "status", control.Args{}, nil)
	fails(t, err, node.CodeFull)
	p.server.Lacks(nil)
	_, _, err = p.Get(t.Context(), control.Args{Space: "Notes"})
	fails(t, err, node.CodeNotRunning)
	p.does(t, "stop")
	err = <-p.ended
	must(t, err)
	p.ended <- nil // for the clean-up
	_, err = p.Do(t.Context(), "raise", control.Args{}, nil)
	fails(t, err, node.CodeNotRunning)
}

// TestWindowGetsNode: once there is a node, calls are for it.
func TestWindowGetsNode(t *testing.T) {
	s := account(t) // its own server has another home's socket
	p := open(t, func(s *control.Server, ctx context.Context) error { return s.Serve(ctx, nil) })
	p.server.Use(s.node)
	raw, err := p.Do(t.Context(), "status", control.Args{}, nil)
	must(t, err)
	var status node.Status
	must(t, json.Unmarshal(raw, &status))
	if !status.Window || status.Device != "laptop" {
		t.Errorf("status: %+v", status)
	}
}

// TestWindowWaits: also a program that waits until it can open its node is raised
// and stopped.
func TestWindowWaits(t *testing.T) {
	p := open(t, func(s *control.Server, ctx context.Context) error {
		return s.Refuse(ctx, func() *node.Error { return &node.Error{Code: node.CodeFull} })
	})
	_, err := p.Do(t.Context(), "status", control.Args{}, nil)
	fails(t, err, node.CodeFull)
	p.does(t, "raise")
	p.does(t, "stop")
}

// TestNoWindow: a program without a window says so, and one that can't be stopped
// isn't.
func TestNoWindow(t *testing.T) {
	s := account(t)
	_, err := s.Do(t.Context(), "raise", control.Args{}, nil)
	fails(t, err, node.CodeNoWindow)
	_, err = s.Do(t.Context(), "stop", control.Args{}, nil)
	fails(t, err, node.CodeNotAllowed)
	var status node.Status
	must(t, json.Unmarshal(s.ask("status", control.Args{}), &status))
	if status.Window {
		t.Error("a node without a window has one")
	}
}
