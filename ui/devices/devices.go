package devices

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Node is what the screen needs of a node.
type Node interface {
	Transfers(ctx context.Context) (node.Transfers, error)
	DeviceRename(ctx context.Context, device, name string) (node.Device, error)
	DeviceGive(ctx context.Context, device, spaces string, anyway bool) (node.DeviceGiven, error)
	DeviceRemove(ctx context.Context, device string, o node.DeviceRemoveOptions) (node.DeviceRemoved, error)
	DeviceDial(ctx context.Context, device, address string) (node.Device, error)
	Doctor(ctx context.Context, device string) (node.Diagnosis, error)
}

// Screen is the list of the account's devices, and one of them in detail.
type Screen struct {
	frame *frame.Frame
	node  Node

	title   *look.SectionTitle
	add     *look.Button
	list    *keys.List
	detail  *detail
	empty   *look.Empty
	content *fyne.Container
	split   *split

	devices []node.Device
	chosen  string // the endpoint of the device that is shown in detail
	toGo    map[string]int64
	up      bool
	quiet   bool // a choice is being shown, not made
	end     func()
}

// New returns the screen.
func New(f *frame.Frame, n Node) *Screen { return &Screen{frame: f, node: n} }

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject {
	if s.content == nil {
		s.build()
	}
	return s.content
}

func (s *Screen) build() {
	add := look.NewPrimaryButton(words.L("Add a device"), look.IconAddDevice, s.onAdd)
	s.add = add
	s.title = look.NewSectionTitle(words.L("Devices"), add)
	s.list = keys.NewList(
		func() int { return len(s.devices) },
		func() fyne.CanvasObject { return look.NewRow(look.RowData{}) },
		s.row,
	)
	s.list.HideSeparators = true
	s.list.OnSelected = s.onSelected
	s.detail = newDetail(s)
	s.empty = look.NewEmpty(look.DrawingDevices,
		words.L("This is your only device so far. Add another one, and what you put in a space is on both."),
		look.Action{Text: words.L("Add a device"), Icon: look.IconAddDevice, Do: s.onAdd})
	s.split = &split{
		head: s.title, list: look.NewListCard("", s.list), detail: s.detail.page.Content, empty: s.empty,
		back: look.NewQuietButton(words.L("All devices"), look.IconArrowLeft, func() { s.Back() }),
	}
	s.content = container.New(s.split, s.split.head, s.split.back, s.split.list, s.split.detail, s.split.empty)
}

func (s *Screen) row(i widget.ListItemID, o fyne.CanvasObject) {
	o.(*look.Row).Set(Compact(s.devices[i], s.frame.Time(), s.toGo[s.devices[i].Endpoint]))
}

// Shown implements frame.Screen: the place's item is the endpoint of a device.
func (s *Screen) Shown(p frame.Place) {
	if p.Item != "" {
		s.chosen, s.split.one = p.Item, true
	}
	if !s.up {
		s.up = true
		s.end = s.frame.Worker.Every(flowsEvery, s.askFlows)
		s.askFlows()
	}
	s.Update(s.frame.Now())
}

const flowsEvery = time.Second

// askFlows looks how much is still to come from devices that aren't in step.
func (s *Screen) askFlows() {
	behind := len(s.toGo) > 0
	for _, d := range s.devices {
		behind = behind || d.Online && d.InStep != nil && !*d.InStep
	}
	if !behind {
		return
	}
	frame.Ask(s.frame.Worker, s.node.Transfers, func(t node.Transfers, err error) {
		if err == nil && s.up { // else the next look tells
			s.toGo = ToGo(t)
			s.Update(s.frame.Now())
		}
	})
}

// Update implements frame.Screen.
func (s *Screen) Update(now *frame.Now) {
	if now == nil {
		return
	}
	first := s.devices == nil
	s.devices = now.Status.Devices
	s.title.Set(words.L("Devices"), words.Number(int64(len(s.devices))))
	if s.index() < 0 {
		s.chosen = ""
		if len(s.devices) > 1 { // this one is the first
			s.chosen = s.devices[1].Endpoint
		}
	}
	s.put(now)
	if first {
		s.askFlows()
	}
}

