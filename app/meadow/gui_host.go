//go:build !headless

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"meadow/app/internal/logs"
	"meadow/core/control"
	"meadow/core/node"
	"meadow/storage"
	"meadow/ui"
	"meadow/ui/gate"
	"meadow/ui/settings"
)

// windowHost is the program around the window: it has the home, the socket for
// commands, and the node.
type windowHost struct {
	home   node.Home
	log    *slog.Logger
	adapt  func(*node.Config)
	hidden bool
	keeps  *logs.Log

	mu      sync.Mutex // guards all below
	server  *control.Server
	release func() error // gives back what Begin took
	close   func() error // ends what Open began
	ended   chan struct{}
	why     error // once ended is closed
}

// Begin implements ui.Host. After a home couldn't be opened it is still this
// process's, and Begin has nothing to do.
func (h *windowHost) Begin(ctx context.Context, c ui.Calls) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server != nil {
		return nil
	}
	if err := os.MkdirAll(h.home.Dir, 0o700); err != nil {
		return &node.Error{
			Code: node.CodeIO, Message: fmt.Sprintf("can't make %s: %v; nothing was changed", h.home.Dir, err),
			Hint: "choose another folder with --home",
		}
	}
	unlock, err := h.home.Lock()
	if e := (*node.Error)(nil); errors.As(err, &e) && e.Code == node.CodeAlreadyRunning {
		return h.other(ctx)
	}
	if err != nil {
		return err
	}
	server, err := control.Listen(h.home, h.log, control.Program{Raise: c.Raise, Stop: c.Stop})
	if err != nil {
		unlock()
		return err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx)) // it ends by Close
	done := make(chan error, 1)
	go func() { done <- server.Serve(serving, nil) }()
	h.server = server
	h.release = func() error {
		defer unlock()
		stop()
		return <-done
	}
	return nil
}

// other finds out who has the home: a window is raised, unless this one is to be
// hidden.
func (h *windowHost) other(ctx context.Context) error {
	client, err := control.NewClient(h.home)
	if err != nil {
		return err
	}
	if _, err = client.Do(ctx, "raise", control.Args{DryRun: h.hidden}, nil); err == nil {
		return ui.ErrRaised
	}
	// It has no window, or it begins or ends just now: either way there is one to
	// wait for.
	return &node.Error{Code: node.CodeNoWindow, Message: err.Error()}
}

// Made implements ui.Host.
func (h *windowHost) Made() bool { return h.home.Initialised() }

// DeviceName implements ui.Host.
func (h *windowHost) DeviceName() string { return hostName() }

// Make implements ui.Host.
func (h *windowHost) Make(ctx context.Context, account, device string, keep func(words string) error) error {
	return h.maker().account(ctx, account, device, keep)
}

// MakeJoining implements ui.Host.
func (h *windowHost) MakeJoining(ctx context.Context, device string) error {
	return h.maker().joining(ctx, device)
}

// Recover implements ui.Host.
func (h *windowHost) Recover(ctx context.Context, words, device, from string) error {
	_, err := h.maker().recover(ctx, recoverOptions{
		Words: words, Device: device, RecoverOptions: node.RecoverOptions{From: from, Keep: []string{}},
	})
	return err
}

func (h *windowHost) maker() maker { return maker{home: h.home, log: h.log, locked: true} }

// Open implements ui.Host.
func (h *windowHost) Open(ctx context.Context, tell func(gate.State)) (*node.Node, error) {
	if err := h.shut(); err != nil { // of a node that has ended by itself
		h.log.Warn("What was open didn't close", "error", err)
	}
	h.server.Lacks(&node.Error{
		Code: node.CodeNotRunning, Message: fmt.Sprintf("Meadow is just opening %s", h.home.Dir), Hint: "try again in a moment",
	})
	d, err := h.home.Device()
	if err != nil {
		return nil, err
	}
	if err := h.home.CheckDatabase(); err != nil {
		return nil, err
	}
	r := running{home: h.home, device: d, log: h.log, adapt: h.adapt}
	r.show = func(m storage.Migration) { tell(migrationState(m)) }
	err = h.openWithRoom(ctx, &r, tell)
	if err == nil {
		h.run(ctx, &r)
		err = r.node.Started(ctx)
	}
	if err != nil {
		h.server.Lacks(node.AsError(err))
		return nil, err
	}
	return r.node, nil
}

