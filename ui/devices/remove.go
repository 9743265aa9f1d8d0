package devices

import (
	"cmp"
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// remove asks whether a device is to be removed, after finding out what that means.
func (s *Screen) remove(d node.Device) {
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.DeviceRemoved, error) {
		return s.node.DeviceRemove(ctx, d.Endpoint, node.DeviceRemoveOptions{DryRun: true})
	}, func(would node.DeviceRemoved, err error) {
		if err != nil {
			s.frame.Fail(err)
			return
		}
		newRemoval(s, d, would).open()
	})
}

// removal is the question whether a device is to be removed.
type removal struct {
	screen *Screen
	device node.Device
	would  node.DeviceRemoved
	list   *keys.List
	lines  []look.RowData
	anyway *keys.Check // to give up what isn't all here
	sure   bool
}

func newRemoval(s *Screen, d node.Device, would node.DeviceRemoved) *removal {
	r := &removal{screen: s, device: d, would: would, lines: removalLines(would)}
	r.list = keys.NewList(
		func() int { return len(r.lines) },
		func() fyne.CanvasObject { return look.NewRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*look.Row).Set(r.lines[i]) },
	)
	r.list.HideSeparators = true
	return r
}

func (r *removal) open() {
	text := paragraphs(removalText(r.device, r.would))
	var below fyne.CanvasObject
	if len(r.would.Left) > 0 {
		r.anyway = keys.NewCheck(words.N("Give up {{.Count}} file that isn't all here", "Give up {{.Count}} files that aren't all here", int64(len(r.would.Left))), nil)
		below = r.anyway
	}
	var middle fyne.CanvasObject
	if len(r.lines) > 0 {
		middle = look.NewRoom(r.list, 0.9, min(0.1*float32(len(r.lines))+0.02, 0.42))
	}
	body := look.NewRoom(container.NewBorder(text, below, nil, nil, middle), 0.9, 0)
	r.screen.frame.Sheet(words.L("Remove {{.Device}} from the account?", "Device", words.Shown(r.device.Name)), body, r.closed,
		frame.Button{Text: words.L("Cancel")},
		frame.Button{Text: words.L("Remove this device"), Importance: widget.DangerImportance, Do: r.onRemove})
}

func (r *removal) onRemove() bool {
	if r.anyway != nil && !r.anyway.Checked {
		r.screen.frame.Window.Canvas().Focus(r.anyway)
		return false
	}
	r.sure = true
	return true
}

func (r *removal) closed() {
	if !r.sure {
		return
	}
	s := r.screen
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.DeviceRemoved, error) {
		return s.node.DeviceRemove(ctx, r.device.Endpoint, node.DeviceRemoveOptions{Anyway: r.anyway != nil})
	}, func(done node.DeviceRemoved, err error) {
		s.frame.Feed.Look()
		if err != nil {
			s.frame.Fail(err)
			return
		}
		s.removed(r.device, done)
	})
}

// removalText says what removing a device means.
func removalText(d node.Device, would node.DeviceRemoved) []string {
	name := words.Shown(d.Name)
	parts := []string{words.L("{{.Device}} gets nothing from your devices any more, for good. What it already has can't be erased from here.", "Device", name)}
	if n := int64(len(would.Added)); n > 0 {
		var bytes int64
		for _, a := range would.Added {
			bytes += a.Bytes
		}
		parts = append(parts, words.N("{{.Count}} file that it added stays ({{.Size}}), as this device's own.",
			"{{.Count}} files that it added stay ({{.Size}}), as this device's own.", n, "Size", words.Size(bytes)))
	}
	if names := letIn(would.Granted); len(names) > 0 {
		parts = append(parts, words.L("Whom it let in stays: {{.Devices}}. If you don't know one of them, remove it too.", "Devices", frame.Names(names)))
	}
	return parts
}

