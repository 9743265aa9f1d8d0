package storage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"meadow/core/willow"
)

// TestReadersNeedNoOther has as many snapshots open as there are connections,
// and then a query in each of them that none has compiled yet.
func TestReadersNeedNoOther(t *testing.T) {
	allReadersAtOnce(t, openTest(t))
}

func allReadersAtOnce(t testing.TB, d *DB) {
	var inside, done sync.WaitGroup
	inside.Add(readers)
	for i := range readers {
		done.Go(func() {
			err := d.view(context.Background(), func(q querier) error {
				inside.Done()
				inside.Wait()
				var got int
				err := q.Scan(fmt.Sprintf("SELECT %d", i), nil, &got)
				if got != i {
					t.Errorf("read %d, want %d", got, i)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
}

// TestFirstReadsAtOnce asks new databases everything that takes a snapshot, by
// more goroutines than there are connections.
func TestFirstReadsAtOnce(t *testing.T) {
	batch := benchEntries(60, false)
	ns, ss := batch[0].Entry.Namespace, batch[0].Entry.Subspace
	for range 5 {
		d := openTest(t)
		s := d.Entries()
		fill(t, s, batch, len(batch))
		var done sync.WaitGroup
		for range 2 * readers {
			done.Go(func() {
				ctx := context.Background()
				area := willow.Area{Subspace: ss, Path: willow.MustPath("files"), Times: willow.AllTimes}
				_, err1 := s.Summary(ctx, ns, willow.FullRange, area)
				_, err2 := s.Split(ctx, ns, willow.FullRange, area, 4)
				_, err3 := s.Newest(ctx, ns, ss, area.Path)
				_, err4 := s.CountWanted(ctx, ns, area)
				if err := errors.Join(err1, err2, err3, err4); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
	}
}

func TestReadAfterClose(t *testing.T) {
	d := openTest(t)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Local().Value(context.Background(), "a"); !errors.Is(err, ErrClosed) {
		t.Errorf("read after Close: %v", err)
	}
	if err := d.view(context.Background(), func(querier) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("snapshot after Close: %v", err)
	}
}
