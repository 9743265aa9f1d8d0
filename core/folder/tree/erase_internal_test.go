package tree

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"meadow/core/willow"
)

// TestErasedGolden reads testdata/erased.json, made once: how details ask to erase.
func TestErasedGolden(t *testing.T) {
	const file = "testdata/erased.json"
	text := vectorDrafts()["first"]
	grave, over := text, text
	grave.details.kind, grave.details.erase, grave.digest, grave.length = Tombstone, true, willow.EmptyDigest, 0
	over.details.carry(over.path, over.timestamp-7)
	got := map[string]string{}
	for name, d := range map[string]draft{"tombstone": grave, "file written over it": over} {
		_, _, b, err := vectorTree().entries(&d)
		if err != nil {
			t.Fatal(err)
		}
		got[name] = hex.EncodeToString(b)
		back, err := decodeDetails(b)
		if err != nil {
			t.Fatal(err)
		}
		want := d.timestamp
		if name != "tombstone" {
			want -= 7
		}
		if until := back.erasedUntil(d.path); until != want {
			t.Errorf("%s erases until %d, want %d", name, until, want)
		}
		if until := back.erasedUntil("elsewhere"); name != "tombstone" && until != 0 {
			t.Errorf("%s erases elsewhere", name)
		}
		if back.strip(d.path, 0); back.erasedUntil(d.path) != 0 {
			t.Errorf("%s erases though it was stripped", name)
		}
	}
	raw, err := os.ReadFile(file)
	if os.IsNotExist(err) && *update {
		if raw, err = json.MarshalIndent(got, "", "  "); err == nil {
			err = os.WriteFile(file, append(raw, '\n'), 0o666)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	for name := range got {
		if got[name] != want[name] {
			t.Errorf("%s: have %s, want %s", name, got[name], want[name])
		}
	}
}

func TestErasedThatMakesNoSense(t *testing.T) {
	d := vectorDrafts()["first"]
	for name, e := range map[string]erased{
		"never":   {Path: []byte("notes.txt")},
		"no path": {Path: []byte("a//b"), Until: 1},
	} {
		d.details.erased = &e
		_, _, b, err := vectorTree().entries(&d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeDetails(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
