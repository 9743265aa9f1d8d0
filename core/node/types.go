package node

import (
	"bytes"
	"context"
	"encoding/json"
	"time"
)

// Time is a time as Meadow shows it: RFC 3339, UTC, microseconds.
type Time struct{ time.Time }

// MarshalJSON writes the time, or null for the zero time.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000000Z"`)), nil
}

// OrNull is a text that JSON has as null if there is none.
type OrNull string

// MarshalJSON writes the text, or null for the empty one.
func (s OrNull) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(s))
}

// Count is a number that JSON has as null if it is 0.
type Count int64

// MarshalJSON writes the number, or null for 0.
func (c Count) MarshalJSON() ([]byte, error) {
	if c == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int64(c))
}

// Error is a failure that a user may see. Code never changes meaning.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"` // what happened and what was kept
	Hint    string `json:"hint"`    // what to do
}

func (e *Error) Error() string { return e.Message }

// Status is what `meadow status` shows.
type Status struct {
	Version     string    `json:"version"`
	Name        *string   `json:"name"`
	Device      string    `json:"device"`
	Custodian   *string   `json:"custodian"`
	Endpoint    string    `json:"endpoint"`
	Listen      []string  `json:"listen"`
	Nearby      bool      `json:"nearby"` // finds devices on its networks
	State       string    `json:"state"`  // unpaired, attention, paused, offline, syncing or idle
	PausedUntil *Time     `json:"paused_until"`
	Devices     []Device  `json:"devices"`
	Spaces      []Space   `json:"spaces"`
	Recovery    *Recovery `json:"recovery"` // of the account with its words; null: none
	Trouble     []Trouble `json:"trouble"`  // what waits for somebody to do something
	Notices     []Notice  `json:"notices"`  // about this device
	Window      bool      `json:"window"`   // the running program has a window; set by core/control
	// WordsChecked is when the account's words were last typed right on this device.
	WordsChecked *Time `json:"words_checked"`
}

// Device is one of the account's devices.
type Device struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Self     bool   `json:"self"`
	Kind     string `json:"kind"` // full or limited
	Platform string `json:"platform"`
	Online   bool   `json:"online"`
	InStep   *bool  `json:"in_step"` // null while offline
	// Waits says where something waits if nothing moves any more though it isn't in
	// step: here, because of a hold, or there, where folders are written or somebody
	// is asked.
	Waits    string  `json:"waits,omitempty"`
	Path     *string `json:"path"`    // lan, direct, relay or null
	Address  *string `json:"address"` // where it is connected
	RTT      *int64  `json:"rtt_ms"`
	LastSeen *Time   `json:"last_seen"`
	Version  *string `json:"version"` // of Meadow there, as it last said
	Notice   *Notice `json:"notice"`  // what is to be said about it
	// Unanswered is that this device let it in and never heard that it joined.
	Unanswered bool `json:"unanswered,omitempty"`
	// Spaces says which spaces it has; null where this device can't know.
	Spaces DeviceSpaces `json:"spaces"`
}

// DeviceGiven is the answer to device spaces: the device as it is now, what it was
// given and what was withdrawn, how many files and records were kept in this
// device's name, and which of the other devices that have the spaces know of it.
type DeviceGiven struct {
	Device
	Given     []string `json:"given"`
	Withdrawn []string `json:"withdrawn"`
	Adopted   int64    `json:"adopted"`
	Told      []string `json:"told"`
	NotTold   []string `json:"not_told"`
}

// DeviceRemoved is the answer to device remove, Removed being false for a dry run.
type DeviceRemoved struct {
	Device   string        `json:"device"`
	Endpoint string        `json:"endpoint"`
	Added    []Added       `json:"added"`   // what is shown that it has written
	Granted  []DeviceGrant `json:"granted"` // whom it has let in, who stays
	Left     []LeftFile    `json:"left"`    // what can't be kept: it isn't all here
	Adopted  int64         `json:"adopted"`
	Removed  bool          `json:"removed"`
	Stolen   bool          `json:"stolen"`
	Since    *Time         `json:"since"` // of a stolen one: from then on nothing is kept
	Stopped  []Stopped     `json:"stopped"`
	Told     []string      `json:"told"`
	NotTold  []string      `json:"not_told"`
}

