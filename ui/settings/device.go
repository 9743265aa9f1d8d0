package settings

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// device is the account's name and this device's.
type device struct {
	screen  *Screen
	account *look.Text
	entry   *keys.Entry
	rename  *look.Button
	row     *setting
	of      string // the device's name as it is
}

func newDevice(s *Screen) *device {
	d := &device{screen: s, account: look.NewText("", "", ""), entry: keys.NewEntry()}
	d.account.Shorten = true
	d.account.Align = fyne.TextAlignTrailing
	d.rename = look.NewButton(words.L("Rename"), "", d.renamed)
	d.entry.OnChanged = func(string) { d.able() }
	d.entry.OnSubmitted = func(string) { d.renamed() }
	d.row = newSetting(words.L("Name of this device"), words.L("Your other devices show it so."),
		container.NewBorder(nil, nil, nil, d.rename, inWidth(200, d.entry)))
	return d
}

func (d *device) name() string  { return "device" }
func (d *device) title() string { return title(d.name()) }

func (d *device) content() fyne.CanvasObject {
	return rows(newSetting(words.L("Account"), words.L("The name that you gave when you began."), inWidth(240, d.account)).content, d.screen.picture.row.content, d.row.content)
}

func (d *device) put(now *frame.Now) {
	if now == nil {
		d.able()
		return
	}
	d.screen.picture.put(now)
	if now.Status.Name != nil {
		d.account.SetText(words.Shown(*now.Status.Name))
	}
	if d.of != now.Status.Device {
		if d.entry.Text == d.of { // nobody types there
			d.entry.SetText(now.Status.Device)
		}
		d.of = now.Status.Device
	}
	d.able()
}

func (d *device) able() {
	if d.entry.Text == d.of || d.entry.Text == "" {
		d.rename.Disable()
	} else {
		d.rename.Enable()
	}
}

func (d *device) renamed() {
	now := d.screen.frame.Now()
	if now == nil || d.entry.Text == d.of {
		return
	}
	name, id := d.entry.Text, now.Status.Endpoint
	frame.Ask(d.screen.frame.Worker, func(ctx context.Context) (node.Device, error) {
		return d.screen.node.DeviceRename(ctx, id, name)
	}, func(as node.Device, err error) {
		if err != nil {
			d.screen.frame.Fail(err)
			return
		}
		d.screen.frame.Say(words.L("This device is called {{.Name}} now", "Name", words.Shown(as.Name)), nil)
		d.screen.frame.Feed.Look()
	})
}

// folders is where things are and how much that is.
type folders struct {
	screen         *Screen
	home           string
	historyBytes   int64
	homeRow        *setting
	used, history  *look.Text
	attachedHelp   *setting
	attachedNumber *look.Text
}

func newFolders(s *Screen) *folders {
	f := &folders{screen: s, used: amount(), history: amount(), attachedNumber: amount()}
	f.homeRow = newSetting(words.L("Meadow's own folder"), "", nil)
	f.attachedHelp = newSetting(words.L("Folders that are attached"), "", f.attachedNumber)
	return f
}

// amount is a number at the right.
func amount() *look.Text {
	t := look.NewText("", "", "")
	t.Align = fyne.TextAlignTrailing
	return t
}

func (f *folders) name() string  { return Folders }
func (f *folders) title() string { return title(f.name()) }

func (f *folders) content() fyne.CanvasObject {
	return rows(
		f.homeRow.content,
		newSetting(words.L("Files in your spaces"), words.L("What is on this device of them."), f.used).content,
		newSetting(words.L("Kept as history"), words.L("Older versions and removed files, until their time is over."), f.history).content,
		f.attachedHelp.content,
	)
}

const foldersShown = 6

