package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/folder/ignore"
	"meadow/core/node"
)

type ignoreCmd struct {
	Space string `arg:""`
	Test  bool   `help:"Read rules from standard input and show what they would skip in place of the top .meadowignore; nothing is changed."`
}

func (c *ignoreCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a := control.Args{Space: c.Space, Test: c.Test}
	if c.Test {
		rules, err := io.ReadAll(io.LimitReader(o.in, ignore.MaxSize+1))
		if err != nil {
			return unreadable("the rules", err)
		}
		if len(rules) > ignore.MaxSize {
			return usagef("rules of more than %d KiB can't be used", ignore.MaxSize>>10)
		}
		a.Rules = rules
	}
	return ask(ctx, h, o, "ignore", a, printIgnored)
}

const skippedShown = 100 // in prose

func printIgnored(w *tabwriter.Writer, l node.Ignored) {
	for i, k := range l.Skipped {
		if i == skippedShown {
			break
		}
		what := size(k.Bytes)
		if k.Kind == "folder" {
			what = plural(int(k.Count), "file") + ", " + what
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.Kind, shown(k.Path), what, reasonFor(k))
	}
	if n := int64(len(l.Skipped)) - skippedShown + l.More; n > 0 {
		fmt.Fprintf(w, "and %d more\n", n)
	}
	verb, where := "skips", "."
	if l.Test {
		verb = "would skip"
	}
	if l.Folder == nil {
		where = " where it is attached to a folder; here it isn't."
	}
	least := ""
	if l.Partial {
		least = "at least "
	}
	fmt.Fprintf(w, "%s %s %s%s, %s%s\n", shown(l.Space), verb, least, plural(int(l.Count), "file"), size(l.Bytes), where)
	printRules(w, l.Rules)
}

// reasonFor names the rule for which something is skipped.
func reasonFor(k node.Skipped) string {
	if k.Pattern == "" {
		return "the rules of " + shown(k.Source) + " can't be used"
	}
	return "for " + shown(k.Pattern) + " in " + place(k.Source, k.Line)
}

func place(source string, line int) string {
	if source == ignore.Default {
		return "the defaults"
	}
	return fmt.Sprintf("%s:%d", shown(source), line)
}

func printRules(w *tabwriter.Writer, rules []node.IgnoreRule) {
	defaults := 0
	for _, r := range rules {
		switch {
		case r.Source == ignore.Default:
			defaults++
		case r.Pattern == "":
			fmt.Fprintf(w, "rule\t%s: %s\n", shown(r.Source), shown(r.Problem))
		case r.Problem != "":
			fmt.Fprintf(w, "rule\t%s\t%s, which can match nothing: %s\n", shown(r.Pattern), place(r.Source, r.Line), shown(r.Problem))
		default:
			fmt.Fprintf(w, "rule\t%s\t%s\n", shown(r.Pattern), place(r.Source, r.Line))
		}
	}
	fmt.Fprintf(w, "and %s that are always there: --json lists them\n", plural(defaults, "default rule"))
}
