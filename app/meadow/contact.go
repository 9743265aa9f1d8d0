package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"meadow/core/control"
	"meadow/core/node"
)

type contactCmd struct {
	Show    contactShowCmd    `cmd:"" help:"Show a ticket with which somebody else can add you, and you them."`
	Accept  contactAcceptCmd  `cmd:"" help:"Take the ticket that somebody shows."`
	Confirm contactConfirmCmd `cmd:"" help:"Where the ticket is shown: type the code that the other device shows."`
	Refuse  contactRefuseCmd  `cmd:"" help:"Where the ticket is shown: don't add whoever asks."`
	List    contactListCmd    `cmd:"" help:"List whom you know, and their devices."`
	Call    contactCallCmd    `cmd:"" help:"Call somebody something else, on all your devices."`
	Block   contactBlockCmd   `cmd:"" help:"Exchange nothing with somebody any more; what you share stays shared."`
	Unblock contactUnblockCmd `cmd:"" help:"Take that back."`
	Remove  contactRemoveCmd  `cmd:"" help:"Forget somebody with whom nothing of yours is shared."`
	Picture contactPictureCmd `cmd:"" help:"Set the picture that people see beside your name."`
}

type contactShowCmd struct {
	QR      string   `name:"qr" placeholder:"FILE.png" help:"Keep a picture of the current ticket here."`
	Timeout duration `default:"5m" help:"How long to wait."`
}

func (c *contactShowCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a := control.Args{ContactShow: node.ContactShowOptions{QRFile: absolute(c.QR), Timeout: time.Duration(c.Timeout)}}
	return stream(ctx, h, o, "contact show", a, func(e node.Event) string {
		switch e.Name {
		case "ticket":
			return fmt.Sprintf("Have the other person take this, within five minutes:\n\n  meadow contact accept %v\n\nOr send them this link: %v\n",
				e.Fields["ticket"], e.Fields["link"])
		case "confirm":
			return fmt.Sprintf("%v, on %v, wants to know you (%v).\nAsk them for the code that is shown there, and type it: meadow contact confirm NNNNNN",
				text(e.Fields["person"]), text(e.Fields["device"]), e.Fields["custodian"])
		case "refused":
			return fmt.Sprintf("Not added (%v). Nothing was stored; here is a new ticket.", e.Fields["code"])
		case "added":
			return text(e.Fields["person"]) + " was added."
		}
		return ""
	})
}

type contactAcceptCmd struct {
	Ticket  string   `arg:"" help:"The ticket or link, a picture of its QR code, or - for standard input."`
	Timeout duration `default:"2m" help:"How long to wait for the code to be typed."`
}

func (c *contactAcceptCmd) Run(ctx context.Context, h node.Home, o *output) error {
	o.streamed = true
	ticket, err := readTicket(c.Ticket, o.in)
	if err != nil {
		return err
	}
	a := control.Args{ContactAccept: node.ContactAcceptOptions{Ticket: ticket, Timeout: time.Duration(c.Timeout)}}
	return stream(ctx, h, o, "contact accept", a, func(e node.Event) string {
		switch e.Name {
		case "code":
			return fmt.Sprintf("This is the ticket of %v, on %v (%v).\nTell them this code; they type it there: %v",
				text(e.Fields["person"]), text(e.Fields["device"]), e.Fields["custodian"], e.Fields["code"])
		case "added":
			return text(e.Fields["person"]) + " was added."
		}
		return ""
	})
}

type contactConfirmCmd struct {
	Digits string `arg:"" optional:"" name:"code" help:"The six digits that the other device shows."`
	Code   string `placeholder:"NNNNNN" help:"The same, as pair confirm has it."`
}

func (c *contactConfirmCmd) Run(ctx context.Context, h node.Home, o *output) error {
	code, err := sixDigits(cmp.Or(c.Digits, c.Code))
	if err != nil {
		return err
	}
	return ask(ctx, h, o, "contact confirm", control.Args{Code: code}, func(w *tabwriter.Writer, _ struct{}) {
		fmt.Fprintln(w, "The code is right: you know each other now.")
	})
}

type contactRefuseCmd struct{}

func (*contactRefuseCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "contact refuse", control.Args{}, func(w *tabwriter.Writer, _ struct{}) {
		fmt.Fprintln(w, "Refused. Nothing was stored.")
	})
}

