package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"meadow/core/control"
	"meadow/core/key"
	"meadow/core/node"
	"meadow/storage"
)

// version is what `meadow version` says; a release build sets it.
var version = "0.1.0-dev"

type versionCmd struct{}

func (*versionCmd) Run(o *output) error {
	raw, err := json.Marshal(map[string]string{"version": version})
	if err != nil {
		return err
	}
	return result(o, raw, func(w *tabwriter.Writer, v struct{ Version string }) {
		fmt.Fprintf(w, "meadow %s\n", v.Version)
	})
}

// open opens what a home has on disk; show may be nil. The caller closes the
// database after the node.
func open(ctx context.Context, h node.Home, d key.Device, log *slog.Logger, show func(storage.Migration)) (node.Config, *storage.DB, error) {
	db, err := storage.OpenShowing(ctx, h.Database(), log, show)
	if err != nil {
		return node.Config{}, nil, databaseError(err)
	}
	from, to := db.Migrated()
	return node.Config{
		Home: h, Device: d, Version: version, Migrated: node.Migrated{From: from, To: to}, Log: log, Now: time.Now,
		Entries: db.Entries(), Blobs: db.Blobs(), MDN: db.MDN(), Folders: db.Folders(), Local: db.Local(), History: db.History(), Activity: db.Activity(), Audit: db.Audit(),
		OnTrouble: db.OnTrouble,
	}, db, nil
}

type runCmd struct {
	Listen []string `placeholder:"IP:PORT" help:"Listen here; a free port of every address, chosen once and kept, if left out."`
	NoMdns bool     `name:"no-mdns" help:"Don't look for devices on the same networks, and don't be found there."`
	Debug  bool     `help:"Log in detail."`
}

// Run runs the node until ctx ends. Every exit goes through a clean stop.
func (c *runCmd) Run(ctx context.Context, h node.Home, o *output) error {
	o.streamed = true
	listen, err := addresses(c.Listen)
	if err != nil {
		return err
	}
	d, err := h.Device()
	if err != nil {
		return err
	}
	unlock, err := h.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := h.CheckDatabase(); err != nil {
		return err
	}
	log := newLog(o.err, c.Debug)
	slog.SetDefault(log)
	quietBuffers()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r := running{home: h, device: d, log: log, program: control.Program{Stop: stop}, show: showMigration(o)}
	r.adapt = func(cfg *node.Config) { cfg.Listen, cfg.Nearby = listen, !c.NoMdns }
	if err := r.waitForRoom(ctx, o, func() error { return r.open(ctx) }); err != nil {
		return asked(ctx, err)
	}
	return asked(ctx, errors.Join(r.work(ctx, o), r.node.Close(), r.db.Close()))
}

// quietBuffers leaves it to README to say what to set.
func quietBuffers() { _ = os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true") }

// asked is nil if a run has ended because it was asked to.
func asked(ctx context.Context, err error) error {
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

// running is what is open while a node runs.
type running struct {
	home    node.Home
	device  key.Device
	log     *slog.Logger
	program control.Program
	adapt   func(*node.Config)      // to the command's flags
	show    func(storage.Migration) // how far one is

	db   *storage.DB
	node *node.Node
}

// open opens both, or neither.
func (r *running) open(ctx context.Context) error {
	cfg, db, err := open(ctx, r.home, r.device, r.log, r.show)
	if err != nil {
		return err
	}
	r.adapt(&cfg)
	n, err := node.Open(ctx, cfg)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	r.db, r.node = db, n
	return nil
}

// work runs the node and answers calls until ctx ends.
func (r *running) work(ctx context.Context, o *output) error {
	server, err := control.Listen(r.home, r.log, r.program)
	if err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return r.node.Run(ctx) })
	work.Go(func() error {
		_ = r.node.Started(ctx) // if it never starts, calls are told that it is stopping
		return server.Serve(ctx, r.node)
	})
	work.Go(func() error {
		if r.node.Started(ctx) != nil {
			return nil // Run says why
		}
		return o.event(r.node.Ready(), printReady)
	})
	return work.Wait()
}

func printReady(e node.Event) string {
	return fmt.Sprintf("Meadow is running. This device is %v at %v. Stop it with Ctrl-C.", e.Fields["endpoint"], e.Fields["addrs"])
}

