package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"meadow/core/control"
	"meadow/core/node"
	"meadow/core/qr"
)

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

type statusCmd struct{}

func (*statusCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "status", control.Args{}, printStatus)
}

func printStatus(w *tabwriter.Writer, s node.Status) {
	if s.Name != nil {
		fmt.Fprintf(w, "%s on %s: %s\n", shown(*s.Name), shown(s.Device), s.State)
	} else {
		fmt.Fprintf(w, "%s: not paired yet; `meadow pair show` joins an account\n", shown(s.Device))
	}
	for _, t := range s.Trouble {
		fmt.Fprintf(w, "attention: %s\n", shown(t.What))
	}
	if s.PausedUntil != nil {
		fmt.Fprintf(w, "paused until %s\n", local(*s.PausedUntil))
	}
	printNotices(w, s.Notices)
	if len(s.Devices) > 0 {
		fmt.Fprintln(w, "\nDevices")
		printDevices(w, s.Devices)
	}
	if len(s.Spaces) > 0 {
		fmt.Fprintln(w, "\nSpaces")
		printSpaces(w, s.Spaces)
	}
}

func printDevices(w *tabwriter.Writer, ds []node.Device) {
	for _, d := range ds {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", shown(d.Name), d.Endpoint[:8], d.Kind, spacesOf(d.Spaces), presence(d))
		if d.Notice != nil {
			printNotices(w, []node.Notice{*d.Notice})
		}
	}
}

func presence(d node.Device) string {
	switch {
	case d.Self:
		return "this device"
	case d.Unanswered && !d.Online:
		return "let in, but it never said that it joined: pair it again, or remove it"
	case d.Online && d.InStep != nil && *d.InStep:
		return "online, in step"
	case d.Waits == node.WaitsHere:
		return "online, in step but for what is held here"
	case d.Waits == node.WaitsThere:
		return "online, not done yet there"
	case d.Online:
		return "online, syncing"
	case d.LastSeen != nil:
		return "offline, last seen " + local(*d.LastSeen)
	default:
		return "offline"
	}
}

func printSpaces(w *tabwriter.Writer, ss []node.Space) {
	for _, s := range ss {
		fmt.Fprintf(w, "  %s\t%s\t%s, %s", shown(s.Name), s.ID[:8], plural(int(s.Files), "file"), size(s.Bytes))
		if s.MissingBytes > 0 {
			fmt.Fprintf(w, ", %s to fetch", size(s.MissingBytes))
		}
		if s.HistoryBytes > 0 {
			fmt.Fprintf(w, ", %s of history", size(s.HistoryBytes))
		}
		if s.Conflicts > 0 {
			fmt.Fprintf(w, ", %s", plural(int(s.Conflicts), "conflict"))
		}
		if s.Holds > 0 {
			fmt.Fprintf(w, ", %s: see `meadow hold list`", plural(int(s.Holds), "hold"))
		}
		if s.Unwritable > 0 {
			fmt.Fprintf(w, ", %d not synced: `meadow wait --synced` lists them", s.Unwritable)
		}
		if s.Folder != nil {
			fmt.Fprintf(w, "\tin %s", shown(*s.Folder))
		}
		fmt.Fprintln(w)
		printOwner(w, s)
		printEnd(w, s)
		if only := s.OnlyThere; only != nil {
			fmt.Fprintf(w, "    %s, %s: on this device only in the folder that it was attached to\n", plural(int(only.Files), "file"), size(only.Bytes))
		}
		if s.Warning != nil {
			fmt.Fprintf(w, "    %s\n", shown(*s.Warning))
		}
	}
}

func printDevice(w *tabwriter.Writer, d node.Device) { printDevices(w, []node.Device{d}) }

func printSpace(w *tabwriter.Writer, s node.Space) { printSpaces(w, []node.Space{s}) }

type pairCmd struct {
	Show    pairShowCmd    `cmd:"" help:"On the device that joins: show a ticket and wait."`
	Nearby  pairNearbyCmd  `cmd:"" help:"On a device of the account: list the devices on this network that show a ticket."`
	Accept  pairAcceptCmd  `cmd:"" help:"On a device of the account: let the device of a ticket join."`
	Confirm pairConfirmCmd `cmd:"" help:"On the device that joins: type the code that the other one shows."`
	Refuse  pairRefuseCmd  `cmd:"" help:"On the device that joins: don't join that account."`
}

type pairShowCmd struct {
	QR        string   `name:"qr" placeholder:"FILE.png" help:"Keep a picture of the current ticket here."`
	Custodian string   `placeholder:"HEX" help:"Join only this account."`
	Timeout   duration `default:"5m" help:"How long to wait."`
}

