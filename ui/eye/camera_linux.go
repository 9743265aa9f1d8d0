package eye

import (
	"context"
	"errors"
	"image"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blackjack/webcam"
	"golang.org/x/sys/unix"

	"meadow/ui/words"
)

const (
	filmWide, filmHigh = 640, 480
	filmBuffers        = 4
	filmWait           = 1 // seconds for a picture
	filmPatience       = 5 // times that without one
)

// The formats that are understood, as Video4Linux names them: two bytes a pixel, or a
// JPEG for each picture.
const (
	formatYUYV = webcam.PixelFormat('Y' | 'U'<<8 | 'Y'<<16 | 'V'<<24)
	formatMJPG = webcam.PixelFormat('M' | 'J'<<8 | 'P'<<16 | 'G'<<24)
)

// camera films with the first camera that there is, until ctx ends.
func camera(ctx context.Context) (<-chan image.Image, error) {
	w, err := firstCamera()
	if err != nil {
		return nil, err
	}
	decode, err := prepare(w)
	if err != nil {
		_ = w.Close()
		return nil, failed(words.L("the camera can't be used: {{.Reason}}", "Reason", err.Error()), words.L("use one of the other ways"))
	}
	pictures := make(chan image.Image, 1)
	go func() {
		defer close(pictures)
		defer w.Close()
		film(ctx, w, decode, pictures)
	}()
	return pictures, nil
}

// firstCamera opens the first that can be.
func firstCamera() (*webcam.Webcam, error) {
	files, err := filepath.Glob("/dev/video*")
	if err != nil || len(files) == 0 {
		return nil, failed(words.L("no camera was found"), words.L("connect one, or use one of the other ways"))
	}
	slices.SortFunc(files, func(a, b string) int {
		if len(a) != len(b) { // video2 comes before video10
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	why := failed(words.L("no camera was found"), words.L("connect one, or use one of the other ways"))
	for _, file := range files {
		w, err := webcam.Open(file)
		switch {
		case err == nil:
			if len(understood(w)) > 0 {
				return w, nil
			}
			_ = w.Close()
		case errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM):
			why = failed(words.L("you may not use the camera of this computer"), words.L("ask its administrator to add you to the group “video”, or use one of the other ways"))
		case errors.Is(err, unix.EBUSY):
			why = failed(words.L("another program is using the camera"), words.L("close that one, or use one of the other ways"))
		}
	}
	return nil, why
}

func understood(w *webcam.Webcam) (formats []webcam.PixelFormat) {
	there := w.GetSupportedFormats()
	for _, f := range []webcam.PixelFormat{formatYUYV, formatMJPG} {
		if _, ok := there[f]; ok {
			formats = append(formats, f)
		}
	}
	return formats
}

// prepare has the camera film, and returns what makes pictures of what it sends.
func prepare(w *webcam.Webcam) (decode func([]byte) (image.Image, error), err error) {
	formats := understood(w)
	if len(formats) == 0 {
		return nil, errors.New(words.L("it has a format that Meadow doesn't know"))
	}
	got, wide, high, err := w.SetImageFormat(formats[0], filmWide, filmHigh)
	if err != nil {
		return nil, err
	}
	if err := w.SetBufferCount(filmBuffers); err != nil {
		return nil, err
	}
	if err := w.StartStreaming(); err != nil {
		if strings.Contains(err.Error(), unix.EBUSY.Error()) {
			err = errors.New(words.L("another program is using it"))
		}
		return nil, err
	}
	if got == formatMJPG {
		return fromMJPEG, nil
	}
	return func(b []byte) (image.Image, error) { return fromYUYV(b, int(wide), int(high)) }, nil
}

// film hands on pictures; who takes them slowly gets the newest.
func film(ctx context.Context, w *webcam.Webcam, decode func([]byte) (image.Image, error), pictures chan image.Image) {
	nothing := 0
	for ctx.Err() == nil && nothing < filmPatience {
		if err := w.WaitForFrame(filmWait); err != nil {
			nothing++
			continue
		}
		frame, index, err := w.GetFrame()
		if err != nil {
			nothing++
			continue
		}
		picture, err := decode(frame)
		if w.ReleaseFrame(index) != nil {
			return
		}
		if err != nil {
			nothing++ // a torn one now and then is usual
			continue
		}
		nothing = 0
		select {
		case <-pictures: // nobody had time for it
		default:
		}
		select {
		case pictures <- picture:
		case <-ctx.Done():
		}
	}
}
