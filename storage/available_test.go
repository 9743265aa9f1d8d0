package storage

import (
	"context"
	"slices"
	"testing"

	"meadow/core/willow"
)

// putBlob writes the rows of a blob of which a scope has everything, or nothing
// if scope is nil.
func putBlob(t *testing.T, d *DB, hash willow.Digest, length uint64, complete bool, scope []byte) {
	t.Helper()
	err := d.write(context.Background(), false, func(tx *writeTx) error {
		_, err := tx.Exec(`INSERT OR REPLACE INTO blob (hash, length, kind, complete, have_bytes, touched) VALUES (?, ?, 1, ?, 0, 0)`,
			hash[:], int64(length), complete)
		if err != nil {
			return err
		}
		if scope != nil {
			if _, err := tx.Exec("INSERT OR REPLACE INTO held (hash, scope) VALUES (?, ?)", hash[:], scope); err != nil {
				return err
			}
		}
		return tx.refreshAvailable(hash)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAvailabilityIsPerScope(t *testing.T) {
	d := openTest(t)
	s := d.Entries()
	ctx := context.Background()
	ns := willow.NamespaceID{0x77, 31: 1}
	digest := willow.Digest{9}
	at := func(ss byte, name string, length uint64) willow.Entry {
		return willow.Entry{Namespace: ns, Subspace: willow.SubspaceID{ss}, Path: willow.MustPath(name), PayloadLength: length, PayloadDigest: digest}
	}
	insert := func(entries ...willow.Entry) {
		t.Helper()
		var batch []willow.Incoming
		for _, e := range entries {
			batch = append(batch, willow.Incoming{Authorised: willow.Authorised{Entry: e}})
		}
		fill(t, s, batch, len(batch))
	}
	var told, lost []willow.Entry
	defer s.Subscribe(func(c willow.Change) {
		told = append(told, c.Available...)
		lost = append(lost, c.Lost...)
	})()
	missing := func(want ...willow.Entry) {
		t.Helper()
		var got []willow.Entry
		total := willow.Missing{Count: uint64(len(want))}
		for e, err := range s.Wanted(ctx, ns, willow.FullArea) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e)
			total.Bytes += e.PayloadLength
		}
		if !slices.Equal(got, want) {
			t.Errorf("wanted %v, want %v", got, want)
		}
		if m, err := s.Missing(ctx, ns); err != nil || m != total {
			t.Errorf("Missing = %+v, %v; want %+v", m, err, total)
		}
	}
	available := func(want ...willow.Entry) {
		t.Helper()
		if !slices.Equal(told, want) {
			t.Errorf("told that %v are available, want %v", told, want)
		}
		told = nil
	}

	here, wrong, there := at(1, "a", 5), at(1, "b", 6), at(2, "a", 5)
	insert(here, wrong, there, at(1, "empty", 0))
	missing(here, wrong, there)
	one := append(slices.Clone(ns[:]), here.Subspace[:]...)
	putBlob(t, d, digest, 5, false, one)
	missing(here, wrong, there)
	available()
	putBlob(t, d, digest, 5, true, one)
	missing(wrong, there) // another length, another scope
	available(here)

	later := at(1, "c", 5)
	insert(later)
	missing(wrong, there)
	putBlob(t, d, digest, 5, true, append(slices.Clone(ns[:]), there.Subspace[:]...))
	missing(wrong)
	available(there)

	err := d.write(ctx, false, func(tx *writeTx) error {
		for _, query := range []string{"DELETE FROM blob WHERE hash = ?", "DELETE FROM held WHERE hash = ?"} {
			if _, err := tx.Exec(query, digest[:]); err != nil {
				return err
			}
		}
		return tx.refreshAvailable(digest)
	})
	if err != nil {
		t.Fatal(err)
	}
	missing(here, wrong, later, there)
	available()
	if want := []willow.Entry{here, there, later}; !slices.Equal(lost, want) {
		t.Errorf("told that %v are lost, want %v", lost, want)
	}
}