func (c *pairShowCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a := control.Args{PairShow: node.PairShowOptions{
		QRFile: absolute(c.QR), Custodian: c.Custodian, Timeout: time.Duration(c.Timeout),
	}}
	return stream(ctx, h, o, "pair show", a, func(e node.Event) string {
		switch e.Name {
		case "ticket":
			return fmt.Sprintf("On a device of the account, within a minute:\n\n  meadow pair accept %v\n", e.Fields["ticket"])
		case "confirm":
			return fmt.Sprintf("%v asks this device to join the account %v (%v).\n"+
				"Type the code that it shows: meadow pair confirm --code NNNNNN",
				text(e.Fields["device"]), text(e.Fields["account"]), e.Fields["custodian"])
		case "refused":
			return fmt.Sprintf("Not paired (%v). Nothing was stored; here is a new ticket.", e.Fields["code"])
		case "paired":
			return "Paired."
		}
		return ""
	})
}

func text(v any) string { return shown(fmt.Sprint(v)) }

func absolute(file string) string {
	if file == "" || strings.HasPrefix(file, "/") {
		return file
	}
	dir, err := os.Getwd()
	if err != nil {
		return file
	}
	return dir + string(os.PathSeparator) + file
}

// stream makes a call that emits events.
func stream(ctx context.Context, h node.Home, o *output, name string, a control.Args, prose func(node.Event) string) error {
	c, err := control.NewClient(h)
	if err != nil {
		return err
	}
	o.streamed = true
	_, err = c.Do(ctx, name, a, func(e node.Event) error { return o.event(e, prose) })
	return err
}

type pairAcceptCmd struct {
	Ticket  string   `arg:"" optional:"" help:"The ticket, a picture of its QR code, or - for standard input."`
	Nearby  string   `placeholder:"NAME|ENDPOINT" help:"In place of a ticket: a device that pair nearby lists."`
	Kind    string   `default:"full" enum:"full,limited" help:"What it will be: full, or limited to reading and writing its spaces."`
	Spaces  string   `default:"all" placeholder:"all|none|NAME,…" help:"The spaces that it gets; all is present and future ones. A full device can give itself others."`
	Timeout duration `default:"2m" help:"How long to wait for the code to be typed."`
}

func (c *pairAcceptCmd) Run(ctx context.Context, h node.Home, o *output) error {
	o.streamed = true
	accept := node.PairAcceptOptions{Nearby: c.Nearby, Kind: c.Kind, Spaces: c.Spaces, Timeout: time.Duration(c.Timeout)}
	if (c.Ticket == "") == (c.Nearby == "") {
		return usagef("give either a ticket or --nearby")
	}
	if strings.TrimSpace(c.Spaces) == "" {
		return usagef("give --spaces all, none, or names")
	}
	if c.Ticket != "" {
		var err error
		if accept.Ticket, err = readTicket(c.Ticket, o.in); err != nil {
			return err
		}
	}
	a := control.Args{PairAccept: accept}
	return stream(ctx, h, o, "pair accept", a, func(e node.Event) string {
		switch e.Name {
		case "waiting":
			return fmt.Sprintf("Careful: %v (%v) is NOT ON THIS NETWORK. Go on only if you hold it in your hand and know why;\n"+
				"otherwise stop now with Ctrl-C. The code is shown in ten seconds.",
				text(e.Fields["device"]), text(e.Fields["platform"]))
		case "code":
			return fmt.Sprintf("%v (%v) wants to join. Type this code on it: %v",
				text(e.Fields["device"]), text(e.Fields["platform"]), e.Fields["code"])
		case "paired":
			return "Paired."
		}
		return ""
	})
}

const maxTicketInput = 32 << 20 // a photo of a screen is a few megabytes

// readTicket takes a ticket as text, from a picture, or either from in.
func readTicket(arg string, in io.Reader) (string, error) {
	var content []byte
	var err error
	switch info, statErr := os.Stat(arg); {
	case arg == "-":
		content, err = readAtMost(in, maxTicketInput)
	case statErr == nil && info.Mode().IsRegular() && info.Size() <= maxTicketInput:
		content, err = os.ReadFile(arg)
	case statErr != nil && !isTicketText(arg):
		return "", usagef("%q is neither a ticket nor a picture that can be read", arg)
	default:
		return arg, nil
	}
	if err != nil {
		return "", unreadable(arg, err)
	}
	if len(content) < 4096 && !bytes.ContainsRune(content, 0) && !bytes.HasPrefix(content, []byte("\x89PNG")) {
		return strings.TrimSpace(string(content)), nil
	}
	ticket, err := qr.Decode(bytes.NewReader(content))
	if err != nil {
		return "", &node.Error{
			Code: node.CodeNotFound, Message: fmt.Sprintf("no QR code can be read from %s: %v", arg, err),
			Hint: "take the picture again, straight and near, or copy the ticket as text",
		}
	}
	return ticket, nil
}

