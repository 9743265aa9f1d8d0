package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type dropCmd struct {
	Export dropExportCmd `cmd:"" help:"Write a space, or what is at a path of it, to a file. It isn't encrypted: whoever has it can read it."`
	Import dropImportCmd `cmd:"" help:"Take in what is in such a file. What was taken in when it is stopped is kept; start it again to go on."`
	Show   dropShowCmd   `cmd:"" help:"Say what is in such a file, without taking it in."`
}

type dropExportCmd struct {
	b64
	Space   string   `arg:"" placeholder:"SPACE[/PATH]" help:"A space, or a file or folder in one."`
	File    string   `arg:"" help:"The file to write, or a folder for one with a name of its own."`
	Newest  atLeast1 `placeholder:"N" help:"Only the newest N files."`
	MaxSize byteSize `placeholder:"SIZE" help:"Only the newest files, as many as fit into a drop of 500MB, 4GB, …"`
	Force   bool     `help:"Write over a file that is there, also one that is read-only, as cp -f and mv -f do, but not over a link or a device."`
}

func (c *dropExportCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a, err := c.spacePath(c.Space)
	if err != nil {
		return err
	}
	a.Drop = node.DropWhat{Newest: int64(c.Newest), MaxSize: int64(c.MaxSize), Replace: c.Force}
	return askDrop(ctx, h, o, "drop export", a, c.File, func(w *tabwriter.Writer, r node.DropReport) {
		for _, s := range r.Spaces {
			fmt.Fprintf(w, "%s of %s (%s) %s in %s now\n", files(s.Files), dropPart(s), size(s.Bytes), are(s.Files), shown(r.File))
			if s.Missing > 0 {
				fmt.Fprintf(w, "of %s the content isn't here, and so not there\n", files(s.Missing))
			}
			if s.LeftOut > 0 {
				fmt.Fprintf(w, "%s %s left out: older than these, or too large\n", files(s.LeftOut), were(s.LeftOut))
			}
		}
		fmt.Fprintln(w, "It isn't encrypted: whoever has it can read it.")
	})
}

type dropImportCmd struct {
	File string `arg:"" help:"The file, such as \"Notes 2026-11-23.meadow-drop\"."`
}

func (c *dropImportCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return askDrop(ctx, h, o, "drop import", control.Args{}, c.File, func(w *tabwriter.Writer, r node.DropReport) {
		if len(r.Spaces) == 0 {
			fmt.Fprintln(w, "nothing is in it")
		}
		for _, s := range r.Spaces {
			fmt.Fprintf(w, "%s\t%s new here (%s)\tentries: %d new\t%d known\t%d obsolete\t%d set aside\t%d refused\n",
				dropPart(s), files(s.Files), size(s.Bytes), s.New, s.Known, s.Obsolete, s.Dead, s.Refused)
			for _, why := range s.Reasons {
				fmt.Fprintf(w, "  %s: %d\n", shown(why.Reason), why.Count)
			}
			if s.Missing > 0 {
				fmt.Fprintf(w, "  of %s the content isn't all here: it comes from another device, from another drop or, once there is room, from this one\n", files(s.Missing))
			}
		}
	})
}

type dropShowCmd struct {
	File string `arg:"" help:"The file, such as \"Notes 2026-11-23.meadow-drop\"."`
}

func (c *dropShowCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return askDrop(ctx, h, o, "drop show", control.Args{}, c.File, func(w *tabwriter.Writer, r node.DropReport) {
		fmt.Fprintf(w, "%s, made %s\n", size(r.Size), local(r.Made))
		for _, s := range r.Spaces {
			here := ""
			if !s.Here {
				here = "  (this space isn't on this device)"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%d entries%s\n", dropPart(s), files(s.Files), size(s.Bytes), s.Entries, here)
			if s.Missing > 0 {
				fmt.Fprintf(w, "  of %s the content isn't all in it\n", files(s.Missing))
			}
		}
	})
}

func are(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func were(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// dropPart names what a drop has of a space.
func dropPart(s node.DropSpace) string {
	name := s.Name
	if name == "" {
		name = s.ID
	}
	if s.Path != "" {
		name += "/" + s.Path
	}
	return shown(name)
}

// askDrop makes a call about a file, and shows how far it is on a terminal.
func askDrop(ctx context.Context, h node.Home, o *output, call string, a control.Args, file string, prose func(*tabwriter.Writer, node.DropReport)) error {
	if file == "" {
		return usagef("no file is named")
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return unreadable(file, err)
	}
	a.To = []byte(abs)
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	raw, err := client.DoToEnd(ctx, call, a, o.dropProgress)
	if terminal(o.err) && !o.json {
		fmt.Fprint(o.err, "\r\x1b[K")
	}
	switch {
	case err != nil && o.json:
		o.done = raw
		return err
	case err != nil && raw == nil:
		return err
	}
	return errors.Join(err, result(o, raw, prose))
}

// dropProgress shows how far a drop is, in one line that is written over and over.
func (o *output) dropProgress(e node.Event) error {
	f := fields(e.Fields)
	if e.Name != "progress" || o.json || !terminal(o.err) {
		return nil
	}
	of := ""
	if total := f.number("total"); total > 0 {
		of = fmt.Sprintf(" of %s (%d %%)", size(total), min(f.number("bytes")*100/total, 100))
	}
	_, err := fmt.Fprintf(o.err, "\r\x1b[K%s%s, %d entries", size(f.number("bytes")), of, f.number("entries"))
	return err
}

// atLeast1 is a whole number of things; left out it is 0.
type atLeast1 int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *atLeast1) UnmarshalText(b []byte) error {
	v, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || v < 1 {
		return fmt.Errorf("%q isn't a whole number from 1 on", b)
	}
	*n = atLeast1(v)
	return nil
}

// byteSize is a number of bytes, such as 500MB.
type byteSize int64

var byteUnits = map[string]float64{
	"": 1, "B": 1, "K": 1e3, "KB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9, "T": 1e12, "TB": 1e12,
	"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *byteSize) UnmarshalText(b []byte) error {
	text := strings.ToUpper(strings.ReplaceAll(string(b), " ", ""))
	number := strings.TrimRight(text, "BKMGTI")
	unit, known := byteUnits[text[len(number):]]
	v, err := strconv.ParseFloat(number, 64)
	if v *= unit; err != nil || !known || !(v >= 1) || v > 1<<60 {
		return fmt.Errorf("%q isn't a size such as 500MB or 4GB", b)
	}
	*s = byteSize(v)
	return nil
}

// dropLine says that a drop was written or taken in.
func dropLine(space, path string, f fields) string {
	what := dropPart(node.DropSpace{Name: space, Path: path})
	if f.text("what") == "taken" {
		return what + " was taken in from the drop " + f.text("file")
	}
	return what + " was written to the drop " + f.text("file")
}
