package space

import (
	"image/color"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/hold"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// notices is what is to be said about the space, above its files: removals that wait,
// and a line for each other thing.
type notices struct {
	screen  *Screen
	holds   *hold.Banners
	lines   *fyne.Container
	content *fyne.Container
	shown   []notice
	held    []node.Hold
}

// notice is one line.
type notice struct {
	icon fyne.ThemeIconName
	tone look.Tone
	text string
	verb string // leads to the page item; "" if there is nothing to do
	item string
}

func newNotices(s *Screen) *notices {
	n := &notices{screen: s, holds: hold.New(s.frame, s.node), lines: column()}
	n.content = container.NewVBox(around(column(n.holds.Content(), n.lines), look.SizeXL, ""), around(canvas.NewRectangle(color.Transparent), "", look.SizeXS))
	return n
}

// set shows what is so, above the browser only; it reports whether that is another
// than before.
func (n *notices) set(now *frame.Now) bool {
	s := n.screen
	holds := ofSpace(now.Holds, s.space)
	n.holds.Set(holds)
	var lines []notice
	if s.place.Item == "" {
		lines = append(sharedNotice(s.space, now.At), noticesOf(s.space)...)
		lines = append(lines, asideNotice(len(s.aside))...)
	}
	hidden := s.place.Item != "" || len(lines) == 0 && len(holds) == 0
	if hidden == n.content.Hidden && slices.Equal(lines, n.shown) && slices.Equal(holds, n.held) {
		return false
	}
	if !slices.Equal(lines, n.shown) {
		n.lines.Objects = nil
		for _, l := range lines {
			n.lines.Add(n.line(l))
		}
	}
	n.shown, n.held = lines, holds
	n.lines.Hidden = len(lines) == 0
	n.content.Hidden = hidden
	n.content.Refresh()
	return true
}

// noticesOf are the lines about a space.
func noticesOf(s node.Space) (lines []notice) {
	add := func(tone look.Tone, icon fyne.ThemeIconName, text, verb, item string) {
		lines = append(lines, notice{icon: icon, tone: tone, text: text, verb: verb, item: item})
	}
	if s.Ended {
		text := words.L("This space is no longer shared with this device. What is here stays; nothing comes or goes any more.")
		if s.Folder != nil {
			text = words.L("This space is no longer shared with this device. What is here stays; what you save in its folder goes nowhere.")
		}
		add(look.ToneAttention, look.IconDetach, text, "", "")
	}
	if s.Trouble != nil {
		add(look.ToneAttention, look.IconWarning, sentence(*s.Trouble), "", "")
	}
	if s.Conflicts > 0 {
		add(look.ToneAttention, look.IconConflict, words.N("{{.Count}} file was changed on two devices at once. Both versions are here.",
			"{{.Count}} files were changed on two devices at once. Both versions are here.", s.Conflicts), words.L("Choose"), ItemConflicts)
	}
	if s.Unwritable > 0 {
		add(look.ToneAttention, look.IconWarning, words.N("{{.Count}} file can't be in the folder on this device.",
			"{{.Count}} files can't be in the folder on this device.", s.Unwritable), words.L("See why"), ItemNames)
	}
	if s.Warning != nil {
		add(look.ToneInfo, look.IconInfo, sentence(*s.Warning), "", "")
	}
	if s.OnlyThere != nil {
		add(look.ToneInfo, look.IconInfo, words.N("{{.Count}} file ({{.Size}}) is on this device only in the folder that the space was in. Attach it again, or connect a device that has it.",
			"{{.Count}} files ({{.Size}}) are on this device only in the folder that the space was in. Attach it again, or connect a device that has them.",
			s.OnlyThere.Files, "Size", words.Size(s.OnlyThere.Bytes)), words.L("Attach"), ItemAttach)
	}
	return lines
}

// sharedNotice says whose the space is and what one may do there: the reason why some
// buttons are off.
func sharedNotice(s node.Space, now time.Time) []notice {
	if s.Shared == nil || s.Ended || s.Shared.Level == share.Write && s.Shared.Path == "" && !share.EndsSoon(s.Shared.Until, now) {
		return nil
	}
	pairs := []any{"Person", words.Shown(s.Shared.Person), "Ends", share.Ends(s.Shared.Until, now), "Folder", words.Shown(s.Shared.Path)}
	line := notice{tone: look.ToneInfo, icon: share.LevelIcon(s.Shared.Level)}
	switch s.Shared.Level {
	case share.Read:
		line.text = words.L("{{.Person}} shares this with you, {{.Ends}}: you can view it, and change nothing.", pairs...)
	case share.Contribute:
		line.text = words.L("{{.Person}} shares this with you, {{.Ends}}: you can view it and add files. What is there already stays as it is.", pairs...)
	default:
		line.text = words.L("{{.Person}} shares this with you, {{.Ends}}: you can change it as you like.", pairs...)
	}
	if s.Shared.Path != "" {
		line.text += " " + words.L("It is only the folder {{.Folder}}.", pairs...)
	}
	if share.EndsSoon(s.Shared.Until, now) {
		line.tone, line.icon = look.ToneAttention, look.IconClock
	}
	return []notice{line}
}

// asideNotice leads to what was set aside.
func asideNotice(n int) []notice {
	if n == 0 {
		return nil
	}
	return []notice{{
		tone: look.ToneAttention, icon: look.IconArchive, verb: words.L("Look"), item: ItemSetAside,
		text: words.N("{{.Count}} file was set aside: who wrote it has no access any more.", "{{.Count}} files were set aside: who wrote them has no access any more.", int64(n)),
	}}
}

func (n *notices) line(l notice) fyne.CanvasObject {
	line := &noticeLine{text: look.NewParagraph(l.text, ""), icon: look.NewStateIcon(l.tone, l.icon, "")}
	objects := []fyne.CanvasObject{line.icon, line.text}
	if l.verb != "" {
		line.button = look.NewQuietButton(l.verb, look.IconChevronRight, func() { n.screen.open(l.item, n.screen.place.Path) })
		objects = append(objects, line.button)
	}
	return newStrip(l.tone, container.New(line, objects...))
}

// noticeLine sets an icon, a text of some lines and maybe a button beside each other,
// in the middle of the height.
type noticeLine struct {
	icon   *look.StateIcon
	text   *look.Paragraph
	button *look.Button
}

// MinSize implements fyne.Layout.
func (l *noticeLine) MinSize([]fyne.CanvasObject) fyne.Size {
	h := l.text.MinSize().Height + 2*gap(look.SizeS)
	if l.button != nil {
		h = max(h, l.button.MinSize().Height)
	}
	return fyne.NewSize(gap(look.SizeDrawing), max(h, gap(look.SizeRowSmall)))
}

// Layout implements fyne.Layout.
func (l *noticeLine) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	margin, side := gap(look.SizeM), gap(look.SizeIcon)
	place(l.icon, margin, (s.Height-side)/2, side, side)
	right := s.Width - margin
	if l.button != nil {
		right = placeLeftOf(l.button, right, 0, s.Height) - margin
	}
	left := 2*margin + side
	h := l.text.HeightIn(right - left)
	place(l.text, left, (s.Height-h)/2, max(0, right-left), h)
}
