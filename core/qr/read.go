package qr

import (
	"image"
	"image/color"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// sides are the widths (or heights, whichever is larger) in pixels at which a
// picture is searched, in this order. Going down also takes noise away.
var sides = []int{1000, 500, 1800, 700, 350}

// find searches the picture in its own size, unless that is large, and then in
// others.
func find(img *image.Gray) (string, error) {
	b := img.Bounds()
	side := max(b.Dx(), b.Dy())
	if side == 0 {
		return "", ErrNone
	}
	if side <= sides[2] {
		if text, ok := read(img); ok {
			return text, nil
		}
	}
	for _, want := range sides {
		// A little up is useful for small codes, much only makes work.
		if want == side || want > 4*side {
			continue
		}
		if text, ok := read(resize(img, want)); ok {
			return text, nil
		}
	}
	return "", ErrNone
}

// read searches one picture, dark on light and light on dark. A picture that is
// nothing but a code, such as our own, is read cell by cell first: on perfect
// ones the search for corners misplaces one now and then.
func read(img *image.Gray) (string, bool) {
	src := gozxing.NewLuminanceSourceFromImage(img)
	both := []gozxing.LuminanceSource{src, src.Invert()}
	for _, s := range both {
		if text, ok := readBinary(gozxing.NewGlobalHistgramBinarizer(s), true); ok {
			return text, true
		}
	}
	for _, s := range both {
		// Hybrid follows uneven light; the histogram copes with noise.
		for _, b := range []gozxing.Binarizer{
			gozxing.NewHybridBinarizer(s), gozxing.NewGlobalHistgramBinarizer(s),
		} {
			if text, ok := readBinary(b, false); ok {
				return text, true
			}
		}
	}
	return "", false
}

// maxCorners is how many candidates for a code's corner squares are looked at in
// one search. gozxing compares all triples of them, which a picture full of such
// squares could use to keep it busy for hours.
const maxCorners = 300

// tooManyCorners is thrown out of gozxing's search, which has no other way out.
type tooManyCorners struct{}

// readBinary reads one code; pure says that there is nothing else in the picture.
func readBinary(b gozxing.Binarizer, pure bool) (text string, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, mine := r.(tooManyCorners); !mine {
				panic(r)
			}
		}
	}()
	bitmap, err := gozxing.NewBinaryBitmap(b)
	if err != nil {
		return "", false
	}
	corners := 0
	count := func(gozxing.ResultPoint) {
		if corners++; corners > maxCorners {
			panic(tooManyCorners{})
		}
	}
	hints := map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_TRY_HARDER:                 true,
		gozxing.DecodeHintType_CHARACTER_SET:              "UTF-8",
		gozxing.DecodeHintType_NEED_RESULT_POINT_CALLBACK: gozxing.ResultPointCallback(count),
	}
	if pure {
		hints[gozxing.DecodeHintType_PURE_BARCODE] = true
	}
	res, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil || res.GetText() == "" {
		return "", false
	}
	return res.GetText(), true
}

// luminance returns the picture in gray, on white where it is transparent.
func luminance(img image.Image) *image.Gray {
	b := img.Bounds()
	out := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	at := grayAt(img)
	for y := range b.Dy() {
		row := out.Pix[y*out.Stride:][:b.Dx()]
		for x := range row {
			row[x] = at(b.Min.X+x, b.Min.Y+y)
		}
	}
	return out
}

// grayAt returns how to read one pixel's brightness. Photos take the first way,
// without an allocation for each pixel.
func grayAt(img image.Image) func(x, y int) uint8 {
	switch img := img.(type) {
	case *image.YCbCr:
		return func(x, y int) uint8 { return img.Y[img.YOffset(x, y)] }
	case *image.Gray:
		return func(x, y int) uint8 { return img.GrayAt(x, y).Y }
	case image.RGBA64Image:
		return func(x, y int) uint8 { return onWhite(img.RGBA64At(x, y)) }
	}
	return func(x, y int) uint8 {
		return onWhite(color.RGBA64Model.Convert(img.At(x, y)).(color.RGBA64))
	}
}

// onWhite returns the brightness of a colour laid on white. The weights are
// those of color.GrayModel.
func onWhite(c color.RGBA64) uint8 {
	white := 0xffff - uint32(c.A)
	r, g, b := uint32(c.R)+white, uint32(c.G)+white, uint32(c.B)+white
	return uint8((19595*r + 38470*g + 7471*b + 1<<15) >> 24)
}

// resize returns the picture with its larger side being side pixels. Each pixel
// is the mean of those that fall on it when shrinking, and interpolated between
// four when growing.
func resize(img *image.Gray, side int) *image.Gray {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	scale := float64(side) / float64(max(w, h))
	nw, nh := max(1, int(float64(w)*scale)), max(1, int(float64(h)*scale))
	out := image.NewGray(image.Rect(0, 0, nw, nh))
	for y := range nh {
		for x := range nw {
			if scale < 1 {
				out.Pix[y*out.Stride+x] = mean(img, x*w/nw, (x+1)*w/nw, y*h/nh, (y+1)*h/nh)
			} else {
				out.Pix[y*out.Stride+x] = between(img, (float64(x)+0.5)/scale-0.5, (float64(y)+0.5)/scale-0.5)
			}
		}
	}
	return out
}

// mean returns the mean of a rectangle, which is made to have a pixel at least.
func mean(img *image.Gray, x0, x1, y0, y1 int) uint8 {
	x1, y1 = max(x1, x0+1), max(y1, y0+1)
	sum := 0
	for y := y0; y < y1; y++ {
		for _, p := range img.Pix[y*img.Stride+x0 : y*img.Stride+x1] {
			sum += int(p)
		}
	}
	return uint8(sum / ((x1 - x0) * (y1 - y0)))
}

// between returns the brightness at a point between pixels.
func between(img *image.Gray, x, y float64) uint8 {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	x, y = min(max(x, 0), float64(w-1)), min(max(y, 0), float64(h-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, w-1), min(y0+1, h-1)
	fx, fy := x-float64(x0), y-float64(y0)
	top := (1-fx)*float64(img.Pix[y0*img.Stride+x0]) + fx*float64(img.Pix[y0*img.Stride+x1])
	bottom := (1-fx)*float64(img.Pix[y1*img.Stride+x0]) + fx*float64(img.Pix[y1*img.Stride+x1])
	return uint8((1-fy)*top + fy*bottom + 0.5)
}
