package frame

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg" // pictures of people are JPEG
	_ "image/png"  // or PNG

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/words"
)

const (
	pictureBytes = 64 << 10
	pictureSide  = 1024
)

// portrait is somebody's picture and what it was read from; without an image while it
// is being read, and if it is none.
type portrait struct {
	from  []byte
	image image.Image
}

// Face is how somebody is shown. Their picture is read beside the interface thread,
// once; the screen is told when it is there.
func (f *Frame) Face(who node.Person) look.FaceData {
	state := words.L("Not connected")
	if who.Online {
		state = words.L("Connected")
	}
	return look.FaceData{Name: words.Shown(who.Name), Picture: f.picture(who), Online: who.Online, Faint: who.Blocked, State: state}
}

func (f *Frame) picture(who node.Person) image.Image {
	if len(who.Picture) == 0 {
		return nil
	}
	if known, ok := f.faces[who.Custodian]; ok && bytes.Equal(known.from, who.Picture) {
		return known.image
	}
	f.faces[who.Custodian] = portrait{from: who.Picture}
	here := true // an inline worker answers at once
	Ask(f.Worker, func(context.Context) (image.Image, error) { return decode(who.Picture) }, func(img image.Image, err error) {
		if err != nil || !bytes.Equal(f.faces[who.Custodian].from, who.Picture) {
			return
		}
		f.faces[who.Custodian] = portrait{who.Picture, img}
		if !here && !f.closed && f.screen != nil && f.Now() != nil {
			f.screen.Update(f.Now())
		}
	})
	here = false
	return f.faces[who.Custodian].image
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
