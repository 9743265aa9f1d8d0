package devices

import (
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/page"
	"meadow/ui/words"
)

// detail is all there is to say of one device, and what can be done with it.
type detail struct {
	screen *Screen
	page   *page.Page

	icon    *look.DeviceIcon
	name    *look.Text
	about   *look.Text
	marks   *fyne.Container
	head    *fyne.Container
	banner  *look.Banner
	has     *look.Paragraph
	change  *look.Button
	spaces  *look.Card
	online  *look.Paragraph
	doctor  *doctor
	dial    *look.Button
	connect *look.Card
	facts   *fyne.Container
	copy    *look.Button
	known   *look.Card
	rename  *look.Button
	remove  *look.Button
	note    *look.Paragraph
	actions *fyne.Container

	shown view
}

func newDetail(s *Screen) *detail {
	d := &detail{screen: s, icon: look.NewDeviceIcon(look.IconLaptop, false, ""), name: look.NewShort("", look.SizeTitleText, ""), about: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)}
	d.name.Style.Bold = true
	d.marks = gapBox()
	d.head = container.New(headLayout{d}, d.icon, d.name, d.about, d.marks)
	d.banner = look.NewBanner(look.BannerData{})
	d.has = look.NewParagraph("", "")
	d.change = look.NewQuietButton(words.L("Change"), look.IconRename, func() { s.give(d.shown.Device) })
	d.spaces = look.NewCard(words.L("Spaces"), d.has)
	d.spaces.Trail = d.change
	d.online, d.doctor = look.NewParagraph("", ""), newDoctor(s)
	d.dial = look.NewQuietButton(words.L("Connect by address"), look.IconLink, func() { s.dial(d.shown.Device) })
	d.connect = look.NewCard(words.L("Connection"), look.NewColumn(look.SizeM, d.online, d.doctor.content))
	d.connect.Trail = d.dial
	d.facts = page.Facts(96)
	d.copy = look.NewQuietButton(words.L("Copy key"), look.IconCopy, d.onCopy)
	d.known = look.NewCard(words.L("About this device"), d.facts)
	d.known.Trail = d.copy
	d.rename = look.NewButton(words.L("Rename"), look.IconRename, func() { s.rename(d.shown.Device) })
	d.remove = look.NewDangerButton(words.L("Remove this device"), look.IconTrash, func() { s.remove(d.shown.Device) })
	d.note = look.NewParagraph("", look.ColorMuted)
	d.actions = gapBox(d.rename, d.remove)
	d.page = page.New(d.arrange, d.head, d.banner, d.spaces, d.connect, d.known, d.note, d.actions)
	return d
}

func (d *detail) arrange(width, _ float32, place bool) float32 {
	margin, gap := theme.Size(look.SizeL), theme.Size(look.SizeL)
	right := theme.Size(look.SizeXL)
	width = min(width-margin-right, 720)
	objects := []fyne.CanvasObject{d.head, d.banner, d.spaces, d.connect, d.known, d.note, d.actions}
	return page.Column(objects, margin, 0, width, gap, place) + right - gap
}

// set shows a device.
func (d *detail) set(now *frame.Now, device node.Device, toGo int64) {
	v := newView(device, now.At, toGo, d.screen.manages())
	if reflect.DeepEqual(v, d.shown) {
		return
	}
	d.shown = v
	d.icon.Set(v.icon, device.Online, v.state)
	d.name.SetText(v.name)
	d.about.SetText(v.about)
	d.putMarks()
	d.banner.Hidden = v.warning.Title == ""
	d.banner.Set(v.warning)
	d.has.SetText(v.spaces)
	d.change.Hidden = !v.manage
	d.online.SetText(v.connection)
	d.doctor.set(device)
	d.spaces.Hidden, d.connect.Hidden = device.Self, device.Self
	d.putFacts()
	d.note.Hidden = v.note == ""
	d.note.SetText(v.note)
	d.rename.Hidden, d.remove.Hidden = !v.manages, !v.manage
	d.refresh()
}

func (d *detail) refresh() {
	for _, c := range []*look.Card{d.spaces, d.connect, d.known} {
		c.Refresh()
	}
	d.page.Refresh()
}

func (d *detail) putMarks() {
	d.marks.RemoveAll()
	for _, m := range d.shown.marks {
		d.marks.Add(look.NewBadge(m.Tone, m.Icon, m.Text))
	}
}

func (d *detail) putFacts() {
	d.facts.RemoveAll()
	for _, f := range d.shown.facts {
		d.facts.Add(look.NewText(f.name, "", look.ColorMuted))
		d.facts.Add(look.NewShort(f.value, "", ""))
	}
}

func (d *detail) onCopy() {
	d.screen.frame.App.Clipboard().SetContent(d.shown.Device.Endpoint)
	d.screen.frame.Say(words.L("The key of {{.Device}} is on the clipboard", "Device", d.shown.name), nil)
}

// gapBox sets objects beside each other.
func gapBox(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(theme.Size(look.SizeS)), objects...)
}

// headLayout sets the icon left of name and what else there is to say, and badges
// below.
type headLayout struct{ d *detail }

// Layout implements fyne.Layout.
func (l headLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	d, gap := l.d, theme.Size(look.SizeM)
	icon := theme.Size(look.SizeIconBig) * 1.2
	left := icon + gap
	name, about := d.name.MinSize().Height, d.about.MinSize().Height
	row := max(icon, name+about)
	d.icon.Resize(fyne.NewSquareSize(icon))
	d.icon.Move(fyne.NewPos(0, (row-icon)/2))
	d.name.Resize(fyne.NewSize(size.Width-left, name))
	d.name.Move(fyne.NewPos(left, (row-name-about)/2))
	d.about.Resize(fyne.NewSize(size.Width-left, about))
	d.about.Move(fyne.NewPos(left, (row-name-about)/2+name))
	marks := d.marks.MinSize()
	d.marks.Resize(marks)
	d.marks.Move(fyne.NewPos(0, row+gap))
}

// MinSize implements fyne.Layout.
func (l headLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	height := max(theme.Size(look.SizeIconBig)*1.2, l.d.name.MinSize().Height+l.d.about.MinSize().Height)
	return fyne.NewSize(200, height+theme.Size(look.SizeM)+l.d.marks.MinSize().Height)
}
