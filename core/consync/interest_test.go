package consync

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meadow/core/willow"
)

// The vectors are "name: hex of the hash" of interests in namespace 02…02 under
// the salt 01…01.
func TestGoldenInterests(t *testing.T) {
	var salt, ns, ss [32]byte
	for i := range salt {
		salt[i], ns[i], ss[i] = 1, 2, 3
	}
	file := filepath.Join("testdata", "interests.txt")
	var got strings.Builder
	seen := make(map[[32]byte]bool)
	for _, v := range []struct {
		name string
		area willow.Area
	}{
		{"full", willow.FullArea},
		{"subspace", willow.Area{Subspace: ss, Times: willow.AllTimes}},
		{"files", willow.Area{AnySubspace: true, Path: willow.MustPath("files"), Times: willow.AllTimes}},
		{"folder", willow.Area{AnySubspace: true, Path: willow.MustPath("files", "a", "b"), Times: willow.AllTimes}},
		{"since", willow.Area{AnySubspace: true, Path: willow.MustPath("files"), Times: willow.TimeRange{Start: 1 << 50, Open: true}}},
		{"window", willow.Area{Subspace: ss, Path: willow.MustPath("files"), Times: willow.TimeRange{Start: 1 << 50, End: 1 << 51}}},
	} {
		h := interestKey{ns, v.area}.hash(salt)
		if seen[h] {
			t.Errorf("%s has another one's hash", v.name)
		}
		seen[h] = true
		fmt.Fprintf(&got, "%s: %x\n", v.name, h)
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("hashes are\n%s, want\n%s", &got, want)
	}
}
