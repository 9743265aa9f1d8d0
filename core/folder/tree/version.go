package tree

import (
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/willow"
)

// Kind says what a version is. The numbers are stored: do not reorder.
type Kind uint8

// The kinds of versions.
const (
	File      Kind = 1
	Folder    Kind = 2 // recorded when empty, or when it was recorded before
	Symlink   Kind = 3 // its bytes are the target
	Tombstone Kind = 4 // the path was deleted
)

var kindNames = [...]string{File: "file", Folder: "folder", Symlink: "symlink", Tombstone: "tombstone"}

// String returns the name that details have.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return kindNames[k]
}

func parseKind(s string) Kind {
	for k, name := range kindNames {
		if s == name && s != "" {
			return Kind(k)
		}
	}
	return 0
}

// Version is one version of a path. Versions are snapshots: nothing in them
// changes, and Seen must not be changed.
type Version struct {
	Path       string // below `files`: names as raw bytes, joined by slashes
	Kind       Kind
	Timestamp  willow.Timestamp
	Digest     willow.Digest // of the bytes; willow.EmptyDigest for folders and tombstones
	Length     uint64
	Author     [32]byte                      // the original author's receiver key; zero without details
	Seen       map[[32]byte]willow.Timestamp // see the package comment
	Mtime      time.Time                     // when the author's file system says it changed; zero without details
	Exec       bool
	ConflictOf string // the path that this is a conflict copy of, or ""
	Allowed    bool   // a deletion that a person has allowed, see Edit.Allowed
	Present    bool   // all bytes are held here, in this scope

	// HasDetails is false for a foreign writer's file at its bare path, and as
	// long as details haven't arrived: Kind is then a guess, File if there are
	// bytes, else Tombstone, and until the version is decided, what was there
	// before should be kept on disk.
	HasDetails bool

	entry   willow.Entry // the payload's
	bare    bool
	overdue bool // its details are waited for no longer, see Tree.Completed
	details *details
}

// ID returns the version's id: the first 8 bytes of BLAKE3 of the canonical
// payload entry, as 16 lower-case hex digits; "" for the zero Version.
func (v Version) ID() string {
	if v.entry == (willow.Entry{}) {
		return ""
	}
	h := blake3.Sum256(willow.AppendEntry(nil, v.entry))
	return hex.EncodeToString(h[:8])
}

// Entry returns the live entry that the version's bytes are the payload of.
func (v Version) Entry() willow.Entry { return v.entry }

// Live reports whether the version is shown: neither a tombstone nor nothing.
func (v Version) Live() bool { return v.Kind != 0 && v.Kind != Tombstone }

// Erases reports whether v is a deletion that asks to erase what was before, see
// Tree.Erase; whether it may, is another question.
func (v Version) Erases() bool { return v.details != nil && v.details.erase && v.Kind == Tombstone }

// made returns when the author made v, as vectors count.
func (v Version) made() willow.Timestamp {
	if v.details == nil {
		return v.Timestamp
	}
	return v.details.at
}

// dot returns the vector that covers just v (and what its author did before).
func (v Version) dot() seen {
	if v.Kind == 0 {
		return nil
	}
	return seen{v.Author: v.made()}
}

// has reports whether v has seen u: that v may replace u without a conflict.
func (v Version) has(u Version) bool { return seen(v.Seen).covers(u.Author, u.made()) }

// replaces reports whether nothing of u has to be saved where v is.
func (v Version) replaces(u Version) bool { return u.Kind == Tombstone || u.equals(v) || v.has(u) }

// equals reports whether v shows the same as u: a change between them is none.
func (v Version) equals(u Version) bool {
	return v.Kind == u.Kind && v.Digest == u.Digest && v.Length == u.Length && v.Exec == u.Exec
}

// Decided reports whether all is known of v that there is to know: its details;
// that it is a foreign writer's file, which has none; or that they hadn't come
// with a whole session.
func (v Version) Decided() bool { return v.HasDetails || v.bare || v.overdue }

// same reports whether v and u are one version, details included.
func (v Version) same(u Version) bool {
	return v.entry == u.entry && v.HasDetails == u.HasDetails &&
		(!v.HasDetails || string(v.details.encode()) == string(u.details.encode()))
}

// newVersion puts a version together; d may be nil.
func newVersion(path string, e willow.Entry, isBare bool, d *details, present bool) Version {
	v := Version{
		Path: path, Timestamp: e.Timestamp, Digest: e.PayloadDigest, Length: e.PayloadLength,
		Present: present, entry: e, bare: isBare,
	}
	if d == nil {
		v.Kind = Tombstone
		if e.PayloadLength > 0 {
			v.Kind = File
		}
		return v
	}
	v.Kind, v.Author, v.Seen, v.Exec = d.kind, d.by, d.seen, d.exec
	v.Mtime, v.ConflictOf = time.Unix(0, d.mtime).UTC(), d.conflictOf
	v.Allowed = d.allowed && d.kind == Tombstone
	v.HasDetails, v.details = true, d
	return v
}

// nanoseconds returns t as details write it; years before 1678 or after 2261
// give the nearest that can be written.
func nanoseconds(t time.Time) int64 {
	switch s := t.Unix(); {
	case s < math.MinInt64/int64(time.Second)+1:
		return math.MinInt64
	case s > math.MaxInt64/int64(time.Second)-1:
		return math.MaxInt64
	}
	return t.UnixNano()
}