type contactListCmd struct{}

func (*contactListCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "contact list", control.Args{}, printPeople)
}

func printPeople(w *tabwriter.Writer, people []node.Person) {
	if len(people) == 0 {
		fmt.Fprintln(w, "You know nobody yet; `meadow contact show` and `meadow contact accept` change that.")
	}
	for _, p := range people {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", shown(p.Name), p.Custodian[:8], personNow(p))
		for _, d := range p.Devices {
			fmt.Fprintf(w, "    %s\t%s\t%s\n", shown(d.Name), d.Endpoint[:8], personDeviceNow(d))
		}
	}
}

func printPerson(w *tabwriter.Writer, p node.Person) { printPeople(w, []node.Person{p}) }

func personNow(p node.Person) string {
	var all []string
	switch {
	case p.Blocked:
		all = append(all, "blocked")
	case p.Online:
		all = append(all, "online")
	case p.LastSeen != nil:
		all = append(all, "last seen "+local(*p.LastSeen))
	default:
		all = append(all, "not seen yet")
	}
	if p.Calls != p.Name {
		all = append(all, "calls themselves "+shown(p.Calls))
	}
	if p.Shares > 0 {
		all = append(all, "has "+plural(p.Shares, "share")+" from you")
	}
	if p.Invites > 0 {
		all = append(all, "shares "+plural(p.Invites, "thing")+" with you")
	}
	if p.Waiting > 0 {
		all = append(all, fmt.Sprintf("%d wait for your answer: see `meadow invite list`", p.Waiting))
	}
	return strings.Join(all, ", ")
}

func personDeviceNow(d node.PersonDevice) string {
	switch {
	case d.Online:
		return fmt.Sprintf("online (%s)", d.Path)
	case d.LastSeen != nil:
		return "offline, last seen " + local(*d.LastSeen)
	default:
		return "offline"
	}
}

type contactCallCmd struct {
	Name string `arg:"" help:"Who: their name, or the first digits of their id."`
	As   string `arg:"" optional:"" help:"What to call them; nothing: as they call themselves."`
}

func (c *contactCallCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "contact call", control.Args{Person: c.Name, Name: c.As}, printPerson)
}

type contactBlockCmd struct {
	Name string `arg:"" help:"Who: their name, or the first digits of their id."`
}

func (c *contactBlockCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "contact block", control.Args{Person: c.Name}, printPerson)
}

type contactUnblockCmd struct {
	Name string `arg:"" help:"Who: their name, or the first digits of their id."`
}

func (c *contactUnblockCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "contact unblock", control.Args{Person: c.Name}, printPerson)
}

type contactRemoveCmd struct {
	Name string `arg:"" help:"Who: their name, or the first digits of their id."`
}

func (c *contactRemoveCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "contact remove", control.Args{Person: c.Name}, func(w *tabwriter.Writer, _ struct{}) {
		fmt.Fprintln(w, "Forgotten: you don't know each other any more.")
	})
}

type contactPictureCmd struct {
	File string `arg:"" optional:"" help:"A PNG, JPEG or GIF; it is made small. - is standard input."`
	None bool   `help:"Take the picture away."`
}

func (c *contactPictureCmd) Run(ctx context.Context, h node.Home, o *output) error {
	if (c.File == "") != c.None {
		return usagef("give either a file or --none")
	}
	var picture []byte
	if !c.None {
		image, err := readImage(c.File, o)
		if err != nil {
			return err
		}
		if picture, err = node.FitPicture(image); err != nil {
			return err
		}
	}
	return ask(ctx, h, o, "contact picture", control.Args{Picture: picture}, func(w *tabwriter.Writer, _ struct{}) {
		if c.None {
			fmt.Fprintln(w, "People don't see a picture of you any more.")
		} else {
			fmt.Fprintln(w, "People who know you see this picture from now on.")
		}
	})
}

func readImage(file string, o *output) ([]byte, error) {
	const most = 32<<20 + 1 // one byte more than an image may have
	in := o.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, unreadable(file, err)
		}
		defer f.Close()
		in = f
	}
	image, err := readAtMost(in, most)
	if err != nil {
		return nil, unreadable(file, err)
	}
	return image, nil
}
