package scan

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"

	"meadow/core/node"
	"meadow/core/qr"
)

var device = Kind{Prefix: "mdnpair1", Foreign: func() *node.Error {
	return &node.Error{Code: node.CodeNotFound, Message: "that code isn't one of Meadow's", Hint: "look again"}
}}

const sample = "mdnpair1mfrggzdfmztwq2lknnwg23tpobyxe43u"

func TestTicket(t *testing.T) {
	for text, want := range map[string]string{
		sample:                                 sample,
		" " + strings.ToUpper(sample) + "\r\n": sample,
		sample[:20] + "\n" + sample[20:]:       sample,
		"Use this: " + sample + ", quickly":    sample,
		"meadow://pair/" + sample:              sample,
		"MEADOW:" + sample:                     sample,
		"meadow://" + sample + "/":             sample,
		"":                                     "",
		"mdnpair1":                             "",
		"https://example.org":                  "",
		"meadow://pair/":                       "",
		"meadow://pair?t=" + sample + "&x=1":   sample,
		"mdncontact1" + sample[8:]:             "",
		strings.Repeat("x", maxText) + sample:  "",
	} {
		got, ok := device.Ticket(text)
		if got != want && ok || ok != (want != "") {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}

func FuzzTicket(f *testing.F) {
	f.Add("meadow://pair/" + sample)
	f.Fuzz(func(t *testing.T, text string) {
		ticket, ok := device.Ticket(text)
		if !ok {
			return
		}
		if again, same := device.Ticket(ticket); !same || again != ticket {
			t.Errorf("%q became %q", ticket, again)
		}
	})
}

func picture(t *testing.T, text string) []byte {
	t.Helper()
	b, err := qr.Encode(text, 300)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func blank(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFiles says why a picture can't be used.
func TestFiles(t *testing.T) {
	for want, content := range map[string][]byte{
		"":                                      picture(t, sample),
		"that code isn't one of Meadow's":       picture(t, "https://example.org/menu"),
		"no code was found in that picture":     blank(t),
		"that isn't a picture that can be read": []byte("GIF89a"),
	} {
		ticket, err := device.fromFile(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil })
		if want == "" {
			if ticket != sample || err != nil {
				t.Errorf("%q, %v", ticket, err)
			}
			continue
		}
		if e := node.AsError(err); e.Message != want || e.Hint == "" {
			t.Errorf("%+v, want %q", e, want)
		}
	}
	if _, err := device.fromFile(func() (io.ReadCloser, error) { return nil, errors.New("it is gone") }); !strings.Contains(err.Error(), "it is gone") {
		t.Error(err)
	}
}

// TestScreens looks at all displays, and tells of the code that isn't ours.
func TestScreens(t *testing.T) {
	see := func(b []byte) image.Image {
		img, err := qr.Picture(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	none, foreign, ours := see(blank(t)), see(picture(t, "hello")), see(picture(t, sample))
	if ticket, err := device.fromPictures(t.Context(), []image.Image{none, foreign, ours}); ticket != sample || err != nil {
		t.Errorf("%q, %v", ticket, err)
	}
	if _, err := device.fromPictures(t.Context(), []image.Image{none, foreign, none}); node.AsError(err).Message != "that code isn't one of Meadow's" {
		t.Error(err)
	}
	if _, err := device.fromPictures(t.Context(), nil); err == nil {
		t.Error("a ticket on no picture")
	}
}
