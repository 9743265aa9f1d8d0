package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/folder/tree"
	"meadow/core/node"
)

// b64 lets a command take PATH in base64, as ls gives it for names that aren't
// UTF-8.
type b64 struct {
	B64 bool `name:"b64" help:"Paths are given in base64, as ls gives path_b64."`
}

func (b b64) path(text string) ([]byte, error) {
	p := text
	if b.B64 {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, usagef("%q isn't base64", text)
		}
		p = string(raw)
	}
	if err := tree.CheckPath(p); err != nil {
		return nil, usageError{err}
	}
	return []byte(p), nil
}

// ask makes one call and prints its result.
func ask[R any](ctx context.Context, h node.Home, o *output, name string, a control.Args, prose func(*tabwriter.Writer, R)) error {
	c, err := control.NewClient(h)
	if err != nil {
		return err
	}
	raw, err := c.Do(ctx, name, a, nil)
	if err != nil {
		return err
	}
	return result(o, raw, prose)
}

func printWritten(w *tabwriter.Writer, r node.Written) {
	if r.Version == nil {
		fmt.Fprintf(w, "%s: a folder\n", shown(r.Path))
		return
	}
	fmt.Fprintf(w, "%s: %s, version %s\n", shown(r.Path), size(r.Bytes), *r.Version)
}

type putCmd struct {
	b64
	Space string `arg:""`
	Path  string `arg:""`
	File  string `arg:"" help:"The file to store, or - for standard input."`
}

func (p *putCmd) Run(ctx context.Context, h node.Home, o *output) error {
	path, err := p.path(p.Path)
	if err != nil {
		return err
	}
	in := o.in
	if p.File != "-" {
		f, err := os.Open(p.File)
		if err != nil {
			return unreadable(p.File, err)
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return unreadable(p.File, errors.New("it is a folder"))
		}
		in = f
	}
	c, err := control.NewClient(h)
	if err != nil {
		return err
	}
	raw, err := c.Put(ctx, control.Args{Space: p.Space, Path: path}, in)
	if err != nil {
		return err
	}
	return result(o, raw, printWritten)
}

func unreadable(file string, err error) error {
	return &node.Error{
		Code: node.CodeIO, Message: fmt.Sprintf("can't read %s: %v; nothing was changed", file, err),
		Hint: "give a file that you may read",
	}
}

type getCmd struct {
	b64
	Space  string `arg:""`
	Path   string `arg:""`
	Output string `short:"o" placeholder:"FILE" help:"Where to write it; standard output if left out."`
	// Version is a former one.
	Version string `placeholder:"V" help:"A version that history lists, in place of the latest."`
}

func (g *getCmd) Run(ctx context.Context, h node.Home, o *output) error {
	path, err := g.path(g.Path)
	if err != nil {
		return err
	}
	if g.Output == "-" {
		g.Output = ""
	}
	if o.json && g.Output == "" {
		return usagef("get --json needs -o FILE")
	}
	c, err := control.NewClient(h)
	if err != nil {
		return err
	}
	content, length, err := c.Get(ctx, control.Args{Space: g.Space, Path: path, Version: g.Version})
	if err != nil {
		return err
	}
	defer content.Close()
	if g.Output == "" {
		_, err = io.Copy(o.out, content)
		return cut(err)
	}
	if err := writeFile(g.Output, content); err != nil {
		return err
	}
	if o.json {
		_, err = fmt.Fprintf(o.out, "{\"path\":%s,\"file\":%s,\"bytes\":%d}\n", quoted(string(path)), quoted(g.Output), length)
	}
	return err
}

// writeFile writes content to file, whole or not at all. A file that is there is
// replaced, behind a link too, and keeps its mode.
func writeFile(file string, content io.Reader) error {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return writeThrough(file, content)
	}
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	t, err := temporary(file)
	if err != nil {
		return unwritten(file, err)
	}
	defer os.Remove(t.Name())
	_, err = io.Copy(t, content)
	if err := errors.Join(cut(err), t.Sync(), t.Close()); err != nil {
		return unwritten(file, err)
	}
	if err := os.Rename(t.Name(), file); err != nil {
		return unwritten(file, err)
	}
	return nil
}

