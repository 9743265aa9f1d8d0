package pair

import (
	"context"
	"errors"
	"image"
	"io"
	"net/url"
	"strings"

	"meadow/core/node"
	"meadow/core/qr"
	"meadow/ui/words"
)

const (
	ticketPrefix = "mdnpair1"
	// Scheme is that of links that hold a ticket: meadow://pair/mdnpair1…
	Scheme  = "meadow"
	maxText = 4096 // characters that are looked through for a ticket
)

// Ticket finds the ticket in what somebody pasted, wrote or was sent: the text under a
// code, also broken into lines and with other words around it, or a meadow: link.
func Ticket(text string) (ticket string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxText {
		return "", false
	}
	if u, err := url.Parse(text); err == nil && strings.EqualFold(u.Scheme, Scheme) {
		text = strings.Trim(u.Host+u.Path+u.Opaque, "/")
		text = text[strings.LastIndexByte(text, '/')+1:]
	}
	text = strings.ToLower(strings.ReplaceAll(text, "\r", ""))
	i := strings.Index(text, ticketPrefix)
	if i < 0 {
		return "", false
	}
	// It goes on over line breaks, and ends before anything else.
	var b strings.Builder
	for _, r := range text[i:] {
		if r == '\n' {
			continue
		}
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			break
		}
		b.WriteRune(r)
	}
	return b.String(), b.Len() > len(ticketPrefix)
}

// errNoCode is of a picture that has none.
var errNoCode = errors.New("no code")

// errForeign is a code that was read and isn't Meadow's.
func errForeign() error {
	return &node.Error{
		Code: node.CodeNotFound, Message: words.L("that code isn't one of Meadow's"),
		Hint: words.L("choose “Join my other device” on the new device and use the code that it shows"),
	}
}

// ticketOf is the ticket in what a code says.
func ticketOf(text string, err error) (string, error) {
	switch {
	case errors.Is(err, qr.ErrTooLarge):
		return "", &node.Error{Code: node.CodeUsage, Message: words.L("the picture is too large to be looked through"), Hint: words.L("cut it down to the code")}
	case errors.Is(err, qr.ErrFormat):
		return "", &node.Error{Code: node.CodeUsage, Message: words.L("that isn't a picture that can be read"), Hint: words.L("choose a PNG or JPEG picture")}
	case errors.Is(err, qr.ErrNone):
		return "", errors.Join(&node.Error{
			Code: node.CodeNotFound, Message: words.L("no code was found in that picture"),
			Hint: words.L("take it again, straight and near, with the whole code on it"),
		}, errNoCode)
	case err != nil:
		return "", &node.Error{Code: node.CodeIO, Message: words.L("the picture can't be read: {{.Reason}}", "Reason", err.Error()), Hint: words.L("choose another one")}
	}
	ticket, ok := Ticket(text)
	if !ok {
		return "", errForeign()
	}
	return ticket, nil
}

// fromFile is the ticket on a picture in a file.
func fromFile(open func() (io.ReadCloser, error)) (string, error) {
	r, err := open()
	if err != nil {
		return ticketOf("", err)
	}
	defer r.Close()
	return ticketOf(qr.Decode(r))
}

// fromPictures is the ticket on any of some pictures. What is wrong with the first
// is told if it is on none.
func fromPictures(ctx context.Context, all []image.Image) (string, error) {
	var first error
	for _, img := range all {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		ticket, err := ticketOf(qr.Find(img))
		if err == nil {
			return ticket, nil
		}
		if first == nil || errors.Is(first, errNoCode) {
			first = err
		}
	}
	if first == nil {
		first = &node.Error{Code: node.CodeNotFound, Message: words.L("there is no picture to look at"), Hint: words.L("use one of the other ways")}
	}
	return "", first
}
