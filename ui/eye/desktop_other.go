//go:build !(linux || freebsd || openbsd || netbsd)

package eye

import (
	"context"
	"image"

	"github.com/kbinani/screenshot"

	"meadow/ui/words"
)

// clipboard is nothing: a picture there can be saved and chosen.
var clipboard func(ctx context.Context) (image.Image, error)

// screens grabs all displays.
func screens(ctx context.Context) (all []image.Image, err error) {
	for i := range screenshot.NumActiveDisplays() {
		r := screenshot.GetDisplayBounds(i)
		if r.Dx()*r.Dy() > maxPixels {
			return nil, tooLarge()
		}
		img, err := screenshot.CaptureRect(r)
		if err != nil {
			return nil, failed(words.L("this screen can't be looked at: {{.Reason}}", "Reason", err.Error()), words.L("allow it in the system's settings, or take a screenshot and choose it as a picture"))
		}
		all = append(all, img)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return all, nil
}
