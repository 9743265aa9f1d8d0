// Package activity is the words for a device's log of what happened: rows, and
// questions about them. Who writes it is core/node, who keeps it is storage.
//
// A row says all that there is to say in fields, with the names that things had
// then: sentences are made by whoever shows it, in the reader's language. Its ids
// only grow, so a page ends with an id and the next one begins before it.
package activity

import (
	"strings"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// Row is something that happened. Only ID, At and Kind are always there.
type Row struct {
	ID       int64 // 0: it has none yet
	At       time.Time
	Kind     string
	Device   string // who did it, or whom it is about
	Endpoint key.Endpoint
	Space    string
	SpaceID  willow.NamespaceID
	Path     string // raw bytes
	Bytes    int64
	Count    int64
	Details  []byte // a JSON object, or nil
	Undo     string // the version of Path in SpaceID that was there before
	Text     string // what Query.Text is looked for in, as Fold returns it
}

// Query is a question. Zero fields ask for everything.
type Query struct {
	Text     string // as Fold returns it
	Kinds    []string
	Space    string // the name then; or, if SpaceID isn't zero, that
	SpaceID  willow.NamespaceID
	Device   string // the same
	Endpoint key.Endpoint
	Before   int64 // rows with lesser ids only
	Limit    int   // rows at most
}

// Fold returns a text as it is compared: case makes no difference.
func Fold(text string) string { return strings.ToLower(strings.ToUpper(text)) }

// Edited is what somebody who looks at rows has done with one.
type Edited int

// What can become of a row.
const (
	Same    Edited = iota // nothing
	Changed               // it is to be written as it is now
	Gone                  // it is to go
)
