package frame

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/words"
)

const railWidth = 208

// rail is the list of places at the left.
type rail struct {
	frame   *Frame
	list    *widget.List
	content fyne.CanvasObject

	rows  []railRow
	quiet bool // a selection is being shown, not made
}

// railRow is one line of the rail; a heading leads nowhere.
type railRow struct {
	text    string
	icon    fyne.Resource
	badge   string
	place   Place
	heading bool
}

func newRail(f *Frame) *rail {
	r := &rail{frame: f}
	r.list = widget.NewList(
		func() int { return len(r.rows) },
		func() fyne.CanvasObject { return newRailItem() },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*railItem).set(r.rows[i]) },
	)
	r.list.HideSeparators = true
	r.list.OnSelected = r.selected
	width := canvas.NewRectangle(color.Transparent)
	width.SetMinSize(fyne.NewSize(railWidth, 0))
	r.content = container.NewStack(width, container.NewPadded(r.list))
	r.rows = r.lines(nil)
	return r
}

// lines are the rail's rows for what is so.
func (r *rail) lines(now *Now) []railRow {
	rows := []railRow{
		{text: words.L("Home"), icon: theme.HomeIcon(), place: Place{Screen: Home}},
		{text: words.L("Devices"), icon: theme.ComputerIcon(), place: Place{Screen: Devices}},
		{text: words.L("Transfers"), icon: theme.MailSendIcon(), place: Place{Screen: Transfers}},
		{text: words.L("Activity"), icon: theme.HistoryIcon(), place: Place{Screen: Activity}},
		{text: words.L("Settings"), icon: theme.SettingsIcon(), place: Place{Screen: Settings}},
		{text: words.L("Spaces"), heading: true},
	}
	if now != nil {
		if n := now.Needs(); n > 0 {
			rows[0].badge = words.Number(int64(n))
		}
		for _, s := range now.Status.Spaces {
			rows = append(rows, railRow{
				text: words.Shown(s.Name), icon: theme.FolderIcon(), badge: spaceBadge(s), place: Place{Screen: Space, Space: s.ID},
			})
		}
	}
	return append(rows, railRow{text: words.L("New space"), icon: theme.ContentAddIcon(), place: Place{Screen: Space, Item: "new"}})
}

func spaceBadge(s node.Space) string {
	if n := s.Conflicts + s.Holds; n > 0 {
		return words.Number(n)
	}
	return ""
}

func (r *rail) update(now *Now) {
	r.rows = r.lines(now)
	r.list.Refresh()
	r.went(r.frame.place)
}

func (r *rail) selected(i widget.ListItemID) {
	if r.quiet {
		return
	}
	if r.rows[i].heading {
		r.went(r.frame.place)
		return
	}
	r.frame.Go(r.rows[i].place)
}

// went shows where the window is.
func (r *rail) went(p Place) {
	r.quiet = true
	defer func() { r.quiet = false }()
	for i, row := range r.rows {
		if !row.heading && row.place.Screen == p.Screen && row.place.Space == p.Space && row.place.Item == p.Item {
			r.list.Select(i)
			return
		}
	}
	r.list.UnselectAll()
}

// railItem draws a railRow.
type railItem struct {
	widget.BaseWidget
	icon  *widget.Icon
	label *widget.Label
	badge *widget.Label
}

func newRailItem() *railItem {
	i := &railItem{icon: widget.NewIcon(nil), label: widget.NewLabel(""), badge: widget.NewLabel("")}
	i.label.Truncation = fyne.TextTruncateEllipsis
	i.badge.Importance = widget.WarningImportance
	i.ExtendBaseWidget(i)
	return i
}

// CreateRenderer implements fyne.Widget.
func (i *railItem) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, i.icon, i.badge, i.label))
}

func (i *railItem) set(row railRow) {
	i.icon.SetResource(row.icon)
	i.icon.Hidden = row.icon == nil
	i.label.TextStyle.Bold = row.heading
	i.label.SetText(row.text)
	i.badge.SetText(row.badge)
}
