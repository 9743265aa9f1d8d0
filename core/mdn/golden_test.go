package mdn

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

var update = flag.Bool("update", false, "write golden files that don't exist yet")

// golden compares got with the vectors in testdata, which were made once and
// are only read: what they say is stored and signed on people's devices.
func golden(t *testing.T, name string, got map[string]string) {
	t.Helper()
	path := filepath.Join("testdata", name+".json")
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) && *update {
		b, err = json.MarshalIndent(got, "", "  ")
		if err == nil {
			err = os.WriteFile(path, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	for k, w := range want {
		if got[k] != w {
			t.Errorf("%s, %s:\n have %s\n want %s", name, k, got[k], w)
		}
	}
	if len(want) != len(got) {
		t.Errorf("%s: have %d vectors, want %d", name, len(got), len(want))
	}
}

func hexOf[B ~[]byte](b B) string { return hex.EncodeToString(b) }

func hex32[B ~[32]byte](b B) string { c := [32]byte(b); return hex.EncodeToString(c[:]) }

// testDevice and testNamespace are keys that vectors and tests are made with.
func testDevice(n byte) key.Device { return key.DeviceFromSeed([32]byte{0: 'd', 31: n}) }

func testNamespace(n byte) key.NamespaceSecret {
	for i := byte(0); ; i++ {
		if s := key.NamespaceFromSeed([32]byte{0: 'n', 30: i, 31: n}); s.Namespace().Creatable() {
			return s
		}
	}
}

func delegate(t testing.TB, c *meadowcap.Capability, from key.Device, to key.Receiver) *meadowcap.Capability {
	t.Helper()
	return delegateArea(t, c, from, to, c.Area())
}

func delegateArea(t testing.TB, c *meadowcap.Capability, from key.Device, to key.Receiver, area willow.Area) *meadowcap.Capability {
	t.Helper()
	d, err := c.Delegate(from, area, to)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func stateByDevice(t testing.TB, d key.Device, c *meadowcap.Capability, b Body) *Statement {
	t.Helper()
	s, err := StateByDevice(d, c, b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stateByNamespace(t testing.TB, s key.NamespaceSecret, b Body) *Statement {
	t.Helper()
	st, err := StateByNamespace(s, b)
	if err != nil {
		t.Fatal(err)
	}
	return st
}