// Added is a file that a device has written: Recent within the last 30 days,
// Dropped if it isn't kept.
type Added struct {
	Space   string `json:"space"`
	Path    string `json:"path"`
	Bytes   int64  `json:"bytes"`
	Time    Time   `json:"time"`
	Recent  bool   `json:"recent"`
	Dropped bool   `json:"dropped"`
}

// LeftFile is a file that a device has written and that isn't all here.
type LeftFile struct {
	Space string `json:"space"`
	Path  string `json:"path"`
}

// DeviceGrant is what a device has given: to another one a space, or with an empty
// name being a device of the account; or to a person a share. Level is full, write,
// contribute, read or limited. Recent is within the last 30 days, Dropped what ends
// with the device.
type DeviceGrant struct {
	Space   string `json:"space"`
	Device  string `json:"device,omitempty"`
	Person  string `json:"person,omitempty"`
	Share   string `json:"share,omitempty"` // id
	Level   string `json:"level"`
	Time    *Time  `json:"time,omitempty"` // null: it isn't known
	Recent  bool   `json:"recent"`
	Dropped bool   `json:"dropped"`
}

// Space is one space as it is on this device. Entries, Files and Bytes count what is
// shown: Entries with the folders that are recorded because they are or were empty,
// Files without; Fingerprint is over all live entries held. Unwritable counts what the
// folder can't hold, and what in it can't be read; Warning says what of it works
// less well than it should, such as changes that are noticed late.
type Space struct {
	ID           string  `json:"id"`
	Name         string  `json:"name"`
	Entries      int64   `json:"entries"`
	Files        int64   `json:"files"`
	Bytes        int64   `json:"bytes"`
	MissingBytes int64   `json:"missing_bytes"`
	HistoryBytes int64   `json:"history_bytes"` // what is here only for history
	Folder       *string `json:"folder"`
	Ended        bool    `json:"ended"` // no longer shared with this device: kept, and not synced
	EndedSince   Time    `json:"ended_since"`
	Conflicts    int64   `json:"conflicts"`
	Holds        int64   `json:"holds"`
	// OnlyThere is of a space that isn't attached: what of it is nowhere on this
	// device but in the folder that it was attached to. Null if nothing is.
	OnlyThere   *OnlyThere `json:"only_there"`
	Unwritable  int64      `json:"unwritable"`
	Warning     *string    `json:"warning"`
	Fingerprint string     `json:"fingerprint"`
	Trouble     *string    `json:"trouble"` // why something waits, a sentence
	// Shared is of a space that a person shares with this account; null of its own.
	Shared *SharedSpace `json:"shared"`
	// Whose it is, and what may be done in it; of one's own null, full and null.
	Owner OrNull `json:"owner"` // the person who shares it with this account
	Level string `json:"level"` // full, write, contribute or read
	Until *Time  `json:"until"` // null: no end
}

// Written is the answer to put, mv and restore. A folder that was moved as a
// whole has no version and no digest of its own.
type Written struct {
	Path    string  `json:"path"`
	Version *string `json:"version"`
	Digest  *string `json:"digest"`
	Bytes   int64   `json:"bytes"`
	Time    Time    `json:"time"`
}

// Removed is the answer to rm.
type Removed struct {
	Path    string `json:"path"`
	Removed int64  `json:"removed"`
	// Of rm --erase: how many paths' histories were erased, and paths with the same
	// bytes that weren't.
	Erased    int64    `json:"erased"`
	Elsewhere []string `json:"elsewhere"`
}