// isTicketText reports whether an argument is meant to be a ticket, or a link to one.
func isTicketText(arg string) bool {
	text := strings.ToLower(strings.TrimSpace(arg))
	for _, begins := range []string{"mdnpair", "mdncontact", "meadow:"} {
		if strings.HasPrefix(text, begins) {
			return true
		}
	}
	return false
}

func readAtMost(in io.Reader, most int64) ([]byte, error) {
	return io.ReadAll(io.LimitReader(in, most))
}

type pairConfirmCmd struct {
	Code string `required:"" placeholder:"NNNNNN" help:"The six digits that the account's device shows."`
}

func (c *pairConfirmCmd) Run(ctx context.Context, h node.Home, o *output) error {
	code, err := sixDigits(c.Code)
	if err != nil {
		return err
	}
	return ask(ctx, h, o, "pair confirm", control.Args{Code: code}, func(w *tabwriter.Writer, _ struct{}) {
		fmt.Fprintln(w, "The code is right: this device has joined.")
	})
}

func sixDigits(typed string) (string, error) {
	code := strings.ReplaceAll(strings.ReplaceAll(typed, " ", ""), "-", "")
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return "", usagef("the code is six digits")
	}
	return code, nil
}

type pairRefuseCmd struct{}

func (*pairRefuseCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "pair refuse", control.Args{}, func(w *tabwriter.Writer, _ struct{}) {
		fmt.Fprintln(w, "Refused. Nothing was stored.")
	})
}

type deviceCmd struct {
	List   deviceListCmd   `cmd:"" help:"List the account's devices."`
	Rename deviceRenameCmd `cmd:"" help:"Give a device another name."`
	Spaces deviceSpacesCmd `cmd:"" help:"Say which spaces a device has. A full device can give itself any space; make it a limited one to keep spaces from it."`
	Remove deviceRemoveCmd `cmd:"" help:"End a device's access for ever; what it added stays."`
	Dial   deviceDialCmd   `cmd:"" help:"Connect to a device at an address."`
	Doctor deviceDoctorCmd `cmd:"" help:"Look for why a device isn't connected."`
}

type deviceListCmd struct{}

func (*deviceListCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "device list", control.Args{}, printDevices)
}

type deviceRenameCmd struct {
	Device string `arg:""`
	Name   string `arg:""`
}

func (c *deviceRenameCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "device rename", control.Args{Device: c.Device, Name: c.Name}, printDevice)
}

type deviceDialCmd struct {
	Device  string `arg:""`
	Address string `arg:"" help:"IP:PORT"`
}

func (c *deviceDialCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "device dial", control.Args{Device: c.Device, Address: c.Address}, printDevice)
}

type spaceCmd struct {
	Create spaceCreateCmd `cmd:"" help:"Make a space."`
	List   spaceListCmd   `cmd:"" help:"List the spaces."`
	Rename spaceRenameCmd `cmd:"" help:"Give a space another name, on all devices."`
	Attach spaceAttachCmd `cmd:"" help:"Keep a folder in step with a space."`
	Detach spaceDetachCmd `cmd:"" help:"Stop that; the files stay."`

	Delete   spaceDeleteCmd   `cmd:"" help:"Delete a space from all devices; files in attached folders stay."`
	Undelete spaceUndeleteCmd `cmd:"" help:"Bring a deleted space back, for 30 days."`
}

type spaceCreateCmd struct {
	Name string `arg:""`
}

func (c *spaceCreateCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "space create", control.Args{Name: c.Name}, printSpace)
}

type spaceRenameCmd struct {
	Space string `arg:""`
	Name  string `arg:""`
}

func (c *spaceRenameCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "space rename", control.Args{Space: c.Space, Name: c.Name}, printSpace)
}

type spaceListCmd struct {
	Deleted bool `help:"List those that were deleted and can be brought back."`
}

func (c *spaceListCmd) Run(ctx context.Context, h node.Home, o *output) error {
	if c.Deleted {
		return listDeleted(ctx, h, o)
	}
	return ask(ctx, h, o, "space list", control.Args{}, func(w *tabwriter.Writer, ss []node.Space) {
		if len(ss) == 0 {
			fmt.Fprintln(w, "no spaces; `meadow space create` makes one")
		}
		printSpaces(w, ss)
	})
}

type spaceAttachCmd struct {
	Space string `arg:""`
	Dir   string `arg:"" help:"The folder; it is made if it isn't there."`
}

func (c *spaceAttachCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "space attach", control.Args{Space: c.Space, Dir: absolute(c.Dir)}, printSpace)
}

type spaceDetachCmd struct {
	Space string `arg:""`
}

func (c *spaceDetachCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "space detach", control.Args{Space: c.Space}, printSpace)
}