// put shows the list, and the chosen device.
func (s *Screen) put(now *frame.Now) {
	s.list.Refresh()
	i := s.index()
	s.quiet = true
	if i < 0 {
		s.list.UnselectAll()
	} else {
		s.list.Select(i)
		s.detail.set(now, s.devices[i], s.toGo[s.chosen])
	}
	s.quiet = false
	s.split.none, s.split.rows = i < 0, len(s.devices)
	s.add.Hidden = i < 0 && !s.split.narrow // the empty state has the button
	s.content.Refresh()
}

// index is where the chosen device is in the list, negative if nowhere.
func (s *Screen) index() int {
	for i, d := range s.devices {
		if d.Endpoint == s.chosen {
			return i
		}
	}
	return -1
}

func (s *Screen) onSelected(i widget.ListItemID) {
	if s.quiet {
		return
	}
	s.chosen, s.split.one = s.devices[i].Endpoint, true
	s.detail.page.Scroll.ScrollToTop()
	s.put(s.frame.Now())
}

func (s *Screen) onAdd() { s.frame.Go(frame.Place{Screen: frame.Add}) }

// Hidden implements frame.Screen.
func (s *Screen) Hidden() {
	s.up = false
	if s.end != nil {
		s.end()
	}
}

// Back implements frame.Backer: from one device to all, where there isn't room for
// both.
func (s *Screen) Back() bool {
	if !s.split.one || !s.split.narrow {
		return false
	}
	s.split.one = false
	s.content.Refresh()
	return true
}

// manages reports whether this device may change others.
func (s *Screen) manages() bool {
	for _, d := range s.devices {
		if d.Self {
			return d.Kind == "full"
		}
	}
	return false
}

// split has the list at the left and a device at the right; or one of them, where
// there isn't room for both.
type split struct {
	head   fyne.CanvasObject
	back   *look.Button
	list   fyne.CanvasObject
	detail fyne.CanvasObject
	empty  fyne.CanvasObject
	one    bool // a device was chosen
	none   bool // there is no other device
	narrow bool
	rows   int // of the list
}

// Widths of the list.
const (
	bothFit   = 620
	listLeast = 300
	listMost  = 420
	listShare = 0.38
)

// Layout implements fyne.Layout.
func (l *split) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	margin, gap := theme.Size(look.SizeXL), theme.Size(look.SizeL)
	l.narrow = size.Width < bothFit
	one := l.narrow && l.one && !l.none
	head := l.head.MinSize().Height
	l.head.Resize(fyne.NewSize(size.Width-2*margin, head))
	l.head.Move(fyne.NewPos(margin, margin))
	l.back.Resize(l.back.MinSize())
	l.back.Move(fyne.NewPos(margin/2, margin))
	top := margin + head + gap
	wide := min(max(size.Width*listShare, listLeast), listMost)
	right := margin + wide
	if l.narrow {
		wide, right = size.Width-2*margin, 0
	}
	show(l.head, !one)
	show(l.back, one)
	show(l.list, !one)
	show(l.detail, !l.none && (one || !l.narrow))
	show(l.empty, l.none && !l.narrow)
	high := float32(l.rows)*(theme.Size(look.SizeRow)+theme.Size(theme.SizeNamePadding)) + theme.Size(look.SizeS)
	l.list.Resize(fyne.NewSize(wide, min(high, size.Height-top-margin)))
	l.list.Move(fyne.NewPos(margin, top))
	for _, o := range []fyne.CanvasObject{l.detail, l.empty} { // they have margins of their own
		o.Resize(fyne.NewSize(size.Width-right, size.Height-top))
		o.Move(fyne.NewPos(right, top))
	}
}

func show(o fyne.CanvasObject, shown bool) {
	if o.Visible() == shown {
		return
	}
	if shown {
		o.Show()
	} else {
		o.Hide()
	}
}

// MinSize implements fyne.Layout.
func (*split) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(listLeast, 240) }
