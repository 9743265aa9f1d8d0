package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"meadow/core/control"
	"meadow/core/node"
)

// days is a time in whole days: 30d, or a duration such as 720h.
type days int

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *days) UnmarshalText(b []byte) error {
	text := strings.TrimSpace(string(b))
	if number, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(number); err == nil && n > 0 {
			*d = days(n)
			return nil
		}
	}
	const day = 24 * time.Hour
	if v, err := time.ParseDuration(text); err == nil && v > 0 && v%day == 0 {
		*d = days(v / day)
		return nil
	}
	return fmt.Errorf("%q isn't a number of days such as 30d or 720h", text)
}

// byteCount is a size such as 64MiB, 64M (the same), 100MB or 4096. Letters may be
// small or large.
type byteCount int64

var units = []struct {
	suffix string
	size   int64
}{
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
	{"TiB", 1 << 40},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"TB", 1e12},
	{"K", 1 << 10},
	{"M", 1 << 20},
	{"G", 1 << 30},
	{"T", 1 << 40},
	{"B", 1},
	{"", 1},
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *byteCount) UnmarshalText(b []byte) error {
	text := strings.TrimSpace(string(b))
	for _, u := range units {
		number := text[:max(0, len(text)-len(u.suffix))]
		if !strings.EqualFold(text[len(number):], u.suffix) {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err == nil && n >= 0 && n <= (1<<62)/u.size {
			*c = byteCount(n * u.size)
			return nil
		}
		break
	}
	return fmt.Errorf("%q isn't a size such as 64MiB or 100MB", text)
}

// limit writes a size that somebody chose, as he may have written it.
func limit(n int64) string {
	for _, u := range units {
		if u.size >= 1<<10 && n >= u.size && n%u.size == 0 && n/u.size < 1<<10 && strings.HasSuffix(u.suffix, "iB") {
			return fmt.Sprintf("%d %s", n/u.size, u.suffix)
		}
	}
	return size(n)
}

type settingsCmd struct {
	History   *days      `placeholder:"DAYS" help:"For how long what was replaced or deleted can be restored, on all devices: 1d to 365d."`
	CopyLimit *byteCount `name:"copy-limit" placeholder:"SIZE" help:"On this device, files up to this size are copied for history where the disk can't share blocks."`
	LimitIn   *rate      `name:"limit-in" placeholder:"RATE" help:"On this device, receive at most so much per second: 2MiB/s, or off."`
	LimitOut  *rate      `name:"limit-out" placeholder:"RATE" help:"On this device, send at most so much per second."`
	LimitLAN  *onOff     `name:"limit-lan" placeholder:"on|off" help:"Whether these limits hold on the local network too."`
	DryRun    bool       `name:"dry-run" help:"Change nothing; say what a shorter history would free."`
}

func (c *settingsCmd) Run(ctx context.Context, h node.Home, o *output) error {
	change := node.SettingsChange{DryRun: c.DryRun}
	if c.History != nil {
		n := int(*c.History)
		change.HistoryDays = &n
	}
	if c.CopyLimit != nil {
		n := int64(*c.CopyLimit)
		change.CopyLimit = &n
	}
	if c.LimitIn != nil {
		change.LimitIn = (*int64)(c.LimitIn)
	}
	if c.LimitOut != nil {
		change.LimitOut = (*int64)(c.LimitOut)
	}
	if c.LimitLAN != nil {
		change.LimitLAN = (*bool)(c.LimitLAN)
	}
	if c.DryRun && c.History == nil {
		return usagef("--dry-run goes with --history")
	}
	return ask(ctx, h, o, "settings", control.Args{Settings: change}, func(w *tabwriter.Writer, s node.Settings) {
		would := ""
		if c.DryRun {
			would = "would be "
		}
		fmt.Fprintf(w, "history\t%skept for %s; it takes %s here\n", would, plural(s.HistoryDays, "day"), size(s.HistoryBytes))
		if s.Frees > 0 {
			fmt.Fprintf(w, "\tfrees %s here\n", size(s.Frees))
		}
		fmt.Fprintf(w, "copy limit\t%s\n", limit(s.CopyLimit))
		fmt.Fprintf(w, "receive\t%s\nsend\t%s\n", speed(s.LimitIn, s.LimitLAN), speed(s.LimitOut, s.LimitLAN))
	})
}

type spaceDeleteCmd struct {
	Space string `arg:""`
	Yes   bool   `help:"Delete it; without this only say what it holds."`
}

func (c *spaceDeleteCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a := control.Args{Space: c.Space, Sure: c.Yes}
	return ask(ctx, h, o, "space delete", a, func(w *tabwriter.Writer, d node.DeletedSpace) {
		fmt.Fprintf(w, "%s is deleted from all your devices: %s, %s.\n", shown(d.Name), plural(int(d.Files), "file"), size(d.Bytes))
		if len(d.Shared) > 0 {
			fmt.Fprintf(w, "It was shared with %s; that has ended, and what was downloaded is kept there.\n", names(d.Shared))
		}
		if d.Folder != nil {
			fmt.Fprintf(w, "The files in %s stay there.\n", shown(*d.Folder))
		}
		fmt.Fprintf(w, "Until %s `meadow space undelete %s` brings it back.\n", local(d.Until), d.ID[:8])
	})
}

type spaceUndeleteCmd struct {
	Space string `arg:"" help:"Its name or id, as space list --deleted gives them."`
	As    string `placeholder:"NAME" help:"Call it so from now on."`
}

func (c *spaceUndeleteCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a := control.Args{Space: c.Space, Name: c.As}
	return ask(ctx, h, o, "space undelete", a, func(w *tabwriter.Writer, s node.Space) {
		printSpace(w, s)
		fmt.Fprintf(w, "It isn't attached to a folder: `meadow space attach` does that.\n")
	})
}

func listDeleted(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "space deleted", control.Args{}, func(w *tabwriter.Writer, all []node.DeletedSpace) {
		if len(all) == 0 {
			fmt.Fprintln(w, "no deleted spaces")
		}
		for _, d := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\tuntil %s\n", shown(d.Name), d.ID[:8], plural(int(d.Files), "file"), size(d.Bytes), local(d.Until))
		}
	})
}

// manyRemoved is of how many files on a removal may be held by an attached folder:
// that is half of the smallest which does so.
const manyRemoved = 10

// printRemoved is the prose of rm.
func printRemoved(w *tabwriter.Writer, r node.Removed) {
	if r.Erased == 0 {
		fmt.Fprintf(w, "%s removed; history keeps %s for a while\n", plural(int(r.Removed), "file"), them(r.Removed))
		if r.Removed >= manyRemoved {
			fmt.Fprintln(w, "A folder that would lose most of its files holds them until you have decided: see `meadow hold list`.")
		}
		return
	}
	fmt.Fprintf(w, "%s removed, the history of %s erased here; other devices do so when they hear of it\n",
		plural(int(r.Removed), "file"), plural(int(r.Erased), "path"))
	for _, path := range r.Elsewhere {
		fmt.Fprintf(w, "the same bytes are still at %s\n", shown(path))
	}
}

// whyNot says why a version can't be restored.
func whyNot(v node.Version) string {
	switch {
	case v.Erased:
		return "  (erased what was before)"
	case v.Reason == node.ReasonNotKept:
		return "  (no history here: larger than the copy limit, and this disk can't share blocks)"
	case v.Reason == node.ReasonNotHere:
		return "  (bytes not here)"
	}
	return ""
}
