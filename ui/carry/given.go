package carry

import (
	"net/url"
	"path/filepath"
	"strings"
)

const (
	scheme  = "willow"
	maxLink = 64 << 10 // bytes that are looked at: longer than any path can make one
)

// linkIn finds the link in what somebody pasted or was sent: all of the text, or the
// first line of it that is one.
func linkIn(text string) (link string, ok bool) {
	if len(text) > maxLink {
		return "", false
	}
	for line := range strings.Lines(text) {
		line = strings.Trim(line, " \t\r\n<>\"")
		if head, _, found := strings.Cut(line, "://"); found && strings.EqualFold(head, scheme) && !strings.ContainsAny(line, " \t") {
			return line, true
		}
	}
	return "", false
}

// IsLink reports whether a text is a link, or has one in a line of its own.
func IsLink(text string) bool {
	_, ok := linkIn(text)
	return ok
}

// DropFile is the path of a drop that somebody gave as a path or as a file: URL.
func DropFile(text string) (path string, ok bool) {
	path = text
	if u, err := url.Parse(text); err == nil && strings.EqualFold(u.Scheme, "file") {
		if u.Host != "" && u.Host != "localhost" {
			return "", false
		}
		path = filepath.FromSlash(u.Path)
	}
	return path, len(text) <= maxLink && isDrop(path)
}
