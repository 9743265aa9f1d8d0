package consync

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"meadow/core/blob"
	"meadow/core/key"
	"meadow/core/willow"
)

// update makes the golden vectors anew. They are part of the protocol: a
// difference is a new version of it.
var update = flag.Bool("update", false, "write testdata/messages.txt")

func samples() map[string]message {
	ss := willow.SubspaceID{7}
	p, q := willow.MustPath("files", "a"), willow.MustPath("files", "b", "")
	one := willow.Range3D{SubspaceStart: ss, SubspaceEnd: willow.SubspaceID{8}, PathStart: p, PathEnd: q, Times: willow.AllTimes}
	return map[string]message{
		"hello":      hello{[]byte("opaque")},
		"interests":  interests{[][32]byte{{1}, {2}}},
		"read":       readShown{300, []byte("capability")},
		"set hash":   setHash{1, [32]byte{3}},
		"set ids":    setIDs{1, true, [][32]byte{{4}}},
		"statements": statements{1, false, [][]byte{[]byte("one"), {}, []byte("three")}},
		"state":      state{2, true, willow.Fingerprint{5}, 1000},
		"stop":       stop{4095},
		"split":      split{1, 9, []box{{willow.FullRange, willow.Fingerprint{6}}, {one, willow.Fingerprint{7}}}},
		"equal":      equal{[]question{1, 2, 300}},
		"have":       have{1, 0, []entryID{{8}, {9}}},
		"want":       want{77, []int{0, 3, 4}},
		"end":        end{77},
		"capability": capability{255, []byte("capability")},
		"available": available{1, false, []availableItem{
			{ss, p, willow.Digest{1}, true, []byte("bytes")}, {ss, q, willow.Digest{2}, false, nil},
		}},
		"anything":   available{1, true, []availableItem{}},
		"keep alive": keepAlive{},
		"entries": entries{1, []wireEntry{
			{willow.Entry{Subspace: ss, Path: p, Timestamp: 1 << 50, PayloadLength: 3, PayloadDigest: willow.Digest{1}}, 0, key.Signature{1}, true, []byte("abc")},
			{willow.Entry{Subspace: ss, Path: q, Timestamp: 7, PayloadLength: 1 << 40, PayloadDigest: willow.Digest{2}}, 9, key.Signature{2}, false, nil},
			{willow.Entry{Path: willow.MustPath[string](), PayloadDigest: willow.EmptyDigest}, 9, key.Signature{}, true, []byte{}},
		}},
	}
}

func decodeAny(typ byte, body []byte) (message, error) {
	if typ == typeEntries {
		return decodeEntries(body)
	}
	return decodeMessage(typ, body)
}

// The vectors are "name: hex of the frame", and of a payload request.
func TestGoldenMessages(t *testing.T) {
	frames := map[string][]byte{"request": request{
		3, willow.SubspaceID{7}, willow.MustPath("x"), willow.Digest{1}, 1 << 30, blob.All(1 << 16),
	}.append(nil)}
	for name, m := range samples() {
		frames[name] = appendFrame(nil, m)
	}
	file := filepath.Join("testdata", "messages.txt")
	if *update {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(frames)) {
			fmt.Fprintf(&b, "%s: %x\n", name, frames[name])
		}
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(golden)), "\n")
	if len(lines) != len(frames) {
		t.Errorf("%d vectors, want %d", len(lines), len(frames))
	}
	for _, line := range lines {
		name, digits, _ := strings.Cut(line, ": ")
		want, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(frames[name], want) {
			t.Errorf("%s: have %x, want %x", name, frames[name], want)
		}
		checkDecoded(t, name, want)
	}
}

func checkDecoded(t *testing.T, name string, frame []byte) {
	t.Helper()
	if name == "request" {
		r, err := readRequest(bytes.NewReader(frame))
		if err != nil || !bytes.Equal(r.append(nil), frame) {
			t.Errorf("request: %v", err)
		}
		return
	}
	typ, body, err := readFrame(bytes.NewReader(frame))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	m, err := decodeAny(typ, body)
	if err != nil || !reflect.DeepEqual(m, samples()[name]) {
		t.Errorf("%s decodes to %+v, %v", name, m, err)
	}
}

// Property S13: what is accepted is what would be written, byte for byte.
func FuzzMessage(f *testing.F) {
	for _, m := range samples() {
		f.Add(m.kind(), m.append(nil))
	}
	f.Fuzz(func(t *testing.T, typ byte, body []byte) {
		m, err := decodeAny(typ, body)
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		if again := m.append(nil); m.kind() != typ || !bytes.Equal(again, body) {
			t.Errorf("type %#x: %x became %x", typ, body, again)
		}
	})
}

func FuzzRequest(f *testing.F) {
	r := request{3, willow.SubspaceID{7}, willow.MustPath("x"), willow.Digest{1}, 1 << 30, blob.All(1 << 16)}
	f.Add(r.append(nil)[5:])
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := decodeRequest(body)
		if err != nil {
			return
		}
		if again := r.append(nil)[5:]; !bytes.Equal(again, body) {
			t.Errorf("%x became %x", body, again)
		}
	})
}

func TestFrameLimits(t *testing.T) {
	tests := map[string][]byte{
		"empty":         {0, 0, 0, 0, typeHello},
		"long control":  {0, 1, 0, 1, typeSplit},
		"long entries":  {0, 8, 0, 1, typeEntries},
		"enormous":      {0xff, 0xff, 0xff, 0xff, typeEntries},
		"long for none": {0, 1, 0, 1, 0xee},
	}
	for name, head := range tests {
		t.Run(name, func(t *testing.T) {
			if _, _, err := readFrame(bytes.NewReader(head)); !errors.Is(err, errMalformed) {
				t.Errorf("read a frame with header %x: %v", head, err)
			}
		})
	}
}

// The states of an unchanged reconnect are all its reconciliation (DESIGN,
// section 10: under 256 bytes a space).
func TestUnchangedCosts(t *testing.T) {
	both := 2 * len(appendFrame(nil, state{handle: 4000, missing: 1 << 20}))
	both += 2 * len(appendFrame(nil, setHash{handle: 4000}))
	if both >= 256 {
		t.Errorf("%d bytes", both)
	}
}
