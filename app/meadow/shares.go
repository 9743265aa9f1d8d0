package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type shareCmd struct {
	Give   shareGiveCmd   `cmd:"" default:"withargs" help:"Let a person read, add to or change a space, or a folder of one; what is done without a command."`
	Change shareChangeCmd `cmd:"" help:"Give a share another level or end."`
}

type shareGiveCmd struct {
	Space     string    `arg:"" placeholder:"SPACE[/FOLDER]" help:"A space, or a folder in one."`
	With      string    `required:"" placeholder:"NAME" help:"The person."`
	Level     string    `required:"" enum:"read,contribute,write" help:"read; contribute, which is to read and add files; or write, which is to change and delete too."`
	From      sinceTime `placeholder:"TIME" help:"Only what is written from then on."`
	Until     untilTime `placeholder:"TIME" help:"When it ends, such as friday, \"2026-11-27 18:00\" or 30d; without it, when you take it back."`
	MayPassOn bool      `help:"They may hand on what they have."`
	DryRun    bool      `help:"Only say what it would mean."`
}

func (c *shareGiveCmd) Run(ctx context.Context, h node.Home, o *output) error {
	space, path := spaceAndPath(c.Space)
	a := control.Args{Share: node.ShareOptions{
		Space: space, Path: path, With: c.With, Level: c.Level,
		From: orNil(c.From.Time), Until: orNil(c.Until.Time), MayPassOn: c.MayPassOn,
	}}
	if c.DryRun {
		return ask(ctx, h, o, "share preview", a, func(w *tabwriter.Writer, p node.SharePreview) {
			fmt.Fprintln(w, shown(p.Says))
			fmt.Fprintln(w, "Nothing was changed.")
		})
	}
	return ask(ctx, h, o, "share", a, printShare)
}

// spaceAndPath takes apart SPACE/FOLDER; no space's name has a slash.
func spaceAndPath(text string) (space, path string) {
	space, path, _ = strings.Cut(text, "/")
	return space, strings.Trim(path, "/")
}

type shareChangeCmd struct {
	ID        string    `arg:"" help:"As shares lists it, or the first eight digits of it."`
	Level     string    `default:"" enum:",read,contribute,write" help:"read, contribute or write."`
	Until     untilTime `placeholder:"TIME|never" help:"When it ends."`
	MayPassOn *bool     `negatable:"" help:"They may, or may not, hand on what they have."`
}

func (c *shareChangeCmd) Run(ctx context.Context, h node.Home, o *output) error {
	if c.Level == "" && c.Until.IsZero() && !c.Until.never && c.MayPassOn == nil {
		return usagef("say what is to change: --level, --until or --may-pass-on")
	}
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	raw, err := client.Do(ctx, "shares", control.Args{}, nil)
	if err != nil {
		return err
	}
	var all []node.Share
	if err := json.Unmarshal(raw, &all); err != nil {
		return fmt.Errorf("read the node's answer: %w", err)
	}
	a := control.Args{ID: c.ID}
	if i := slices.IndexFunc(all, func(s node.Share) bool { return s.ID == c.ID || len(c.ID) >= 8 && strings.HasPrefix(s.ID, c.ID) }); i >= 0 {
		s := all[i]
		a.Share = node.ShareOptions{Level: s.Level, Until: s.Until, MayPassOn: s.MayPassOn}
	}
	if c.Level != "" {
		a.Share.Level = c.Level
	}
	if !c.Until.IsZero() || c.Until.never {
		a.Share.Until = orNil(c.Until.Time)
	}
	if c.MayPassOn != nil {
		a.Share.MayPassOn = *c.MayPassOn
	}
	return ask(ctx, h, o, "share change", a, printShare)
}

type sharesCmd struct{}

func (*sharesCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "shares", control.Args{}, func(w *tabwriter.Writer, all []node.Share) {
		if len(all) == 0 {
			fmt.Fprintln(w, "nothing is shared; `meadow share` does it")
		}
		for _, s := range all {
			printShareRow(w, s)
		}
	})
}

func printShare(w *tabwriter.Writer, s node.Share) {
	fmt.Fprintln(w, shown(s.Says))
	printShareRow(w, s)
}

func printShareRow(w *tabwriter.Writer, s node.Share) {
	fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\n", s.ID[:min(len(s.ID), 8)], shown(s.With), shown(whereOf(s.Space, s.Path)),
		levelOf(s.Level, s.MayPassOn), untilOf(s.Until), shareState(s))
	for _, holder := range s.Holders {
		if len(holder.Through) == 0 {
			continue
		}
		who := holder.Person
		if who == "" {
			who = "someone unknown here (device " + holder.Device[:min(len(holder.Device), 8)] + ")"
		}
		fmt.Fprintf(w, "    and %s, through %s: %s\n", shown(who), names(holder.Through), levelOf(holder.Level, false))
	}
}

// whereOf names a space or a folder of it.
func whereOf(space, path string) string {
	if path == "" {
		return space
	}
	return space + "/" + path
}

func levelOf(level string, passOn bool) string {
	if passOn {
		return level + ", may pass on"
	}
	return level
}

func untilOf(t *node.Time) string {
	if t == nil || t.IsZero() {
		return "no end"
	}
	return "until " + local(*t)
}

func shareState(s node.Share) string {
	switch {
	case s.State == node.ShareOffered && !s.Told:
		return "offered, not delivered yet"
	case s.State == node.ShareAccepted && !s.Told:
		return "accepted; a change isn't delivered yet"
	case s.State == node.ShareAccepted && s.LastUsed == nil:
		return "accepted, never used"
	case s.State == node.ShareAccepted:
		return "accepted, last used " + local(*s.LastUsed)
	}
	return s.State
}