func (f *folders) put(now *frame.Now) {
	f.homeRow.say(words.Shown(f.home))
	f.history.SetText(words.Size(f.historyBytes))
	if now == nil {
		return
	}
	bytes, attached := spaceUsed(now)
	f.used.SetText(words.Size(bytes))
	f.attachedNumber.SetText(words.Number(int64(len(attached))))
	f.attachedHelp.say(listed(attached))
}

// listed is the attached folders, the first of them.
func listed(attached []node.Space) string {
	text := ""
	for i, s := range attached {
		if i == foldersShown {
			return text + "\n" + words.N("and {{.Count}} more", "and {{.Count}} more", int64(len(attached)-i))
		}
		if i > 0 {
			text += "\n"
		}
		text += words.L("{{.Space}}: {{.Folder}}", "Space", words.Shown(s.Name), "Folder", words.Shown(*s.Folder))
	}
	if text == "" {
		return words.L("None yet. A space's own page attaches it to one.")
	}
	return text
}

// pausing stops syncing for a while.
type pausing struct {
	screen *Screen
	row    *setting
	button *look.Button
	paused bool
}

func newPausing(s *Screen) *pausing {
	p := &pausing{screen: s}
	p.button = look.NewButton(words.L("Pause…"), look.IconPause, p.pressed)
	p.row = newSetting(words.L("Syncing"), words.L("Nothing is lost while it is paused; all goes on where it was."), inWidth(130, p.button))
	return p
}

func (p *pausing) name() string               { return "pause" }
func (p *pausing) title() string              { return title(p.name()) }
func (p *pausing) content() fyne.CanvasObject { return rows(p.row.content) }

func (p *pausing) put(now *frame.Now) {
	if now == nil {
		return
	}
	p.paused = frame.StateOf(now) == frame.Paused
	p.row.label.SetText(words.L("Syncing"))
	if p.paused {
		p.row.label.SetText(frame.Summary(now))
	}
	text, icon := words.L("Pause…"), look.IconPause
	if p.paused {
		text, icon = words.L("Resume"), look.IconResume
	}
	if p.button.Text != text {
		p.button.SetText(text)
		p.button.SetIcon(icon)
	}
}

func (p *pausing) pressed() {
	if p.paused {
		p.screen.frame.Resume()
		return
	}
	var items []*fyne.MenuItem
	for _, c := range frame.PauseChoices(time.Now()) {
		items = append(items, fyne.NewMenuItem(c.Text, func() { p.screen.frame.Pause(c) }))
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), p.screen.frame.Window.Canvas())
	menu.ShowAtRelativePosition(fyne.NewPos(0, p.button.Size().Height), p.button)
}

// starting is whether Meadow starts with the session.
type starting struct {
	screen *Screen
	check  *keys.Check
	shown  bool
}

func newStarting(s *Screen) *starting {
	st := &starting{screen: s}
	st.check = keys.NewCheck(words.L("Start Meadow when I log in"), st.changed)
	st.check.Disable() // until it is known
	return st
}

func (s *starting) name() string  { return "start" }
func (s *starting) title() string { return title(s.name()) }

func (s *starting) content() fyne.CanvasObject {
	return rows(checkRow(s.check, words.L("In the tray, without a window. Your folders are in step before you look.")))
}

func (s *starting) put(*frame.Now) {}

func (s *starting) got(on bool, err error) {
	if err != nil {
		s.screen.frame.Fail(err)
		return
	}
	s.shown = on
	s.check.Enable()
	s.check.SetChecked(on)
}

func (s *starting) changed(on bool) {
	if on == s.shown {
		return
	}
	s.shown = on
	s.screen.frame.Worker.Go(func(context.Context) error { return s.screen.host.SetAtLogin(on) }, func(err error) {
		if err != nil {
			s.got(!on, nil)
			s.screen.frame.Fail(err)
		}
	})
}

// checkRow is a switch with what it does below it.
func checkRow(check fyne.CanvasObject, help string) fyne.CanvasObject {
	p := look.NewParagraph(help, look.ColorMuted)
	return container.New(&under{}, check, p)
}
