package scan

import (
	"context"
	"errors"
	"image"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Eyes are where this computer gets pictures from; what is nil it can't.
type Eyes struct {
	// Screens grabs all displays.
	Screens func(ctx context.Context) ([]image.Image, error)
	// Clipboard is the picture on it.
	Clipboard func(ctx context.Context) (image.Image, error)
	// Camera films until ctx ends, and closes the channel then.
	Camera func(ctx context.Context) (<-chan image.Image, error)
}

// A Seeker looks for a code in the ways that this computer has, one at a time. All of
// it is for the interface thread.
type Seeker struct {
	// Began is called when it begins to look, or to film: what was before is over.
	Began func()
	// Found is called with a ticket, and Failed with why there is none.
	Found  func(ticket string)
	Failed func(error)

	frame   *frame.Frame
	eyes    Eyes
	kind    Kind
	film    *film
	end     func() // of what is under way
	busy    bool   // a picture is being looked through
	filming bool
	aside   bool // the window is out of the way
}

// NewSeeker returns what looks for codes of a kind; back is called when one would rather
// not film. Its functions are to be set.
func NewSeeker(f *frame.Frame, eyes Eyes, k Kind, back func()) *Seeker {
	return &Seeker{frame: f, eyes: eyes, kind: k, film: newFilm(back), end: func() {}}
}

// Busy reports whether a picture is being looked through.
func (s *Seeker) Busy() bool { return s.busy }

// Filming reports whether the camera is on: then the page is to be shown.
func (s *Seeker) Filming() bool { return s.filming }

// Page is what the camera sees.
func (s *Seeker) Page() fyne.CanvasObject { return s.film.whole }

// Stop ends what is under way.
func (s *Seeker) Stop() {
	s.end()
	s.end = func() {}
	s.busy, s.filming = false, false
	s.comeBack()
}

// Ways are the ways that this computer has, as rows of a column.
func (s *Seeker) Ways() (rows []fyne.CanvasObject) {
	add := func(icon fyne.ThemeIconName, title, subtitle string, do func()) {
		rows = append(rows, look.NewLinkRow(look.RowData{Icon: icon, Chip: true, Title: title, Subtitle: subtitle}, do))
	}
	if s.eyes.Camera != nil {
		add(look.IconCamera, words.L("Use the camera"), words.L("Hold the other screen before it"), s.Film)
	}
	if s.eyes.Screens != nil {
		add(look.IconScreen, words.L("Look at my screen"), words.L("The code is in another window, such as a call"), s.lookAtScreen)
	}
	add(look.IconImage, words.L("Choose a picture…"), words.L("A photo or a screenshot of the code"), s.chooseFile)
	if s.eyes.Clipboard != nil {
		add(look.IconClipboard, words.L("Picture on the clipboard"), words.L("A screenshot that was just taken"), s.lookAtPicture)
	}
	return rows
}

// goAside has the window show what is behind it.
func (s *Seeker) goAside() {
	s.aside = true
	s.frame.Window.Hide()
}

// comeBack ends that, with the keyboard where it was.
func (s *Seeker) comeBack() {
	if s.aside {
		s.aside = false
		s.frame.Window.Show()
		s.frame.Window.RequestFocus()
	}
}

// File reads a picture.
func (s *Seeker) File(u fyne.URI) {
	s.read(func(context.Context) (string, error) {
		return s.kind.fromFile(func() (io.ReadCloser, error) { return storage.Reader(u) })
	})
}

// chooseFile has a picture chosen.
func (s *Seeker) chooseFile() {
	s.frame.ChooseFile(words.L("A picture with the code"), words.L("Use this picture"), func(path string) { s.File(storage.NewFileURI(path)) },
		".png", ".jpg", ".jpeg")
}

// lookAtScreen searches all displays, without Meadow's own window.
func (s *Seeker) lookAtScreen() {
	s.Stop()
	s.goAside()
	s.find(func(ctx context.Context) (string, error) {
		all, err := s.eyes.Screens(ctx)
		s.frame.Worker.Do(s.comeBack) // looking through them takes a while
		if err != nil {
			return "", err
		}
		ticket, err := s.kind.fromPictures(ctx, all)
		if errors.Is(err, errNoCode) {
			return "", &node.Error{
				Code: node.CodeNotFound, Message: words.L("no code was found on your screen"),
				Hint: words.L("bring the window with the code to the front, whole, and look again"),
			}
		}
		return ticket, err
	})
}

// lookAtPicture searches the picture on the clipboard.
func (s *Seeker) lookAtPicture() {
	s.read(func(ctx context.Context) (string, error) {
		img, err := s.eyes.Clipboard(ctx)
		if err != nil {
			return "", err
		}
		return s.kind.fromPictures(ctx, []image.Image{img})
	})
}

// read is find, after what was under way.
func (s *Seeker) read(find func(ctx context.Context) (string, error)) {
	s.Stop()
	s.find(find)
}

// find finds a ticket, which takes a while, and goes on with it.
func (s *Seeker) find(find func(ctx context.Context) (string, error)) {
	s.busy = true
	s.Began()
	var ticket string
	s.end = frame.Follow(s.frame.Worker, func(ctx context.Context, _ func(struct{}) error) (err error) {
		ticket, err = find(ctx)
		return err
	}, func(struct{}) {}, func(err error) {
		s.comeBack()
		s.busy = false
		if err != nil {
			s.Failed(err)
			return
		}
		s.Found(ticket)
	})
}
