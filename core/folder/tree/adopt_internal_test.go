package tree

import (
	"context"
	"encoding/hex"
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

// adoptionVector is what all devices must make of the version below: the payload
// entry, the details entry, the details. It was made once.
var adoptionVector = [3]string{
	"aa00000000000000000000000000000000000000000000000000000000000001aa00000000000000000000000000000000000000000000000000000000000001740566696c6573016101622c030900000000000000000000000000000000000000000000000000000000000000",
	"aa00000000000000000000000000000000000000000000000000000000000001aa00000000000000000000000000000000000000000000000000000000000001c5270566696c6573016101620009000000000000000000000000000000000000000000000000000000000000002dbeea2051e7f3531326e99173c9b361f20f98c6690769d25a9554f69c4d0bd5b464",
	"a8617601626174182862627958200100000000000000000000000000000000000000000000000000000000000000626f6683182c58200900000000000000000000000000000000000000000000000000000000000000036465786563f5646b696e646466696c65647365656ea258200100000000000000000000000000000000000000000000000000000000000000055820020000000000000000000000000000000000000000000000000000000000000007656d74696d651a3b9aca07",
}

// TestAdoptionVector: an adoption is a pure function of the version, also of
// another release.
func TestAdoptionVector(t *testing.T) {
	ns := willow.NamespaceID{0xaa, 31: 1}
	tr := New(Config{Namespace: ns, Subspace: willow.SubspaceID(ns), Entries: &storetest.Memory{}})
	defer tr.Close()
	d := details{
		version: detailsVersion, kind: File, by: [32]byte{1}, seen: seen{{1}: 5, {2}: 7}, mtime: 1_000_000_007, exec: true, at: 40,
	}
	was := draft{path: "a/b", timestamp: 42, length: 3, digest: willow.Digest{9}, details: d}
	e, _, _, err := tr.entries(&was)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tr.adoption(context.Background(), newVersion("a/b", e, false, &was.details, true))
	if err != nil {
		t.Fatal(err)
	}
	payload, about, b, err := tr.entries(&again)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range [][]byte{willow.AppendEntry(nil, payload), willow.AppendEntry(nil, about), b} {
		if hex.EncodeToString(got) != adoptionVector[i] {
			t.Errorf("%d: have %x, want %s", i, got, adoptionVector[i])
		}
	}
}
