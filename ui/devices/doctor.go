package devices

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// doctor finds out why a device isn't connected, and says so in words.
type doctor struct {
	screen  *Screen
	device  node.Device
	ask     *look.Button
	busy    *look.Text
	rows    *fyne.Container
	advice  *look.Paragraph
	content *fyne.Container
	asking  string // the endpoint of the device that is being looked for
}

func newDoctor(s *Screen) *doctor {
	d := &doctor{screen: s, busy: look.NewCaption(words.L("Looking for it; this takes some seconds")), advice: look.NewStrongParagraph("", "")}
	d.ask = look.NewButton(words.L("Why isn't it connected?"), look.IconHelp, d.onAsk)
	d.rows = container.NewVBox()
	d.content = look.NewColumn(look.SizeS, container.NewHBox(d.ask, layout.NewSpacer()), d.busy, d.rows, d.advice)
	d.clear()
	return d
}

// set shows the doctor of a device; what was found of another one goes.
func (d *doctor) set(device node.Device) {
	if device.Endpoint != d.device.Endpoint {
		d.clear()
	}
	d.device = device
	d.ask.Hidden = device.Online
	d.content.Hidden = device.Online && d.advice.Hidden
}

func (d *doctor) clear() {
	d.asking = ""
	d.rows.RemoveAll()
	d.busy.Hidden, d.rows.Hidden, d.advice.Hidden = true, true, true
}

func (d *doctor) onAsk() {
	d.clear()
	d.busy.Show()
	d.ask.Disable()
	d.asking = d.device.Endpoint
	asked := d.device
	d.screen.detail.refresh()
	frame.Ask(d.screen.frame.Worker, func(ctx context.Context) (node.Diagnosis, error) {
		return d.screen.node.Doctor(ctx, asked.Endpoint)
	}, func(found node.Diagnosis, err error) {
		d.ask.Enable()
		d.busy.Hide()
		switch {
		case d.asking != asked.Endpoint: // another one is shown by now
		case err != nil:
			d.screen.frame.Fail(err)
		default:
			d.show(found)
		}
		d.screen.detail.refresh()
		d.screen.frame.Feed.Look()
	})
}

func (d *doctor) show(found node.Diagnosis) {
	for _, c := range found.Checks {
		row := look.NewLowRow(checkRow(c))
		d.rows.Add(row)
	}
	d.advice.SetText(advice(found))
	d.rows.Hidden, d.advice.Hidden = false, false
}

// checkRow is one thing that was looked at.
func checkRow(c node.Check) look.RowData {
	row := look.RowData{Icon: look.IconCheck, Tone: look.ToneGood, Title: checkText(c)}
	if !c.OK {
		row.Icon, row.Tone = look.IconClose, look.ToneDanger
	}
	switch {
	case c.Took >= 1000:
		row.Trailing = words.L("{{.Seconds}} s", "Seconds", fmt.Sprintf("%.1f", float64(c.Took)/1000))
	case c.Took > 0:
		row.Trailing = words.L("{{.Milliseconds}} ms", "Milliseconds", words.Number(c.Took))
	}
	return row
}

func checkText(c node.Check) string {
	switch c.What {
	case node.CheckHere:
		if c.OK {
			return words.L("This device may connect")
		}
		return words.L("This device doesn't connect now")
	case node.CheckNetwork:
		if c.OK {
			return words.L("This device is on a network")
		}
		return words.L("This device is on no network")
	case node.CheckNearby:
		if c.OK {
			return words.L("It can be heard on this network")
		}
		return words.L("It can't be heard on this network")
	case node.CheckSession:
		if c.OK {
			return words.L("The two are connected")
		}
		return words.L("The two don't stay connected")
	case node.CheckAddress:
		return addressText(c)
	}
	return frame.Capital(words.Shown(c.Detail))
}

func addressText(c node.Check) string {
	at := words.Shown(string(c.Address))
	if c.OK {
		return words.L("It answers at {{.Address}}", "Address", at)
	}
	switch string(c.Reason) {
	case node.ReasonOther:
		return words.L("Another device answers at {{.Address}}", "Address", at)
	case node.ReasonProtocol:
		return words.L("At {{.Address}} one of the two needs an update", "Address", at)
	case node.ReasonNoWay:
		return words.L("There is no way from here to {{.Address}}", "Address", at)
	case node.ReasonRefused:
		return words.L("It says no at {{.Address}}", "Address", at)
	}
	return words.L("Nothing answers at {{.Address}}", "Address", at)
}

// advice is what to do, in a sentence.
func advice(d node.Diagnosis) string {
	name := words.Shown(d.Device)
	if say, ok := causes[d.Cause]; ok {
		return say(name)
	}
	return words.Shown(d.Advice)
}

// causes are the words for a diagnosis; others say theirs themselves.
var causes = map[string]func(name string) string{
	node.CauseOnline: func(name string) string {
		return words.L("{{.Device}} is connected; there is nothing to do.", "Device", name)
	},
	node.CauseConnected: func(name string) string { return words.L("{{.Device}} is connected now.", "Device", name) },
	node.CausePaused: func(string) string {
		return words.L("Syncing is paused on this device: resume it, at the bottom of the window.")
	},
	node.CauseStopped: func(string) string {
		return words.L("A copy of this device is at work elsewhere, so this one doesn't sync. Remove one of the two.")
	},
	node.CauseProtocol: func(string) string { return words.L("Update Meadow on the older one of the two.") },
	node.CauseNoNetwork: func(string) string {
		return words.L("Connect this device to a network.")
	},
	node.CauseUnknown: func(name string) string {
		return words.L("Open Meadow on {{.Device}} while both are on the same network; they find each other there.", "Device", name)
	},
	node.CauseBlocked: func(name string) string {
		return words.L("{{.Device}} is on this network, and something is between the two: look at the firewall of both, or whether the network keeps devices apart as those for guests do.",
			"Device", name)
	},
	node.CauseOther: func(name string) string {
		return words.L("{{.Device}} has another address now. Open Meadow there while both are on the same network.", "Device", name)
	},
	node.CauseAway: func(name string) string {
		return words.L("{{.Device}} seems to be off, asleep or elsewhere. Switch it on with Meadow running; the rest goes by itself.", "Device", name)
	},
}