type inviteCmd struct {
	List    inviteListCmd    `cmd:"" help:"List what others offer, and what became of it."`
	Accept  inviteAcceptCmd  `cmd:"" help:"Take what is offered: the space is here then."`
	Decline inviteDeclineCmd `cmd:"" help:"Say no, or give back what was accepted or has ended: the space and its data go from this device."`
}

type inviteListCmd struct{}

func (*inviteListCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "invite list", control.Args{}, func(w *tabwriter.Writer, all []node.Invite) {
		if len(all) == 0 {
			fmt.Fprintln(w, "nobody offers anything")
		}
		for _, i := range all {
			fmt.Fprintf(w, "%s  %s  %s\n", i.ID[:min(len(i.ID), 8)], i.State, shown(i.Says))
		}
	})
}

type inviteAcceptCmd struct {
	ID string `arg:"" help:"As invite list has it, or the first eight digits of it."`
}

func (c *inviteAcceptCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "invite accept", control.Args{ID: c.ID}, func(w *tabwriter.Writer, i node.Invite) {
		fmt.Fprintf(w, "%s is here: `meadow space list` shows it.\n", shown(i.Space))
	})
}

type inviteDeclineCmd struct {
	ID string `arg:"" help:"As invite list has it, or the first eight digits of it."`
}

func (c *inviteDeclineCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "invite decline", control.Args{ID: c.ID}, func(w *tabwriter.Writer, i node.Invite) {
		if i.State == node.ShareDeclined {
			fmt.Fprintf(w, "Declined; %s is told.\n", shown(i.From))
		}
		if i.Gone {
			fmt.Fprintf(w, "%s and its data are gone from this device; files in a folder that it was attached to stay.\n", shown(i.Space))
		}
	})
}

type revokeCmd struct {
	ID     string    `arg:"" optional:"" help:"As shares lists it, or the first eight digits of it."`
	Person string    `placeholder:"NAME" help:"Everything that this person has."`
	DryRun bool      `help:"Only say what it would mean, and what hangs below it."`
	Since  sinceTime `placeholder:"TIME" help:"What they wrote from then on isn't kept."`
	Anyway bool      `help:"Also if files that they wrote aren't all here yet, which are lost then."`
}

func (c *revokeCmd) Run(ctx context.Context, h node.Home, o *output) error {
	if (c.ID == "") == (c.Person == "") {
		return usagef("give either the id of a share or --person")
	}
	a := control.Args{Revoke: node.RevokeOptions{
		ID: c.ID, Person: c.Person, DryRun: c.DryRun, Anyway: c.Anyway, Since: orNilTime(c.Since.Time),
	}}
	return ask(ctx, h, o, "revoke", a, printRevoked)
}

func printRevoked(w *tabwriter.Writer, r node.Revoked) {
	ends := "end"
	if r.Done {
		ends = "ended"
	}
	for _, s := range r.Shares {
		fmt.Fprintf(w, "%s: %s %s in %s\n", ends, shown(s.With), s.Level, shown(whereOf(s.Space, s.Path)))
	}
	for _, holder := range r.AlsoEnds {
		who := holder.Person
		if who == "" {
			who = "device " + holder.Device[:min(len(holder.Device), 8)]
		}
		fmt.Fprintf(w, "this also %ss %s's access, through %s\n", "end", shown(who), names(holder.Through))
	}
	for _, f := range r.Left {
		fmt.Fprintf(w, "Not all here, so it can't be kept: %s in %s\n", shown(f.Path), shown(f.Space))
	}
	if h := r.Holds; h != (node.Holding{}) { // nor is it looked at again later
		fmt.Fprintf(w, "They may hold %s, %s, and keep what they hold", plural(int(h.Files), "file"), size(h.Bytes))
		if h.Seen != nil {
			fmt.Fprintf(w, "; last connected %s", local(*h.Seen))
		}
		fmt.Fprintln(w, ".")
	}
	if !r.Done {
		fmt.Fprintln(w, "Nothing was changed.")
		return
	}
	if r.Adopted > 0 {
		fmt.Fprintf(w, "%s of theirs stay, in this account's name\n", plural(int(r.Adopted), "file"))
	}
	for _, s := range r.Stopped {
		fmt.Fprintf(w, "%s doesn't serve it any more since %s\n", shown(s.Device), s.At.Local().Format("2006-01-02 15:04:05.000"))
	}
	if len(r.NotTold) > 0 {
		fmt.Fprintf(w, "not heard yet by: %s\n", names(r.NotTold))
	}
}

// printOwner says whose a space is and what may be done in it and where, unless it is
// the account's own.
func printOwner(w *tabwriter.Writer, s node.Space) {
	if s.Shared == nil {
		return
	}
	if len(s.Shared.Parts) == 0 {
		fmt.Fprintf(w, "    from %s\n", shown(s.Shared.Person))
	}
	may := map[string]string{"read": "you can read %s", "contribute": "you can read %s and add files", "write": "you can read and change %s"}
	for _, p := range s.Shared.Parts {
		where, end := "it", ""
		if p.Path != "" {
			where = shown(p.Path)
		}
		if p.Until != nil {
			end = ", until " + local(*p.Until)
		}
		fmt.Fprintf(w, "    from %s; %s%s\n", shown(p.Person), fmt.Sprintf(may[p.Level], where), end)
	}
}
