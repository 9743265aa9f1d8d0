//go:build !headless

package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"meadow/app/internal/logs"
	"meadow/core/control"
	"meadow/core/node"
	"meadow/ui"
	"meadow/ui/carry"
	"meadow/ui/meet"
	"meadow/ui/pair"
)

// loginArgs are the arguments that the program is started with at login.
var loginArgs = []string{"--hidden"}

// windowCmd is what the program does when it is started without a command.
type windowCmd struct {
	Ticket string   `arg:"" optional:"" help:"A ticket of another device or of a person, a meadow:// link with one, a willow:// link to a file or folder, or a .meadow-drop file, to be opened."`
	Hidden bool     `help:"Start in the tray, without a window."`
	Listen []string `placeholder:"IP:PORT" help:"Listen here; a free port of every address, chosen once and kept, if left out."`
	NoMdns bool     `name:"no-mdns" help:"Don't look for devices on the same networks, and don't be found there."`
	Debug  bool     `help:"Log in detail."`
}

// Run shows the window until it is quit. If there is one already that one is shown.
func (c *windowCmd) Run(ctx context.Context, h node.Home, o *output) error {
	listen, err := addresses(c.Listen)
	if err != nil {
		return err
	}
	if c.Ticket, err = opened(c.Ticket); err != nil {
		return err
	}
	if shown, err := c.raise(ctx, h); shown || err != nil {
		return err
	}
	keeps := logs.Open(filepath.Join(h.Dir, "logs"), o.err)
	defer keeps.Close()
	log := newLog(keeps, c.Debug)
	slog.SetDefault(log)
	quietBuffers()
	host := &windowHost{home: h, log: log, hidden: c.Hidden, keeps: keeps}
	host.adapt = func(cfg *node.Config) { cfg.Listen, cfg.Nearby = listen, !c.NoMdns }
	return ui.Run(ctx, host, ui.Options{
		Hidden: c.Hidden, Ticket: c.Ticket, Probe: filepath.Join(h.Dir, "run", "probe.sock"),
	})
}

// opened is what the program was given to open, as the window takes it.
func opened(given string) (string, error) {
	if given == "" || carry.IsLink(given) {
		return given, nil
	}
	if ticket, ok := pair.Ticket(given); ok {
		return ticket, nil
	}
	if ticket, ok := meet.Ticket(given); ok {
		return ticket, nil
	}
	if file, ok := carry.DropFile(given); ok {
		return filepath.Abs(file) // another process may open it
	}
	return "", usagef("%q is neither a command nor a ticket, a link or a drop", given)
}

// raise has the window shown that this home has already; it reports whether there
// is one. One that is to be hidden stays as it is.
func (c *windowCmd) raise(ctx context.Context, h node.Home) (bool, error) {
	client, err := control.NewClient(h)
	if err != nil {
		return false, err
	}
	a := control.Args{DryRun: c.Hidden && c.Ticket == "", PairAccept: node.PairAcceptOptions{Ticket: c.Ticket}}
	_, err = client.Do(ctx, "raise", a, nil)
	var e *node.Error
	if errors.As(err, &e) && (e.Code == node.CodeNotRunning || e.Code == node.CodeNoWindow) {
		return false, nil // the window says what it finds
	}
	return err == nil, err
}
