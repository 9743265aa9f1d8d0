package devices

import (
	"context"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// question is a sheet with one field. What is wrong with what was typed is said
// below it, and the sheet stays.
type question struct {
	screen *Screen
	entry  *keys.Entry
	wrong  *look.Paragraph
	shut   func()
	do     func(ctx context.Context, text string) (node.Device, error)
	done   func(node.Device)
}

func (s *Screen) ask(title, explain, verb string, q *question) {
	q.screen, q.wrong = s, look.NewParagraph("", look.ColorDanger)
	q.wrong.Hide()
	q.entry.OnSubmitted = func(string) { q.answer() }
	body := container.NewVBox(look.NewParagraph(explain, look.ColorMuted), q.entry, q.wrong)
	q.shut = s.frame.Sheet(title, body, nil, frame.Button{Text: words.L("Cancel")},
		frame.Button{Text: verb, Importance: widget.HighImportance, Do: func() bool {
			q.answer()
			return false
		}})
	s.frame.Window.Canvas().Focus(q.entry)
}

func (q *question) answer() {
	text := q.entry.Text
	q.entry.Disable()
	frame.Ask(q.screen.frame.Worker, func(ctx context.Context) (node.Device, error) { return q.do(ctx, text) }, func(d node.Device, err error) {
		q.entry.Enable()
		if err != nil {
			q.wrong.SetText(frame.Sentence(node.AsError(err)))
			q.wrong.Show()
			q.screen.frame.Window.Canvas().Focus(q.entry)
			return
		}
		q.shut()
		q.done(d)
		q.screen.frame.Feed.Look()
	})
}

// rename asks for another name of a device.
func (s *Screen) rename(d node.Device) {
	q := &question{entry: keys.NewEntry()}
	q.entry.Propose(d.Name)
	q.do = func(ctx context.Context, name string) (node.Device, error) {
		return s.node.DeviceRename(ctx, d.Endpoint, name)
	}
	q.done = func(now node.Device) {
		s.frame.Say(words.L("{{.Before}} is called {{.Device}} now, on all your devices",
			"Before", words.Shown(d.Name), "Device", words.Shown(now.Name)), nil)
	}
	s.ask(words.L("Rename {{.Device}}", "Device", words.Shown(d.Name)), words.L("All your devices show the new name."), words.L("Rename"), q)
}

// dial asks for an address of a device.
func (s *Screen) dial(d node.Device) {
	q := &question{entry: keys.NewEntry()}
	q.entry.SetPlaceHolder("192.168.1.34:49152")
	if d.Address != nil {
		q.entry.Propose(*d.Address)
	}
	q.do = func(ctx context.Context, address string) (node.Device, error) {
		return s.node.DeviceDial(ctx, d.Endpoint, address)
	}
	q.done = func(now node.Device) {
		s.frame.Say(words.L("{{.Device}} is connected", "Device", words.Shown(now.Name)), nil)
	}
	s.ask(words.L("Connect to {{.Device}}", "Device", words.Shown(d.Name)),
		words.L("Meadow finds devices by itself. If it doesn't, type the address that the other device shows under About this device. It is kept for later."),
		words.L("Connect"), q)
}
