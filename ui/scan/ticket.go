// Package scan gets hold of the code that another device shows, and shows one: as
// squares, off a picture, be it a file, on the clipboard, on this screen or before the
// camera, and as text. Two screens use it, for a device of the same account and for
// somebody else's, and neither takes the other's codes.
package scan

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

// Scheme is that of links that hold a ticket: meadow://pair/mdnpair1…
const (
	Scheme  = "meadow"
	maxText = 4096 // characters that are looked through for a ticket
)

// A Kind is what codes are for.
type Kind struct {
	// Prefix is how the ticket in a code begins.
	Prefix string
	// Foreign says what to do if a code was read that isn't of this kind.
	Foreign func() *node.Error
}

// Ticket finds the ticket in what somebody pasted, wrote or was sent: the text under a
// code, also broken into lines and with other words around it, or a meadow: link.
func (k Kind) Ticket(text string) (ticket string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxText {
		return "", false
	}
	if u, err := url.Parse(text); err == nil && strings.EqualFold(u.Scheme, Scheme) {
		text = u.Host + u.Path + u.Opaque + "?" + u.RawQuery
	}
	text = strings.ToLower(strings.ReplaceAll(text, "\r", ""))
	i := strings.Index(text, k.Prefix)
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
	return b.String(), b.Len() > len(k.Prefix)
}

// errNoCode is of a picture that has none.
var errNoCode = errors.New("no code")

// ticketOf is the ticket in what a code says.
func (k Kind) ticketOf(text string, err error) (string, error) {
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
	ticket, ok := k.Ticket(text)
	if !ok {
		return "", k.Foreign()
	}
	return ticket, nil
}

// fromFile is the ticket on a picture in a file.
func (k Kind) fromFile(open func() (io.ReadCloser, error)) (string, error) {
	r, err := open()
	if err != nil {
		return k.ticketOf("", err)
	}
	defer r.Close()
	return k.ticketOf(qr.Decode(r))
}

// fromPictures is the ticket on any of some pictures. What is wrong with the first
// is told if it is on none.
func (k Kind) fromPictures(ctx context.Context, all []image.Image) (string, error) {
	var first error
	for _, img := range all {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		ticket, err := k.ticketOf(qr.Find(img))
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
