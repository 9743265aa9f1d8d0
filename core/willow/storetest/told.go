package storetest

import (
	"context"
	"sync/atomic"
	"testing"

	"meadow/core/willow"
)

// testTold: who has seen a commit and called Told comes after its subscribers.
func testTold(t *testing.T, s willow.Store) {
	ns, ctx := newNamespace(), context.Background()
	if err := s.Told(ctx); err != nil {
		t.Fatal(err)
	}
	var told atomic.Bool
	committed, goOn := make(chan struct{}), make(chan struct{})
	defer s.Subscribe(func(c willow.Change) {
		if c.Namespace == ns {
			close(committed)
			<-goOn // a subscriber mustn't, but may be slow
			told.Store(true)
		}
	})()
	e := entry(ns, 1, willow.MustPath("a"), 1)
	inserted := make(chan error, 1)
	go func() {
		_, err := s.Insert(ctx, 1, []willow.Incoming{{Authorised: willow.Authorised{Entry: e}}})
		inserted <- err
	}()
	<-committed
	if sum, err := s.Summary(ctx, ns, willow.FullRange, willow.FullArea); err != nil || sum.Count != 1 {
		t.Fatalf("subscribers are told of what isn't there: %d entries, %v", sum.Count, err)
	}
	go close(goOn)
	if err := s.Told(ctx); err != nil {
		t.Fatal(err)
	}
	if !told.Load() {
		t.Error("Told came before a subscriber")
	}
	if err := <-inserted; err != nil {
		t.Fatal(err)
	}
}
