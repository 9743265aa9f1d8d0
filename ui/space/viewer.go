package space

import (
	"context"
	"errors"
	"io"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/space/peek"
	"meadow/ui/words"
)

// viewer shows the beginning of a text, or a picture; or says why it doesn't.
type viewer struct {
	worker  *frame.Worker
	picture *canvas.Image
	text    *widget.TextGrid
	message *look.Paragraph
	icon    *canvas.Image
	note    *look.Text // of what is shown
	content *fyne.Container

	pictured bool // a picture is shown

	kind fyne.ThemeIconName // of the file, for the message
	of   string             // what is shown, or being read
	end  func()             // of the reading
}

// source opens what is to be shown.
type source func(ctx context.Context) (io.ReadCloser, int64, error)

// pictureSide is how large a picture is kept, in pixels of the largest pane.
const pictureSide = 900

func newViewer(w *frame.Worker) *viewer {
	v := &viewer{worker: w, end: func() {}}
	v.picture = canvas.NewImageFromImage(nil)
	v.picture.FillMode = canvas.ImageFillContain
	v.text = widget.NewTextGrid()
	v.text.Scroll = fyne.ScrollBoth
	v.message = look.NewParagraph("", look.ColorMuted)
	v.message.SetAlign(fyne.TextAlignCenter)
	v.icon = canvas.NewImageFromResource(nil)
	v.icon.FillMode = canvas.ImageFillContain
	v.note = look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)
	v.note.Align = fyne.TextAlignCenter
	v.content = container.New(&viewerLayout{v}, v.picture, v.text, v.icon, v.message, v.note)
	v.say("")
	return v
}

// show shows what a source has. Of says what that is: the same is not read again.
func (v *viewer) show(of, name string, open source) {
	if of == v.of {
		return
	}
	v.stop()
	v.of, v.kind = of, iconFor(name)
	v.say(words.L("Reading"))
	v.end = frame.Follow(v.worker, func(ctx context.Context, emit func(peek.Content) error) error {
		r, size, err := open(ctx)
		if err != nil {
			return err
		}
		defer r.Close()
		c, err := peek.Look(ctx, r, size, pictureSide)
		if err != nil {
			return err
		}
		return emit(c)
	}, v.got, func(err error) {
		if err != nil {
			v.say(whyNot(err))
		}
	})
}

// none shows nothing but words.
func (v *viewer) none(of, name, text string) {
	v.stop()
	v.of, v.kind = of, iconFor(name)
	v.say(text)
}

// stop ends the reading, and lets go of what is shown.
func (v *viewer) stop() {
	v.end()
	v.of = ""
	v.picture.Image = nil
	v.text.SetText("")
}

// whyNot says why nothing is shown.
func whyNot(err error) string {
	for known, text := range map[error]string{
		peek.ErrEmpty:    words.L("The file is empty."),
		peek.ErrUnknown:  words.L("No preview for this kind of file."),
		peek.ErrTooLarge: words.L("The picture is too large for a preview."),
		peek.ErrBroken:   words.L("This picture can't be read. It may be damaged."),
	} {
		if errors.Is(err, known) {
			return text
		}
	}
	return frame.Sentence(node.AsError(err))
}

func (v *viewer) say(text string) {
	v.message.SetText(text)
	v.icon.Resource = look.IconColored(v.kind, look.ColorMuted)
	v.icon.Hidden = v.kind == "" || text == ""
	v.message.Hidden = text == ""
	v.pictured = false
	v.picture.Hidden, v.text.Hidden, v.note.Hidden = true, true, true
	v.content.Refresh()
}

func (v *viewer) got(c peek.Content) {
	v.message.Hidden, v.icon.Hidden = true, true
	v.pictured = c.Kind == peek.Picture
	v.picture.Hidden, v.text.Hidden = c.Kind != peek.Picture, c.Kind != peek.Text
	if c.Kind == peek.Picture {
		v.picture.Image = c.Image
		v.note.SetText(words.L("{{.Width}} × {{.Height}} pixels", "Width", words.Number(int64(c.Size.X)), "Height", words.Number(int64(c.Size.Y))))
	} else {
		v.text.SetText(readable(c.Text))
		v.text.ScrollToTop()
		v.note.SetText("")
		if c.Cut {
			v.note.SetText(words.L("The beginning of the text"))
		}
	}
	v.note.Hidden = v.note.Text == ""
	v.content.Refresh()
}

// A grid of text makes as many cells in each of its rows as its longest line has, on
// the interface thread. So lines are folded, and nothing of them is lost.
const (
	longLine = 160 // characters of a row
	foldBack = 40  // of them, how many may go to the next row to fold at a space
)

// readable is a text as it is safe to show, line by line, long ones on several.
func readable(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	rows := make([]string, 0, len(lines))
	for _, l := range lines {
		rows = fold(rows, []rune(shownLine(l)))
	}
	return strings.Join(rows, "\n")
}

// shownLine is one line as it is safe to show.
func shownLine(l string) string { return words.Shown(strings.ReplaceAll(l, "\t", "    ")) }

// beginning is as much of a line as a row that can't be scrolled has use for.
func beginning(l string) string {
	const most = 4 * longLine
	n := 0
	for i := range l {
		if n++; n > most {
			return shownLine(l[:i]) + "…"
		}
	}
	return shownLine(l)
}

// fold adds a line to rows, on several if it is long.
func fold(rows []string, l []rune) []string {
	for len(l) > longLine {
		at := longLine
		for i := range foldBack {
			if l[longLine-1-i] == ' ' {
				at = longLine - i
				break
			}
		}
		rows, l = append(rows, string(l[:at])), l[at:]
	}
	return append(rows, string(l))
}

// viewerLayout sets what is shown, and a line below it.
type viewerLayout struct{ v *viewer }

// MinSize implements fyne.Layout.
func (l *viewerLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(gap(look.SizeXL), gap(look.SizeIconBig))
}

// Layout implements fyne.Layout.
func (l *viewerLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	v := l.v
	low := s.Height
	if v.note.Visible() {
		h := v.note.MinSize().Height + gap(look.SizeXS)
		low -= h
		place(v.note, 0, low, s.Width, h)
	}
	v.picture.Hidden = !v.pictured || low < gap(look.SizeIcon) // too low to be drawn
	place(v.picture, 0, 0, s.Width, low)
	place(v.text, 0, 0, s.Width, low)
	v.message.Resize(fyne.NewSize(s.Width, v.message.Size().Height))
	h, side := v.message.MinSize().Height, gap(look.SizeIconBig)
	y := max(0, (s.Height-h-side)*0.45)
	place(v.icon, (s.Width-side)/2, y, side, side)
	place(v.message, 0, y+side, s.Width, h)
}
