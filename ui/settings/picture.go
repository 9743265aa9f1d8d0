package settings

import (
	"context"
	"io"
	"os"

	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// pictureMost is how large a file is that a picture is made of, at most.
const pictureMost = 32 << 20

// picture is what people who know the account see of its owner.
type picture struct {
	screen *Screen
	face   *look.Face
	choose *look.Button
	remove *look.Button
	row    *setting
	image  []byte // as it is
}

func newPicture(s *Screen) *picture {
	p := &picture{screen: s, face: look.NewFace(look.FaceData{})}
	p.choose = look.NewButton(words.L("Choose…"), look.IconImage, p.chosen)
	p.remove = look.NewQuietButton(words.L("Take it away"), "", func() { p.set(nil) })
	p.row = newSetting(words.L("Your picture"), words.L("Who knows you sees it beside your name. It is made small, and nothing else of the file is kept."),
		container.NewHBox(p.face, p.remove, p.choose))
	return p
}

// ask gets the picture as it is.
func (p *picture) ask() {
	frame.Ask(p.screen.frame.Worker, p.screen.node.Picture, func(image []byte, err error) {
		if err == nil { // else the next look tells
			p.image = image
			p.put(p.screen.frame.Now())
		}
	})
}

func (p *picture) put(now *frame.Now) {
	if now == nil || now.Status.Custodian == nil || now.Status.Name == nil {
		return
	}
	p.face.Set(p.screen.frame.Face(node.Person{Name: *now.Status.Name, Custodian: *now.Status.Custodian, Picture: p.image, Online: true}))
	if p.remove.Hidden != (len(p.image) == 0) {
		p.remove.Hidden = len(p.image) == 0
		p.row.content.Refresh()
	}
}

func (p *picture) chosen() {
	p.screen.frame.ChooseFile(words.L("Your picture"), words.L("Use this picture"), func(path string) {
		r, err := os.Open(path)
		if err != nil {
			p.screen.frame.Fail(err)
			return
		}
		p.read(r)
	}, ".png", ".jpg", ".jpeg", ".gif")
}

// read takes a file as the picture.
func (p *picture) read(r io.ReadCloser) {
	frame.Ask(p.screen.frame.Worker, func(context.Context) ([]byte, error) {
		defer r.Close()
		return io.ReadAll(io.LimitReader(r, pictureMost+1))
	}, func(file []byte, err error) {
		if err != nil {
			p.screen.frame.Fail(err)
			return
		}
		p.set(file)
	})
}

func (p *picture) set(file []byte) {
	p.screen.frame.Worker.Go(func(ctx context.Context) error { return p.screen.node.SetPicture(ctx, file) }, func(err error) {
		p.screen.frame.Fail(err)
		p.ask()
	})
}
