package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

// TestUndoneWritesAreForgotten lets writes fail after they have inserted, alone
// and beside others in one transaction: nothing that the writer remembers may
// come from them.
func TestUndoneWritesAreForgotten(t *testing.T) {
	d := openSmall(t)
	s, m := d.Entries(), new(storetest.Memory)
	ctx := context.Background()
	ns := willow.NamespaceID{0x77, 31: 1}
	random := rand.New(rand.NewPCG(7, 8))
	refused := errors.New("refused")
	now := willow.Timestamp(0)
	batch := func() (in []willow.Incoming) {
		for range 1 + random.IntN(20) {
			now++
			p := willow.MustPath(fmt.Sprint(random.IntN(4)), fmt.Sprint(random.IntN(60)))
			if random.IntN(30) == 0 {
				p, _ = p.Parent()
			}
			e := willow.Entry{Namespace: ns, Path: p, Timestamp: now}
			in = append(in, willow.Incoming{Authorised: willow.Authorised{Entry: e}})
		}
		return in
	}
	fail := func(in []willow.Incoming) {
		err := d.write(ctx, false, func(tx *writeTx) error {
			sp, err := tx.space(ns)
			for i := range in {
				if err == nil {
					_, err = sp.insert(in[i])
				}
			}
			return errors.Join(err, tx.finish(), refused)
		})
		if !errors.Is(err, refused) {
			t.Errorf("write: %v", err)
		}
	}
	for range 20 {
		kept := batch()
		want, _ := m.Insert(ctx, 1, kept)
		lost := batch()
		fail(lost)
		together(t, d, func() { fail(lost) }, func() {
			if got, err := s.Insert(ctx, 1, kept); err != nil || !slices.Equal(got, want) {
				t.Errorf("outcomes %v, %v; want %v", got, err, want)
			}
		})
		checkTree(t, d, ns)
	}
	if got, want := live(t, s, ns), live(t, m, ns); !slices.Equal(got, want) {
		t.Errorf("live: %v\nwant %v", got, want)
	}
}

// together has writes done one after the other in one transaction: it starts
// them in order while the writer is busy.
func together(t *testing.T, d *DB, writes ...func()) {
	t.Helper()
	begun, release := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		err := d.write(context.Background(), false, func(*writeTx) error {
			close(begun)
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-begun
	for i, write := range writes {
		running.Go(write)
		for len(d.queue) <= i {
			runtime.Gosched()
		}
	}
	close(release)
	running.Wait()
}
