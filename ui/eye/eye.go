// Package eye is what this computer can see: its screens, the picture on its
// clipboard, and its camera. Each platform has a file of its own; what one can't do is
// nil in [Here].
//
// Linux and the BSDs speak to the X server by its own protocol, and to Wayland's
// desktops by their portal, which asks the person. Linux has its cameras by Video4Linux.
// macOS and Windows have their screens. Nothing here needs a C compiler but the screens
// of macOS.
package eye

import (
	"context"
	"image"
	"time"

	"meadow/core/node"
	"meadow/ui/pair"
	"meadow/ui/words"
)

// Here is what this computer can do.
func Here() pair.Eyes {
	return pair.Eyes{Screens: settled, Clipboard: clipboard, Camera: camera}
}

// repaint is how long other windows have to draw what Meadow's own, which is out of the
// way then, has covered; the desktop tells nobody when they have.
const repaint = 600 * time.Millisecond

// settled are the screens once they have been drawn.
func settled(ctx context.Context) ([]image.Image, error) {
	select {
	case <-time.After(repaint):
		return screens(ctx)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// maxPixels is the largest picture that is looked at: above what four large displays
// have.
const maxPixels = 64 << 20

func failed(message, hint string) error {
	return &node.Error{Code: node.CodeIO, Message: message, Hint: hint}
}

func tooLarge() error {
	return failed(words.L("the picture is too large to be looked through"), words.L("cut it down to the code"))
}