func addresses(texts []string) ([]netip.AddrPort, error) {
	var all []netip.AddrPort
	for _, t := range texts {
		a, err := netip.ParseAddrPort(t)
		if err != nil {
			return nil, usagef("%q isn't IP:PORT, such as 127.0.0.1:4711", t)
		}
		all = append(all, a)
	}
	return all, nil
}

func newLog(w io.Writer, debug bool) *slog.Logger {
	level := slog.LevelWarn
	if debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

type initCmd struct {
	Name      string `placeholder:"ACCOUNT" help:"Make a new account of this name."`
	Join      bool   `help:"Make a device that will join an account; on the home of one that was removed, let it join again under a new key."`
	Device    string `placeholder:"DEVICE" help:"This device's name; the machine's if left out."`
	WordsFile string `placeholder:"F" help:"Write the account's 24 words to this new file."`
}

// Run makes a home, or changes nothing.
func (c *initCmd) Run(ctx context.Context, h node.Home, o *output) error {
	named := c.Device // as given
	if err := c.check(o); err != nil {
		return err
	}
	m := maker{home: h, log: newLog(o.err, false)}
	if c.Join {
		join := func() error { return m.joining(ctx, c.Device) }
		if h.Initialised() {
			join = func() error { return m.rejoining(ctx, named) }
		}
		if err := join(); err != nil {
			return err
		}
		return c.tell(h, o, "")
	}
	var words string
	kept := false
	err := m.account(ctx, c.Name, c.Device, func(text string) error {
		words = text
		err := c.keep(text)
		kept = err == nil && c.WordsFile != ""
		return err
	})
	if err != nil && kept {
		_ = os.Remove(c.WordsFile)
	}
	if err != nil {
		return err
	}
	return c.tell(h, o, words)
}

// check reports what is wrong with the call, and fills in the device's name.
func (c *initCmd) check(o *output) error {
	if (c.Name != "") == c.Join {
		return usagef("give either --name ACCOUNT, for a new account, or --join")
	}
	if c.Join && c.WordsFile != "" {
		return usagef("--words-file goes with --name: a joining device makes no words")
	}
	if c.Device == "" {
		c.Device = hostName()
	}
	if err := node.CheckName(c.Device); err != nil {
		return usageError{err}
	}
	if err := node.CheckName(c.Name); err != nil && !c.Join {
		return usageError{err}
	}
	if !c.Join && c.WordsFile == "" && (o.json || !terminal(o.out)) {
		return usagef("with --json or without a terminal, init needs --words-file F for the account's words")
	}
	return nil
}

// keep writes the words where they were asked for.
func (c *initCmd) keep(words string) error {
	if c.WordsFile == "" {
		return nil
	}
	if err := node.WriteNew(c.WordsFile, []byte(words+"\n")); err != nil {
		return &node.Error{
			Code: node.CodeIO, Message: fmt.Sprintf("can't write the words: %v; no account was made", err),
			Hint: "give a file that doesn't exist yet, in a folder that you can write to",
		}
	}
	return nil
}

func (c *initCmd) tell(h node.Home, o *output, words string) error {
	d, err := h.Device()
	if err != nil {
		return err
	}
	if o.json {
		_, err := fmt.Fprintf(o.out, "{\"home\":%s,\"device\":%s,\"endpoint\":%s,\"name\":%s,\"words_file\":%s}\n",
			quoted(h.Dir), quoted(c.Device), quoted(d.Endpoint().String()), orNull(c.Name), orNull(c.WordsFile))
		return err
	}
	switch {
	case c.Join:
		fmt.Fprintf(o.out, "%s is ready to join an account: start `meadow run`, then `meadow pair show`.\n", shown(c.Device))
	case c.WordsFile != "":
		fmt.Fprintf(o.out, "Account %s is made. Its words are in %s: print them, keep them safe, delete the file.\n",
			shown(c.Name), shown(c.WordsFile))
	default:
		fmt.Fprintf(o.out, "Account %s is made. These 24 words bring it back if all devices are lost.\n"+
			"Write them down now; they are not shown again.\n\n  %s\n\n", shown(c.Name), strings.TrimSpace(words))
	}
	return nil
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return quoted(s)
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil || node.CheckName(name) != nil {
		return "this device"
	}
	return name
}

// terminal reports whether w is a terminal.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull) // a character device too, where nobody reads
	return err != nil || !os.SameFile(info, null)
}
