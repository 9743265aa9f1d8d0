package mdn

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"meadow/core/key"
	"meadow/core/willow"
)

// Kinds of devices.
const (
	Full    = "full"    // has full capabilities of everything of the account
	Limited = "limited" // has what its spaces need; can't add or list devices
)

// maxRecord bounds the payload of a record in bytes.
const maxRecord = 256 << 10

// maxName is the greatest length of a name in characters.
const maxName = 100

// ErrName says that a name can't be one.
var ErrName = errors.New("a name has 1 to 100 characters, and no control character, slash or comma")

// CheckName reports whether a device or a space may be called name.
func CheckName(name string) error {
	n := utf8.RuneCountInString(name)
	bad := func(r rune) bool { return unicode.IsControl(r) || r == '/' || r == ',' }
	if n < 1 || n > maxName || !utf8.ValidString(name) || slices.ContainsFunc([]rune(name), bad) {
		return ErrName
	}
	return nil
}

// DeviceInfo is one of the account's devices.
type DeviceInfo struct {
	Name     string
	Receiver key.Receiver
	Endpoint key.Endpoint
	Sealing  [32]byte // X25519: what is for this device alone is sealed to it
	Kind     string   // Full or Limited
	Platform string
	Added    time.Time
	Self     bool
}

// SpaceInfo is one of the account's spaces, or one that another account shares with it.
type SpaceInfo struct {
	ID      willow.NamespaceID
	Name    string
	Created time.Time
	Owner   willow.NamespaceID // the custodian who shares it; zero: the account itself
}

// Records are ordinary entries, one path a fact, in the subspace that is the
// namespace's own key (FORMATS, "Genesis and capabilities"). Keys in paths are
// raw components; payloads are maps, except for standing.
var (
	profilePath  = willow.MustPath("profile")
	devicesPath  = willow.MustPath("devices")
	spacesPath   = willow.MustPath("spaces")
	standingPath = willow.MustPath("standing")
	capsPath     = willow.MustPath("caps")
	formerPath   = willow.MustPath("former")
	aboutPath    = willow.MustPath("about")
)

// shared is the subspace of records, and of what everybody sees in a space.
func shared(ns willow.NamespaceID) willow.SubspaceID { return willow.SubspaceID(ns) }

// recordPath appends raw keys to one of the paths above, which can't break a limit.
func recordPath(base willow.Path, keys ...[32]byte) willow.Path {
	components := base.Components()
	for _, k := range keys {
		components = append(components, string(k[:]))
	}
	return willow.MustPath(components...)
}

// pathKeys returns the raw keys of a record's path after its first component.
func pathKeys(p willow.Path, want int) ([][32]byte, bool) {
	components := p.Components()
	if len(components) != want+1 {
		return nil, false
	}
	keys := make([][32]byte, want)
	for i, c := range components[1:] {
		if len(c) != 32 {
			return nil, false
		}
		keys[i] = [32]byte([]byte(c))
	}
	return keys, true
}

// parseRecord reads a payload that is a map.
func parseRecord(b []byte) (*reader, error) {
	if len(b) > maxRecord {
		return nil, fmt.Errorf("%w: longer than %d bytes", errFormat, maxRecord)
	}
	f, err := parseFields(b)
	return &reader{fields: f}, err
}

func profileRecord(name string) fields {
	f := fields{}
	f.set("name", name)
	return f
}

// parseProfile reads a profile. A picture that can't be one is left out.
func parseProfile(b []byte) (name string, picture []byte, err error) {
	r, err := parseRecord(b)
	if err != nil {
		return "", nil, err
	}
	name = r.text("name", 4*maxName)
	if r.has("picture") {
		p := &reader{fields: r.fields}
		if picture = p.bytes("picture", MaxPicture); p.err != nil || checkPicture(picture) != nil {
			picture = nil
		}
	}
	return name, picture, r.err
}

// microseconds is how records write times: unix, UTC.
func microseconds(t time.Time) uint64 { return uint64(max(t.UnixMicro(), 0)) }