// writeThrough writes content to a pipe or a device, which stays what it is.
func writeThrough(file string, content io.Reader) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return unwritten(file, err)
	}
	_, err = io.Copy(f, content)
	if err := errors.Join(cut(err), f.Close()); err != nil {
		return unwritten(file, err)
	}
	return nil
}

// temporary opens a new file beside file, with its mode if it is there.
func temporary(file string) (*os.File, error) {
	name := filepath.Join(filepath.Dir(file), ".meadow-get-"+strings.ToLower(rand.Text()))
	t, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(file); err == nil {
		if err := t.Chmod(info.Mode().Perm()); err != nil {
			_ = t.Close()
			_ = os.Remove(name)
			return nil, err
		}
	}
	return t, nil
}

func unwritten(file string, err error) error {
	return &node.Error{
		Code: node.CodeIO, Message: fmt.Sprintf("can't write %s: %v; nothing was left there", file, err),
		Hint: "choose another place, or make room",
	}
}

func cut(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &node.Error{
			Code: node.CodeIO, Message: "the content ended early", Hint: "see the node's log, then try again",
		}
	}
	return err
}

type lsCmd struct {
	b64
	Space   string `arg:""`
	Prefix  string `arg:"" optional:"" help:"Only what is at this path or below it."`
	Deleted bool   `help:"List what was deleted and is still in history, the latest first."`
}

func (l *lsCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a := control.Args{Space: l.Space}
	if l.Prefix != "" {
		prefix, err := l.path(l.Prefix)
		if err != nil {
			return err
		}
		a.Path = prefix
	}
	if l.Deleted {
		return ask(ctx, h, o, "ls deleted", a, printDeleted)
	}
	return ask(ctx, h, o, "ls", a, func(w *tabwriter.Writer, files []node.File) {
		if len(files) == 0 {
			fmt.Fprintln(w, "no files")
		}
		for _, f := range files {
			mark := ""
			switch {
			case !f.Present:
				mark = "  (not here yet)"
			case !f.Kept:
				mark = "  (no history here: larger than the copy limit, and this disk can't share blocks)"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s%s\n", f.Kind, size(f.Bytes), local(f.Time), shown(f.Path), mark)
		}
	})
}

type rmCmd struct {
	b64
	Space string `arg:""`
	Path  string `arg:""`
	Erase bool   `help:"Erase its history for good too, on all devices. It can't be restored then."`
}

func (r *rmCmd) Run(ctx context.Context, h node.Home, o *output) error {
	path, err := r.path(r.Path)
	if err != nil {
		return err
	}
	return ask(ctx, h, o, "rm", control.Args{Space: r.Space, Path: path, Erase: r.Erase}, printRemoved)
}

type mvCmd struct {
	b64
	Space string `arg:""`
	From  string `arg:""`
	To    string `arg:""`
}

func (m *mvCmd) Run(ctx context.Context, h node.Home, o *output) error {
	from, err := m.path(m.From)
	if err != nil {
		return err
	}
	to, err := m.path(m.To)
	if err != nil {
		return err
	}
	return ask(ctx, h, o, "mv", control.Args{Space: m.Space, Path: from, To: to}, printWritten)
}

type historyCmd struct {
	b64
	Space string `arg:""`
	Path  string `arg:""`
}

func (c *historyCmd) Run(ctx context.Context, h node.Home, o *output) error {
	path, err := c.path(c.Path)
	if err != nil {
		return err
	}
	return ask(ctx, h, o, "history", control.Args{Space: c.Space, Path: path}, func(w *tabwriter.Writer, vs []node.Version) {
		if len(vs) == 0 {
			fmt.Fprintf(w, "no versions of %s are kept here\n", shown(string(path)))
		}
		for _, v := range vs {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\tby %s%s\n", v.Version, local(v.Time), v.Op, size(v.Bytes), shown(v.Author), whyNot(v))
		}
	})
}

type restoreCmd struct {
	b64
	Space   string `arg:""`
	Path    string `arg:""`
	Version string `arg:"" help:"16 hex digits, as history gives them."`
}

func (c *restoreCmd) Run(ctx context.Context, h node.Home, o *output) error {
	path, err := c.path(c.Path)
	if err != nil {
		return err
	}
	return ask(ctx, h, o, "restore", control.Args{Space: c.Space, Path: path, Version: c.Version}, printWritten)
}
