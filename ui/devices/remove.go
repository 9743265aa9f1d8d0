package devices

import (
	"cmp"
	"context"
	"slices"

	"fyne.io/fyne/v2"
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

// removalText says what removing a device means.
func removalText(d node.Device, would node.DeviceRemoved, stolen bool) []string {
	name := words.Shown(d.Name)
	parts := []string{words.L("{{.Device}} gets nothing from your devices any more, for good. What it already has can't be erased from here.", "Device", name)}
	var bytes, n, dropped int64
	for _, a := range would.Added {
		if a.Dropped {
			dropped++
			continue
		}
		n, bytes = n+1, bytes+a.Bytes
	}
	if n > 0 {
		parts = append(parts, words.N("{{.Count}} file that it added stays ({{.Size}}), as this device's own.",
			"{{.Count}} files that it added stay ({{.Size}}), as this device's own.", n, "Size", words.Size(bytes)))
	}
	if stolen && dropped == 0 {
		parts = append(parts, words.L("It made no changes since then, as far as this device knows."))
	} else if stolen {
		parts = append(parts, words.N("{{.Count}} change that it made since then isn't kept; what was there before comes back.",
			"{{.Count}} changes that it made since then aren't kept; what was there before comes back.", dropped))
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
		if g.Person == "" && !g.Dropped && !slices.Contains(names, g.Device) {
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
		if g.Person != "" {
			lines = append(lines, sharedLine(g))
			continue
		}
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
			Subtitle: Facts(words.Shown(a.Space), words.L("added {{.Day}}", "Day", words.Day(a.Time.Time))), Faint: a.Dropped,
		})
		if a.Dropped {
			lines[len(lines)-1].Marks = []look.Mark{{Tone: look.ToneAttention, Icon: look.IconRemove, Text: words.L("Isn't kept")}}
		}
	}
	return lines
}

// sharedLine is what a device shared with a person.
func sharedLine(g node.DeviceGrant) look.RowData {
	line := look.RowData{
		Icon: look.IconShare, Title: words.Shown(g.Person), Subtitle: words.L("It shared {{.Space}}", "Space", words.Shown(g.Space)), Faint: g.Dropped,
		Marks: []look.Mark{{Tone: look.ToneGood, Icon: look.IconCheck, Text: words.L("Stays")}},
	}
	if g.Dropped {
		line.Marks = []look.Mark{{Tone: look.ToneAttention, Icon: look.IconRemove, Text: words.L("Ends")}}
	}
	return line
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
	s.receipt(words.L("{{.Device}} is removed", "Device", name), lines, r.Stopped, r.Told, r.NotTold)
}

// receipt shows which devices have heard of something, and which haven't.
func (s *Screen) receipt(title string, lines []string, stopped []node.Stopped, told, notTold []string) {
	at := words.Clock(s.frame.Time())
	box := paragraphs(lines)
	rows := []look.RowData{}
	for _, d := range stopped {
		told = slices.DeleteFunc(slices.Clone(told), func(name string) bool { return name == d.Device })
		rows = append(rows, look.RowData{
			Icon: look.IconCheck, Tone: look.ToneGood, Title: words.Shown(d.Device),
			Trailing: words.L("stopped at {{.Clock}}", "Clock", d.At.Local().Format("15:04:05")),
		})
	}
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