// File is one row of ls.
type File struct {
	Path       string  `json:"path"`
	PathB64    *string `json:"path_b64,omitempty"` // only where the name isn't UTF-8
	Kind       string  `json:"kind"`               // file, folder or symlink
	Bytes      int64   `json:"bytes"`
	Digest     string  `json:"digest"`
	Version    string  `json:"version"`
	Time       Time    `json:"time"`
	Mtime      *Time   `json:"mtime"`
	Author     string  `json:"author"`
	Present    bool    `json:"present"`
	Executable bool    `json:"executable"`
	Kept       bool    `json:"kept"` // its bytes stay in history when the file in the attached folder changes
}

// Version is one row of history.
type Version struct {
	Version    string `json:"version"`
	Time       Time   `json:"time"`
	Author     string `json:"author"`
	Bytes      int64  `json:"bytes"`
	Digest     string `json:"digest"`
	Op         string `json:"op"` // write or delete
	Restorable bool   `json:"restorable"`
	Reason     OrNull `json:"reason"` // why it can't be restored, one of those below
	Erased     bool   `json:"erased"` // a deletion that erased what was before
}

// Why a version can't be restored.
const (
	ReasonDeletion = "deletion" // it has nothing to restore
	ReasonNotHere  = "not_here" // its bytes haven't arrived
	ReasonNotKept  = "not_kept" // it was larger than the copy limit, and the disk can't share blocks
)

// Unwritable is a file that this device's file system can't hold. Where its name
// is why, Part is what of the path is wrong, and Proposed is a path without such
// problems, if there is one.
type Unwritable struct {
	Space    string  `json:"space"`
	Path     string  `json:"path"`
	Reason   string  `json:"reason"`
	Part     *string `json:"part"`
	Proposed *string `json:"proposed"`

	name bool // the name is why
}

// Synced is the answer to wait.
type Synced struct {
	Spaces     []Space      `json:"spaces"`
	Devices    []Device     `json:"devices"`
	Unwritable []Unwritable `json:"unwritable"`
}

// Event is one line of a stream: Name and Time always, the rest as the event
// has it. It marshals flat: {"event":…,"time":…,…}.
type Event struct {
	Name   string
	Time   Time
	Fields map[string]any
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*t = Time{}
		return nil
	}
	return t.Time.UnmarshalJSON(b)
}

// UnmarshalJSON reads what MarshalJSON writes; numbers become json.Number.
func (e *Event) UnmarshalJSON(b []byte) error {
	e.Fields = nil
	exact := json.NewDecoder(bytes.NewReader(b))
	exact.UseNumber() // counts of bytes pass unchanged
	if err := exact.Decode(&e.Fields); err != nil {
		return err
	}
	e.Name, _ = e.Fields["event"].(string)
	if text, ok := e.Fields["time"].(string); ok {
		if err := e.Time.UnmarshalText([]byte(text)); err != nil {
			return err
		}
	}
	delete(e.Fields, "event")
	delete(e.Fields, "time")
	return nil
}

// PairShowOptions are the choices of PairShow.
type PairShowOptions struct {
	QRFile    string        // where to keep a PNG of the current ticket, or ""
	Custodian string        // the only account to join, as hex, or ""
	Timeout   time.Duration // 0: five minutes
}

// PairAcceptOptions are the choices of PairAccept.
type PairAcceptOptions struct {
	// Choose is asked for Kind and Spaces, in place of those below, once the other
	// device has said who it is, which `found` tells before. Its context ends when
	// that device gives up, or after five minutes. It may be nil.
	Choose func(ctx context.Context) (kind, spaces string, err error) `json:"-"`

	Ticket  string
	Nearby  string        // in place of a ticket: a name or endpoint as PairNearby returns them
	Kind    string        // full or limited; full if empty
	Spaces  string        // all, none or NAME,…; all if empty
	Timeout time.Duration // for the code to be typed, from the call or the choice on; 0: two minutes
}

// WaitOptions are the choices of WaitSynced.
type WaitOptions struct {
	Peers   int           // at least so many devices, 0: one; ignored if With is set
	With    []string      // exactly these devices
	Timeout time.Duration // 0: one minute
}