func timeOf(micro uint64) time.Time {
	return time.UnixMicro(int64(min(micro, 1<<62))).UTC()
}

// fields returns the device's record in f, or in a new one if f is nil.
func (d DeviceInfo) fields(f fields) fields {
	if f == nil {
		f = fields{}
	}
	f.set("name", d.Name)
	f.set("platform", d.Platform)
	f.set("kind", d.Kind)
	f.set("endpoint", d.Endpoint[:])
	f.set("x25519", d.Sealing[:])
	f.set("added", microseconds(d.Added))
	return f
}

func parseDevice(receiver key.Receiver, b []byte) (DeviceInfo, fields, error) {
	r, err := parseRecord(b)
	if err != nil {
		return DeviceInfo{}, nil, err
	}
	d := DeviceInfo{Receiver: receiver}
	d.Name = r.text("name", 4*maxName)
	d.Platform = r.text("platform", 4*maxName)
	d.Kind = r.text("kind", maxName)
	r.fixed("endpoint", d.Endpoint[:])
	r.fixed("x25519", d.Sealing[:])
	d.Added = timeOf(r.uint("added"))
	return d, r.fields, r.err
}

func spaceRecord(name string, created time.Time) fields {
	f := fields{}
	f.set("name", name)
	f.set("created", microseconds(created))
	return f
}

func parseSpace(ns willow.NamespaceID, b []byte) (s SpaceInfo, d deletion, err error) {
	r, err := parseRecord(b)
	if err != nil {
		return SpaceInfo{}, d, err
	}
	s = SpaceInfo{ID: ns, Name: r.text("name", 4*maxName), Created: timeOf(r.uint("created"))}
	d = parseDeletion(r)
	return s, d, r.err
}

// aboutRecord is what a space says of itself, to everyone who may read it.
func aboutRecord(name string) fields {
	f := fields{}
	f.set("name", name)
	return f
}

func parseAbout(b []byte) (name string, deleted bool, err error) {
	r, err := parseRecord(b)
	if err != nil {
		return "", false, err
	}
	name = r.text("name", 4*maxName)
	return name, r.flag("deleted"), r.err
}

// formerRecord says how a device was called that was removed, so that what it
// has written still has a name to it; and if it was stolen, since when nothing of
// that is kept.
func formerRecord(d DeviceInfo, removed, stolen time.Time) fields {
	f := fields{}
	f.set("name", d.Name)
	f.set("platform", d.Platform)
	f.set("kind", d.Kind)
	f.set("removed", microseconds(removed))
	if !stolen.IsZero() {
		f.set("stolen", microseconds(stolen))
	}
	return f
}

func parseFormer(b []byte) (name string, stolen time.Time, err error) {
	r, err := parseRecord(b)
	if err != nil {
		return "", stolen, err
	}
	name = r.text("name", 4*maxName)
	if r.has("stolen") {
		stolen = timeOf(r.uint("stolen"))
	}
	return name, stolen, r.err
}

// standing says which spaces a device is to have: all, present and future, or
// the listed ones.
type standing struct {
	all    bool
	spaces []willow.NamespaceID
	at     willow.Timestamp // of the record, if there is one
}

func (s standing) encode() []byte {
	if s.all {
		return encode("all")
	}
	sorted := slices.SortedFunc(slices.Values(s.spaces), func(a, b willow.NamespaceID) int {
		return bytes.Compare(a[:], b[:])
	})
	return encode(byteStrings(sorted))
}

func parseStanding(b []byte) (standing, error) {
	if err := deterministic(b); err != nil {
		return standing{}, err
	}
	r := &reader{fields: fields{"standing": b}}
	if isKind(b, textString) {
		if r.text("standing", maxName) != "all" {
			r.fail("standing", "known")
		}
		return standing{all: true}, r.err
	}
	var s standing
	for _, ns := range r.ascending("standing") {
		s.spaces = append(s.spaces, willow.NamespaceID(ns))
	}
	return s, r.err
}

// has reports whether the device is to have a space.
func (s standing) has(ns willow.NamespaceID) bool { return s.all || slices.Contains(s.spaces, ns) }