// Unmake implements ui.Host.
func (h *windowHost) Unmake(ctx context.Context, n *node.Node) error {
	s, err := n.Status(ctx)
	if err != nil {
		return err
	}
	if s.Custodian != nil {
		return &node.Error{
			Code: node.CodeAlreadyPaired, Message: "this device belongs to an account meanwhile; nothing was changed", Hint: "open Meadow again",
		}
	}
	if err := h.shut(); err != nil {
		return err
	}
	return h.home.Unmake()
}

// openWithRoom opens both, however long that takes on a full disk. Meanwhile
// commands are answered with what is lacking.
func (h *windowHost) openWithRoom(ctx context.Context, r *running, tell func(gate.State)) error {
	err := r.open(ctx)
	for lacks := lacksRoom(err); lacks != nil; lacks = lacksRoom(err) {
		h.server.Lacks(lacks)
		tell(gate.State{Phase: gate.NoRoom, Err: lacks})
		timer := time.NewTimer(openAgain)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		err = r.open(ctx)
	}
	return err
}

// run has the node work until Close, or until it ends by itself.
func (h *windowHost) run(ctx context.Context, r *running) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // it ends by Close
	work, ctx := errgroup.WithContext(ctx)
	var asked atomic.Bool
	ended := make(chan struct{})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = ended
	work.Go(func() error { return r.node.Run(ctx) })
	work.Go(func() error {
		if r.node.Started(ctx) == nil {
			h.server.Use(r.node)
		}
		return nil
	})
	go func() {
		err := work.Wait()
		h.server.Use(nil)
		h.mu.Lock()
		defer h.mu.Unlock()
		if !asked.Load() {
			h.why = err
		}
		close(ended)
	}()
	h.close = sync.OnceValue(func() error {
		asked.Store(true)
		cancel()
		<-ended
		return errors.Join(r.node.Close(), r.db.Close())
	})
}

// Ended implements ui.Host.
func (h *windowHost) Ended(ctx context.Context) error {
	h.mu.Lock()
	ended := h.ended
	h.mu.Unlock()
	select {
	case <-ended:
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.why
	case <-ctx.Done():
		return ctx.Err()
	}
}

// StopOther implements ui.Host.
func (h *windowHost) StopOther(ctx context.Context) error {
	client, err := control.NewClient(h.home)
	if err != nil {
		return err
	}
	_, err = client.Do(ctx, "stop", control.Args{}, nil)
	return err
}

// Free implements ui.Host.
func (h *windowHost) Free(ctx context.Context) error { return h.home.WaitUnlocked(ctx) }

// Crash implements ui.Host.
func (h *windowHost) Crash() string { return h.keeps.Crash }

// AtLogin implements settings.Host.
func (h *windowHost) AtLogin() (bool, error) {
	e, err := atLogin(h.home)
	if err != nil {
		return false, err
	}
	return e.Enabled()
}

// SetAtLogin implements settings.Host.
func (h *windowHost) SetAtLogin(on bool) error {
	e, err := atLogin(h.home)
	if err != nil {
		return err
	}
	return setAtLogin(e, on)
}

// About implements settings.Host.
func (h *windowHost) About() settings.About {
	return settings.About{Home: h.home.Dir, Log: h.keeps.File}
}

// shut ends the node, if there is one.
func (h *windowHost) shut() error {
	h.mu.Lock()
	shut := h.close
	h.close = nil
	h.mu.Unlock()
	if shut == nil {
		return nil
	}
	return shut()
}

// Close implements ui.Host.
func (h *windowHost) Close() error {
	err := h.shut()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.release != nil {
		err = errors.Join(err, h.release())
		h.release, h.server = nil, nil
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// migrationState is how far the change of the database is.
func migrationState(m storage.Migration) gate.State {
	s := gate.State{Phase: gate.Changing, Done: m.Done, Total: m.Total}
	if m.Step == storage.Copying {
		s.Phase = gate.Copying
	}
	return s
}
