package people

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg" // pictures of people are JPEG
	_ "image/png"  // or PNG

	"meadow/core/node"
	"meadow/ui/frame"
)

const (
	pictureBytes = 64 << 10
	pictureSide  = 1024
)

// Pictures are those of people, each read once. It is for the interface thread.
type Pictures struct {
	worker *frame.Worker
	done   func() // a picture has been read
	known  map[string]portrait
}

// portrait is a picture and what it was read from; nil while it is being read, and if
// it is none.
type portrait struct {
	from  []byte
	image image.Image
}

// NewPictures returns what keeps pictures; done is called when there is another one to
// be shown.
func NewPictures(w *frame.Worker, done func()) *Pictures {
	return &Pictures{worker: w, done: done, known: make(map[string]portrait)}
}

// Of is somebody's picture; nil if there is none, or none yet.
func (p *Pictures) Of(who node.Person) image.Image {
	if len(who.Picture) == 0 {
		return nil
	}
	if known, ok := p.known[who.Custodian]; ok && bytes.Equal(known.from, who.Picture) {
		return known.image
	}
	p.known[who.Custodian] = portrait{from: who.Picture}
	inline := true
	frame.Ask(p.worker, func(context.Context) (image.Image, error) { return decode(who.Picture) }, func(img image.Image, err error) {
		known := p.known[who.Custodian]
		if err != nil || !bytes.Equal(known.from, who.Picture) {
			return
		}
		known.image = img
		p.known[who.Custodian] = known
		if !inline {
			p.done()
		}
	})
	inline = false
	return p.known[who.Custodian].image
}

var errPicture = errors.New("not a picture of somebody")

// decode reads a picture that somebody else sent: it is small, or it isn't read.
func decode(b []byte) (image.Image, error) {
	if len(b) > pictureBytes {
		return nil, errPicture
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width > pictureSide || c.Height > pictureSide {
		return nil, errors.Join(errPicture, err)
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	return img, err
}
