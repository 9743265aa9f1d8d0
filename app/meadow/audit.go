package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"meadow/core/consync"
	"meadow/core/control"
	"meadow/core/node"
)

type auditCmd struct {
	Person string    `placeholder:"NAME" help:"Rows about this person, by name or custodian id."`
	Space  string    `placeholder:"SPACE" help:"Rows about this space."`
	Since  sinceTime `placeholder:"WHEN" help:"Rows from then on: 2026-11-27, friday, 30d, …"`
	Until  sinceTime `placeholder:"WHEN" help:"Rows before then."`
	Search string    `placeholder:"TEXT" help:"Rows with this in a path, a name or what happened."`
	Kind   string    `placeholder:"KIND" help:"Rows of this kind, such as sent or refused, or of several: KIND,…"`
	Limit  int       `default:"100" help:"So many rows, 1000 at most."`
	Before int64     `placeholder:"ID" help:"Rows older than this one."`
	Export string    `placeholder:"FILE" help:"Write all rows to a new file, one JSON object a line; - is standard output."`
}

func (c *auditCmd) query() node.AuditQuery {
	return node.AuditQuery{
		Text: c.Search, Person: c.Person, Space: c.Space, Kind: c.Kind, Since: orNilTime(c.Since.Time), Until: orNilTime(c.Until.Time),
		Limit: c.Limit, Before: c.Before,
	}
}

func (c *auditCmd) Run(ctx context.Context, h node.Home, o *output) error {
	if c.Limit < 1 || c.Limit > 1000 || c.Before < 0 {
		return usagef("--limit must be 1 to 1000, and --before a row's id")
	}
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	if c.Export != "" {
		return c.export(ctx, client, o)
	}
	raw, err := client.Do(ctx, "audit", control.Args{Audit: c.query()}, nil)
	if err != nil {
		return err
	}
	if o.json {
		var page struct{ Rows json.RawMessage }
		if err := json.Unmarshal(raw, &page); err != nil {
			return fmt.Errorf("read the node's answer: %w", err)
		}
		raw = page.Rows
	}
	return result(o, raw, printAudit)
}

// export writes all rows that are asked for, the newest first.
func (c *auditCmd) export(ctx context.Context, client *control.Client, o *output) (err error) {
	to := o.out
	if c.Export != "-" {
		f, err := os.OpenFile(c.Export, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return &node.Error{Code: node.CodeIO, Message: "can't make the file: " + err.Error(), Hint: "give the name of a file that isn't there"}
		}
		defer func() {
			if err = errors.Join(err, f.Close()); err != nil {
				_ = os.Remove(c.Export)
			}
		}()
		to = f
	}
	q := c.query()
	for q.Limit = 1000; ; {
		raw, err := client.Do(ctx, "audit", control.Args{Audit: q}, nil)
		if err != nil {
			return err
		}
		var page struct {
			Rows []json.RawMessage
			Next int64
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return fmt.Errorf("read the node's answer: %w", err)
		}
		for _, row := range page.Rows {
			if _, err := fmt.Fprintf(to, "%s\n", row); err != nil {
				return err
			}
		}
		if q.Before = page.Next; q.Before == 0 {
			return nil
		}
	}
}

func printAudit(w *tabwriter.Writer, p node.AuditPage) {
	if len(p.Rows) == 0 {
		fmt.Fprintln(w, "nothing is noted")
	}
	for _, r := range p.Rows {
		fmt.Fprintln(w, local(r.Time)+"  "+auditLine(r))
	}
	if p.Next != 0 {
		fmt.Fprintf(w, "older ones: --before %d\n", p.Next)
	}
}

