package storage

import (
	"log/slog"
	"path/filepath"
	"testing"

	"meadow/core/mdn"
	"meadow/core/willow"
)

func TestMDN(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meadow.db")
	reopen := func(d *DB) *DB {
		t.Helper()
		if d != nil {
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
		d, err := Open(t.Context(), path, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := reopen(nil)
	defer func() { _ = d.Close() }()
	commit := func(b mdn.Batch) {
		t.Helper()
		if err := d.MDN().Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	ns := willow.NamespaceID{1}
	first := mdn.Batch{
		Capabilities: []mdn.Held{{Namespace: ns, Encoding: []byte("c")}, {Namespace: ns, Enumeration: true, Encoding: []byte("c")}},
		Statements:   map[willow.NamespaceID]map[[32]byte][]byte{ns: {{1}: []byte("one"), {2}: []byte("two")}, {2}: {{1}: []byte("other")}},
		Values:       map[string][]byte{"mdn/a": []byte("1"), "mdn/b": []byte("2")},
	}
	commit(first)
	commit(first) // again is no error
	commit(mdn.Batch{
		Superseded: map[willow.NamespaceID][][32]byte{ns: {{1}, {9}}},
		Values:     map[string][]byte{"mdn/a": []byte("3"), "mdn/b": nil, "mdn/c": nil},
	})
	d = reopen(d)

	caps, err := d.MDN().Capabilities(t.Context())
	if err != nil || len(caps) != 2 || caps[0].Namespace != ns || caps[0].Enumeration == caps[1].Enumeration {
		t.Errorf("have %+v, %v", caps, err)
	}
	all, err := d.MDN().Statements(t.Context(), ns)
	if err != nil || len(all) != 1 || string(all[0]) != "two" {
		t.Errorf("have %q, %v", all, err)
	}
	if v, ok, err := d.MDN().Value(t.Context(), "mdn/a"); err != nil || !ok || string(v) != "3" {
		t.Errorf("have %q, %v, %v", v, ok, err)
	}
	if _, ok, err := d.MDN().Value(t.Context(), "mdn/b"); err != nil || ok {
		t.Errorf("a deleted value is there: %v", err)
	}
}
