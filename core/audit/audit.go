// Package audit is the words for a device's audit log: who was given access, who
// used it, what went to whom over which way, and what was refused. Who writes it
// is core/node, who keeps it is storage. It is of this device and never synced.
//
// Names are as they were then; keys find rows whatever somebody is called now. Ids
// only grow, so a page ends with an id and the next one begins before it.
package audit

import (
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// Row is something that happened. Only ID, At and Kind are always there.
type Row struct {
	ID        int64 // 0: it has none yet
	At        time.Time
	Kind      string
	Person    string
	Custodian willow.NamespaceID
	Device    string
	Endpoint  key.Endpoint
	Space     string
	SpaceID   willow.NamespaceID
	Path      string // raw bytes
	Entries   int64
	Bytes     int64
	Route     string // lan, direct or relay
	Details   []byte // a JSON object, or nil
	Text      string // what Query.Text is looked for in, as activity.Fold returns it
}

// Query is a question. Zero fields ask for everything.
type Query struct {
	Text      string // as activity.Fold returns it
	Kinds     []string
	Person    string // the name then; or, if Custodian isn't zero, that
	Custodian willow.NamespaceID
	Space     string // the same
	SpaceID   willow.NamespaceID
	Since     time.Time // not before
	Until     time.Time // before
	Before    int64     // rows with lesser ids only
	Limit     int       // rows at most
}

// Use is who used what.
type Use struct {
	Custodian willow.NamespaceID
	Space     willow.NamespaceID
}