// paragraphs sets sentences below each other.
func paragraphs(texts []string) *fyne.Container {
	box := look.NewColumn(look.SizeS)
	for _, text := range texts {
		box.Add(look.NewParagraph(text, ""))
	}
	return box
}

// letIn names the devices that a device has let into the account or a space.
func letIn(granted []node.DeviceGrant) (names []string) {
	for _, g := range granted {
		if !slices.Contains(names, g.Device) {
			names = append(names, g.Device)
		}
	}
	return names
}

// removalLines are what can't be kept, whom the device let in, and what it added,
// the newest first.
func removalLines(would node.DeviceRemoved) (lines []look.RowData) {
	for _, l := range would.Left {
		lines = append(lines, look.RowData{
			Icon: look.IconWarning, Tone: look.ToneDanger, Title: words.Shown(l.Path), Subtitle: words.Shown(l.Space), File: true,
			Marks: []look.Mark{{Tone: look.ToneDanger, Text: words.L("Isn't all here")}},
		})
	}
	for _, g := range would.Granted {
		line := look.RowData{Icon: look.DeviceIconName(g.Device), Title: words.Shown(g.Device), Subtitle: words.L("It let this device into the account")}
		if g.Space != "" {
			line.Subtitle = words.L("It gave this device {{.Space}}", "Space", words.Shown(g.Space))
		}
		lines = append(lines, line)
	}
	added := slices.Clone(would.Added)
	slices.SortStableFunc(added, func(a, b node.Added) int { return cmp.Compare(b.Time.UnixNano(), a.Time.UnixNano()) })
	for _, a := range added {
		lines = append(lines, look.RowData{
			Icon: look.IconFile, Title: words.Shown(a.Path), File: true, Trailing: words.Size(a.Bytes),
			Subtitle: Facts(words.Shown(a.Space), words.L("added {{.Day}}", "Day", words.Day(a.Time.Time))),
		})
	}
	return lines
}

// removed shows the receipt.
func (s *Screen) removed(d node.Device, r node.DeviceRemoved) {
	name := words.Shown(d.Name)
	lines := []string{words.L("{{.Device}} was removed. What it already has can't be erased from here.", "Device", name)}
	if d.LastSeen != nil && !d.Online {
		lines = append(lines, words.L("It was last seen {{.When}}.", "When", words.When(d.LastSeen.Time, s.frame.Time())))
	}
	if r.Adopted > 0 {
		lines = append(lines, words.N("{{.Count}} file that it added stays, as this device's own.",
			"{{.Count}} files that it added stay, as this device's own.", r.Adopted))
	}
	s.receipt(words.L("{{.Device}} is removed", "Device", name), lines, r.Told, r.NotTold)
}

// receipt shows which devices have heard of something, and which haven't.
func (s *Screen) receipt(title string, lines, told, notTold []string) {
	at := words.Clock(s.frame.Time())
	box := paragraphs(lines)
	rows := []look.RowData{}
	for _, name := range told {
		rows = append(rows, look.RowData{
			Icon: look.IconCheck, Tone: look.ToneGood, Title: words.Shown(name),
			Trailing: words.L("knows since {{.Clock}}", "Clock", at),
		})
	}
	for _, name := range notTold {
		rows = append(rows, look.RowData{
			Icon: look.IconClock, Title: words.Shown(name), Trailing: words.L("hears of it when it connects"),
		})
	}
	if len(rows) > 0 {
		list := keys.NewList(
			func() int { return len(rows) },
			func() fyne.CanvasObject { return look.NewLowRow(look.RowData{}) },
			func(i widget.ListItemID, o fyne.CanvasObject) { o.(*look.Row).Set(rows[i]) },
		)
		list.HideSeparators = true
		box.Add(look.NewRoom(list, 0.9, min(0.08*float32(len(rows)), 0.4)))
	}
	s.frame.Sheet(title, look.NewRoom(box, 0.9, 0), nil, frame.Button{Text: words.L("Done"), Importance: widget.HighImportance})
}
