package main

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type holdCmd struct {
	List  holdListCmd  `cmd:"" help:"List removals that wait for a decision."`
	Show  holdShowCmd  `cmd:"" help:"List the files of a hold."`
	Allow holdAllowCmd `cmd:"" help:"Let the files be removed, on every device."`
	Keep  holdKeepCmd  `cmd:"" help:"Keep the files, on every device."`
}

type holdListCmd struct{}

func (*holdListCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "hold list", control.Args{}, func(w *tabwriter.Writer, hs []node.Hold) {
		switch len(hs) {
		case 0:
			fmt.Fprintln(w, "nothing is held")
		case 1:
		default:
			fmt.Fprintln(w, "One answer counts for all your devices: other holds of the same files end with it.")
		}
		for _, h := range hs {
			fmt.Fprintf(w, "%s\t%s\n\t%s\n", h.ID, holdText(h), holdChoice(h))
		}
	})
}

// holdText says what waits, and since when.
func holdText(h node.Hold) string {
	since := "since " + local(h.Since)
	if h.Kind == "missing" {
		what := "The folder of " + shown(h.Space)
		if h.Place != "" {
			what = fmt.Sprintf("The disk at %s in %s", shown(h.Place), shown(h.Space))
		}
		return fmt.Sprintf("%s is missing, with %s of %s, %s. Nothing was removed.", what, grouped(h.Removes), files(h.Of), since)
	}
	before := ""
	if h.Before > 0 {
		before = fmt.Sprintf(" (%s went shortly before)", files(h.Before))
	}
	if h.Here {
		return fmt.Sprintf("%s of %s are missing from the folder of %s%s, %s. They are gone from this folder and nowhere else.",
			grouped(h.Removes), files(h.Of), shown(h.Space), before, since)
	}
	return fmt.Sprintf("%s wants to remove %s of %s in %s%s, %s. Nothing was removed.",
		shown(h.Device), grouped(h.Removes), files(h.Of), shown(h.Space), before, since)
}

func holdChoice(h node.Hold) string {
	if h.Kind == "missing" {
		return fmt.Sprintf("Put it back, or: `meadow hold keep %s` waits for it, `meadow hold allow %s` removes its files everywhere.", h.ID, h.ID)
	}
	return fmt.Sprintf("`meadow hold show %s` lists them, `meadow hold keep %s` keeps them, `meadow hold allow %s` removes them everywhere.",
		h.ID, h.ID, h.ID)
}

type holdShowCmd struct {
	ID string `arg:"" help:"Its id, as hold list gives it, or at least the first four digits."`
}

func (c *holdShowCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "hold show", control.Args{Hold: c.ID}, func(w *tabwriter.Writer, fs []node.HeldFile) {
		for _, f := range fs {
			fmt.Fprintf(w, "%s\t%s\n", size(f.Bytes), shown(f.Path))
		}
	})
}

type holdAllowCmd struct {
	ID string `arg:"" help:"Its id, as hold list gives it, or at least the first four digits."`
}

func (c *holdAllowCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "hold allow", control.Args{Hold: c.ID}, func(w *tabwriter.Writer, h node.Hold) {
		fmt.Fprintf(w, "%s of %s removed everywhere; history keeps %s for a while\n", files(h.Removes), shown(h.Space), them(h.Removes))
	})
}

type holdKeepCmd struct {
	ID string `arg:"" help:"Its id, as hold list gives it, or at least the first four digits."`
}

func (c *holdKeepCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "hold keep", control.Args{Hold: c.ID}, func(w *tabwriter.Writer, h node.Hold) {
		switch {
		case h.Kind == "missing":
			fmt.Fprintf(w, "%s of %s stay; Meadow waits until they are back, and asks no more\n", files(h.Removes), shown(h.Space))
		case h.Waiting > 0:
			fmt.Fprintf(w, "%s of %s stay; %s must come from another device\n", files(h.Removes), shown(h.Space), grouped(h.Waiting))
		default:
			fmt.Fprintf(w, "%s of %s stay\n", files(h.Removes), shown(h.Space))
		}
	})
}

func files(n int64) string {
	if n == 1 {
		return "1 file"
	}
	return grouped(n) + " files"
}

func them(n int64) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// grouped writes a count with its thousands apart.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
