//go:build linux || freebsd || openbsd || netbsd

package eye

import (
	"context"
	"image"
	"net/url"
	"os"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xinerama"
	"github.com/jezek/xgb/xproto"
	"github.com/rymdport/portal/screenshot"

	"meadow/core/qr"
	"meadow/ui/words"
)

// screens grabs all displays.
func screens(ctx context.Context) ([]image.Image, error) {
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		return askPortal(ctx)
	}
	c, err := connect(ctx)
	if err != nil {
		return nil, failed(words.L("this screen can't be looked at"), words.L("take a screenshot and choose it as a picture"))
	}
	defer c.Close()
	all, err := grab(c)
	if err != nil && ctx.Err() == nil {
		return nil, failed(words.L("this screen can't be looked at: {{.Reason}}", "Reason", err.Error()), words.L("take a screenshot and choose it as a picture"))
	}
	return all, err
}

// connect speaks to the X server until ctx ends.
func connect(ctx context.Context) (*conn, error) {
	c, err := xgb.NewConn()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, stop: context.AfterFunc(ctx, c.Close)}, nil
}

type conn struct {
	*xgb.Conn
	stop func() bool
}

// Close ends it, once.
func (c *conn) Close() {
	if c.stop() {
		c.Conn.Close()
	}
}

// grab takes the picture of each display.
func grab(c *conn) (all []image.Image, err error) {
	setup := xproto.Setup(c.Conn)
	root := setup.DefaultScreen(c.Conn)
	for _, r := range displays(c, root) {
		if r.Dx()*r.Dy() > maxPixels {
			return nil, tooLarge()
		}
		reply, err := xproto.GetImage(c.Conn, xproto.ImageFormatZPixmap, xproto.Drawable(root.Root),
			int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()), 0xffffffff).Reply()
		if err != nil {
			return nil, err
		}
		img, err := fromX(reply.Data, r.Dx(), r.Dy())
		if err != nil {
			return nil, err
		}
		all = append(all, img)
	}
	return all, nil
}

// displays are the parts of the whole screen that are shown somewhere.
func displays(c *conn, root *xproto.ScreenInfo) (all []image.Rectangle) {
	whole := image.Rect(0, 0, int(root.WidthInPixels), int(root.HeightInPixels))
	if xinerama.Init(c.Conn) == nil {
		if reply, err := xinerama.QueryScreens(c.Conn).Reply(); err == nil {
			for _, s := range reply.ScreenInfo {
				r := image.Rect(0, 0, int(s.Width), int(s.Height)).Add(image.Pt(int(s.XOrg), int(s.YOrg))).Intersect(whole)
				if !r.Empty() {
					all = append(all, r)
				}
			}
		}
	}
	if len(all) == 0 {
		all = append(all, whole)
	}
	return all
}

// fromX is the picture in what the X server sends: rows of four bytes for each pixel,
// blue first.
func fromX(data []byte, w, h int) (image.Image, error) {
	if w <= 0 || h <= 0 || len(data) != 4*w*h {
		return nil, failed(words.L("this screen has an unusual number of colours"), words.L("take a screenshot and choose it as a picture"))
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(data); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = data[i+2], data[i+1], data[i], 0xff
	}
	return img, nil
}

// askPortal has the desktop take the picture; it asks the person first. The picture
// was made for this only, and its file goes.
func askPortal(ctx context.Context) ([]image.Image, error) {
	return fromDesktop(ctx, func() (string, error) {
		return screenshot.Screenshot("", &screenshot.ScreenshotOptions{NotModal: true})
	})
}

// fromDesktop has a picture taken. One that comes after ctx has ended goes unseen.
func fromDesktop(ctx context.Context, take func() (string, error)) ([]image.Image, error) {
	type answer struct {
		uri string
		err error
	}
	answered := make(chan answer)
	go func() { // the portal's library can't be told to stop waiting
		uri, err := take()
		select {
		case answered <- answer{uri, err}:
		case <-ctx.Done():
			discard(uri)
		}
	}()
	select {
	case a := <-answered:
		return fromPortal(a.uri, a.err)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// discard removes the file of a picture that nobody wants.
func discard(uri string) {
	u, err := url.Parse(uri)
	if err == nil && u.Scheme == "file" {
		os.Remove(u.Path)
	}
}

func fromPortal(uri string, err error) ([]image.Image, error) {
	u, bad := url.Parse(uri)
	if err != nil || bad != nil || u.Scheme != "file" {
		return nil, failed(words.L("the desktop gave no picture of the screen"), words.L("allow it when the desktop asks, or take a screenshot and choose it as a picture"))
	}
	defer os.Remove(u.Path)
	f, err := os.Open(u.Path)
	if err != nil {
		return nil, failed(words.L("the picture of the screen can't be read: {{.Reason}}", "Reason", err.Error()), words.L("use one of the other ways"))
	}
	defer f.Close()
	img, err := qr.Picture(f)
	if err != nil {
		return nil, failed(words.L("the picture of the screen can't be read: {{.Reason}}", "Reason", err.Error()), words.L("use one of the other ways"))
	}
	return []image.Image{img}, nil
}
