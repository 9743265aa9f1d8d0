package scan

import (
	"context"
	"image"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"meadow/core/node"
	"meadow/core/qr"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

const filmEvery = 100 * time.Millisecond // at most ten pictures a second are shown

// glance is one of the camera's pictures, and what was seen on it.
type glance struct {
	picture image.Image
	ticket  string
	foreign bool // a code of something else
}

// film shows what the camera sees.
type film struct {
	image *canvas.Image
	says  *look.Paragraph
	whole fyne.CanvasObject
}

func newFilm(back func()) *film {
	f := &film{image: canvas.NewImageFromImage(nil), says: look.NewParagraph("", look.ColorMuted)}
	f.image.FillMode = canvas.ImageFillContain
	f.image.ScaleMode = canvas.ImageScaleFastest
	f.says.SetAlign(fyne.TextAlignCenter)
	f.whole = look.NewPage(1.2, look.NewColumn(look.SizeL,
		look.NewTitle(words.L("Hold the code before the camera")),
		look.NewCard("", container.New(frameLayout{}, f.image)),
		f.says,
		container.NewHBox(look.NewQuietButton(words.L("Back"), look.IconArrowLeft, back), layout.NewSpacer()),
	))
	return f
}

// frameLayout gives a camera's picture its shape.
type frameLayout struct{}

const filmWide, filmHigh = 480, 320

func (frameLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(filmWide, filmHigh) }

func (frameLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) { objects[0].Resize(s) }

// Film looks through the camera until it sees a code.
func (s *Seeker) Film() {
	s.Stop()
	s.filming = true
	s.film.image.Image = nil
	s.film.says.SetText(words.L("Starting the camera"))
	s.Began()
	s.end = frame.Follow(s.frame.Worker, func(ctx context.Context, emit func(glance) error) error {
		pictures, err := s.eyes.Camera(ctx)
		if err != nil {
			return err
		}
		return s.kind.watch(ctx, pictures, emit)
	}, s.glanced, s.filmEnded)
}

// watch looks at a camera's pictures as fast as it can, and hands on at most ten a
// second and every one with a code.
func (k Kind) watch(ctx context.Context, pictures <-chan image.Image, emit func(glance) error) error {
	var shown time.Time
	for {
		var picture image.Image
		select {
		case picture = <-pictures:
		case <-ctx.Done():
			return ctx.Err()
		}
		if picture == nil {
			return nil // no more come
		}
		text, err := qr.Glance(picture)
		g := glance{picture: picture}
		if err == nil {
			ticket, ok := k.Ticket(text)
			g.ticket, g.foreign = ticket, !ok
		}
		now := time.Now()
		if g.ticket == "" && now.Sub(shown) < filmEvery {
			continue
		}
		shown = now
		if err := emit(g); err != nil {
			return err
		}
	}
}

func (s *Seeker) glanced(g glance) {
	if !s.filming {
		return
	}
	s.film.image.Image = g.picture
	s.film.image.Refresh()
	switch {
	case g.ticket != "":
		s.Stop()
		s.Found(g.ticket)
	case g.foreign:
		s.film.says.SetText(frame.Sentence(s.kind.Foreign()))
	default:
		s.film.says.SetText(words.L("No code seen yet. Hold the other screen upright, an arm's length away."))
	}
}

func (s *Seeker) filmEnded(err error) {
	if !s.filming {
		return
	}
	if err == nil {
		err = &node.Error{Code: node.CodeIO, Message: words.L("the camera has stopped"), Hint: words.L("start it again, or use one of the other ways")}
	}
	s.filming = false
	s.Failed(err)
}