// auditLines says in a line what a row of the audit log means.
var auditLines = map[string]func(r node.AuditRow, f fields) string{
	node.AuditPerson:   func(r node.AuditRow, f fields) string { return whom(r) + " was " + f.text("what") + " as a contact" },
	node.AuditShared:   func(r node.AuditRow, f fields) string { return whom(r) + " was given " + what(r) + terms(f) },
	node.AuditChanged:  func(r node.AuditRow, f fields) string { return whom(r) + " has " + what(r) + terms(f) + " now" },
	node.AuditAnswered: func(r node.AuditRow, f fields) string { return whom(r) + " " + f.text("state") + " " + what(r) },
	node.AuditEnded:    endedLine,
	node.AuditInvited:  func(r node.AuditRow, f fields) string { return whom(r) + " gives " + what(r) + terms(f) },
	node.AuditLost: func(r node.AuditRow, f fields) string {
		return whom(r) + " gives " + what(r) + " no more" + because(f)
	},
	node.AuditDevice: func(r node.AuditRow, f fields) string {
		switch f.text("what") {
		case "given":
			return "the device " + shown(string(r.Device)) + " was given " + what(r)
		case "withdrawn":
			return what(r) + " was withdrawn from the device " + shown(string(r.Device))
		}
		return "the device " + shown(string(r.Device)) + " was " + f.text("what")
	},
	node.AuditSession: func(r node.AuditRow, f fields) string {
		return fmt.Sprintf("%s was connected for %d s%s: %s sent, %s received", whom(r), f.number("seconds"), way(r),
			size(f.number("sent")), size(f.number("received")))
	},
	node.AuditSent: func(r node.AuditRow, _ fields) string {
		return fmt.Sprintf("%s went to %s%s (%s)", what(r), whom(r), way(r), size(r.Bytes))
	},
	node.AuditReceived: func(r node.AuditRow, _ fields) string {
		return fmt.Sprintf("%s came from %s%s (%s)", what(r), whom(r), way(r), size(r.Bytes))
	},
	node.AuditRefused: refusedLine,
	node.AuditDrop: func(r node.AuditRow, f fields) string {
		return dropLine(string(r.Space), string(r.Path), f) + ", which isn't encrypted"
	},
	node.AuditRecover: func(_ node.AuditRow, f fields) string {
		return "the account " + f.text("account") + " was recovered by its words"
	},
}

func auditLine(r node.AuditRow) string {
	f := fields(r.Details)
	line, known := auditLines[r.Kind]
	if !known { // of a later version
		return strings.TrimSpace(r.Kind + " " + whom(r) + " " + what(r))
	}
	return line(r, f)
}

// whom names whom a row is about, with the device if it is known.
func whom(r node.AuditRow) string {
	name := cmp.Or(string(r.Person), string(r.Device), string(r.Endpoint), "somebody")
	if r.Person != "" && r.Device != "" {
		name += "'s " + string(r.Device)
	}
	return shown(name)
}

// what names the space or the path in it that a row is about.
func what(r node.AuditRow) string {
	if r.Path == "" {
		return shown(cmp.Or(string(r.Space), string(r.SpaceID)))
	}
	return shown(cmp.Or(string(r.Space), string(r.SpaceID)) + "/" + string(r.Path))
}

func way(r node.AuditRow) string {
	if r.Route == "" {
		return ""
	}
	return " (" + string(r.Route) + ")"
}

// terms says level and end of a grant.
func terms(f fields) string {
	text := ""
	if level := f.text("level"); level != "" {
		text = " to " + level
	}
	if until := f.text("until"); until != "" {
		text += " until " + until
	}
	return text
}

func because(f fields) string {
	if f.text("how") == "expired" {
		return ": its end has come"
	}
	return ""
}

func endedLine(r node.AuditRow, f fields) string {
	if f.text("how") == "expired" {
		return what(r) + " has ended for " + whom(r) + ": its end has come"
	}
	return what(r) + " was taken back from " + whom(r)
}

func refusedLine(r node.AuditRow, f fields) string {
	text := whom(r) + " was refused"
	if r.SpaceID != "" {
		text += " " + what(r)
	}
	why, known := refusals[f.text("why")]
	if !known { // of a later version
		why = f.text("why")
	}
	return fmt.Sprintf("%s %s: %s", text, times(f.number("times")), why)
}

// refusals says why somebody was refused something.
var refusals = map[string]string{
	string(consync.WhyDead):     "what they had of it was taken back",
	string(consync.WhyUnserved): "they have no access to it now",
	string(consync.WhyOutside):  "it isn't in what they were given",
	string(consync.WhyUnheld):   "this device doesn't have it",
}

func times(n int64) string {
	if n <= 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
