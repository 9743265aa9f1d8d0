//go:build !headless

package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"golang.org/x/sync/errgroup"

	"meadow/core/control"
	"meadow/core/node"
	"meadow/ui"
)

// windowCmd is what the program does when it is started without a command.
type windowCmd struct {
	Hidden bool     `help:"Start in the tray, without a window."`
	Listen []string `placeholder:"IP:PORT" help:"Listen here; a free port of every address, chosen once and kept, if left out."`
	NoMdns bool     `name:"no-mdns" help:"Don't look for devices on the same networks, and don't be found there."`
	Debug  bool     `help:"Log in detail."`
}

// Run shows the window until it is quit.
func (c *windowCmd) Run(ctx context.Context, h node.Home, o *output) error {
	listen, err := addresses(c.Listen)
	if err != nil {
		return err
	}
	log := newLog(o.err, c.Debug)
	slog.SetDefault(log)
	quietBuffers()
	host := &windowHost{home: h, log: log, out: o}
	host.adapt = func(cfg *node.Config) { cfg.Listen, cfg.Nearby = listen, !c.NoMdns }
	return ui.Run(ctx, host, ui.Options{Hidden: c.Hidden})
}

// windowHost opens and closes the home for the window.
type windowHost struct {
	home  node.Home
	log   *slog.Logger
	out   *output
	adapt func(*node.Config)

	mu    sync.Mutex // guards all below
	close func() error
}

// Made implements ui.Host.
func (h *windowHost) Made() bool { return h.home.Initialised() }

// Open implements ui.Host.
func (h *windowHost) Open(ctx context.Context) (*node.Node, error) {
	d, err := h.home.Device()
	if err != nil {
		return nil, err
	}
	unlock, err := h.home.Lock()
	if err != nil {
		return nil, err
	}
	r := running{home: h.home, device: d, log: h.log, adapt: h.adapt}
	if err := errors.Join(h.home.CheckDatabase(), r.open(ctx, h.out)); err != nil {
		unlock()
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // it ends by Close
	work, ctx := errgroup.WithContext(ctx)
	server, err := control.Listen(h.home, h.log, control.Program{})
	if err != nil {
		cancel()
		err = errors.Join(err, r.node.Close(), r.db.Close())
		unlock()
		return nil, err
	}
	work.Go(func() error { return r.node.Run(ctx) })
	work.Go(func() error {
		_ = r.node.Started(ctx)
		return server.Serve(ctx, r.node)
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.close = func() error {
		defer unlock()
		cancel()
		return errors.Join(work.Wait(), r.node.Close(), r.db.Close())
	}
	return r.node, r.node.Started(ctx)
}

// Close implements ui.Host.
func (h *windowHost) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.close == nil {
		return nil
	}
	err := h.close()
	h.close = nil
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
