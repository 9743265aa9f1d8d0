package blob_test

// What several who want one blob do to each other.

import (
	"bytes"
	"context"
	"os"
	"testing"

	"meadow/core/blob"
)

func TestDownloadBusy(t *testing.T) {
	s := newStore(t)
	d := s.fetch(mine, blob.Hash{1}, 1<<20)
	_, err := s.Fetch(ctx, other, blob.Hash{1}, 1<<20)
	wantErr(t, err, blob.ErrBusy)
	if s.Close() == nil {
		t.Error("closed with an open download")
	}
	must(t, d.Close())
	must(t, s.fetch(other, blob.Hash{1}, 1<<20).Close())
	wantFiles(t, s.dir, 0)
}

// TestTakeOver: who has a blob at hand waits for who fetches it, who is told; what
// had come isn't lost.
func TestTakeOver(t *testing.T) {
	const n = 3 << 20
	from, to := newStore(t), newStore(t)
	b := bytesOf(n)
	h := from.put(b)
	d := to.fetch(mine, h, n)
	some := blob.Groups{}
	some.Add(blob.Run{End: 64})
	must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, some)), some))
	over, stop := context.WithCancel(ctx)
	told := make(chan struct{})
	d.AfterTaken(func() { stop() })
	if d.Taken() {
		t.Error("taken by nobody")
	}
	_, err := to.TakeOver(over, mine, h, n)
	wantErr(t, err, context.Canceled)
	d.AfterTaken(func() { close(told) })
	<-told
	if !d.Taken() {
		t.Error("not taken")
	}
	taken := make(chan *blob.Download)
	go func() {
		d, err := to.TakeOver(ctx, mine, h, n)
		if err != nil {
			t.Error(err)
		}
		taken <- d
	}()
	must(t, d.Close())
	if d = <-taken; d == nil {
		return
	}
	if have, _ := d.Progress(); have != 1<<20 || d.Taken() {
		t.Errorf("%d bytes are here", have)
	}
	asked := d.Ask()
	must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
	must(t, d.Close())
	to.want(h, b)
	d, err = to.TakeOver(ctx, mine, h, n)
	if must(t, err); !d.Done() {
		t.Error("it isn't here")
	}
	must(t, d.Close())
}

// TestDownloadOtherScope: bytes that came through one scope are not an excuse
// for a second.
func TestDownloadOtherScope(t *testing.T) {
	for _, n := range []int{5000, 3 << 20} {
		from, to := newStore(t), newStore(t)
		b := bytesOf(n)
		h := from.put(b)
		to.put(b)
		data, _ := to.Files(h)
		before, _ := os.Stat(data)
		d := to.fetch(other, h, n)
		if len(d.Missing()) != 1 || d.Done() {
			t.Fatal("something isn't missing")
		}
		asked := d.Ask()
		s := from.slice(h, asked)
		bad := bytes.Clone(s)
		bad[len(bad)-1]++
		wantErr(t, d.ReadFrom(ctx, bytes.NewReader(bad), asked), blob.ErrCorrupt)
		to.wantHas(other, h, false)
		must(t, d.Close())
		d = to.fetch(other, h, n)
		asked = d.Ask()
		must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
		must(t, d.Close())
		to.wantHas(other, h, true)
		if after, _ := os.Stat(data); before != nil && !after.ModTime().Equal(before.ModTime()) {
			t.Error("the file was written again")
		}
		if !to.fetchDone(other, h, n) {
			t.Error("what is held is fetched again")
		}
	}
}

func (s *store) fetchDone(scope blob.Scope, h blob.Hash, n int) bool {
	s.t.Helper()
	d := s.fetch(scope, h, n)
	defer d.Close()
	return d.Done()
}

// TestDownloadPartOfOtherScope: two scopes share what is on the disk, not what
// they have received.
func TestDownloadPartOfOtherScope(t *testing.T) {
	const n = 3 << 20
	from, to := newStore(t), newStore(t)
	b := bytesOf(n)
	h := from.put(b)
	for _, scope := range []blob.Scope{mine, other} {
		d := to.fetch(scope, h, n)
		if len(d.Missing()) != 1 || d.Missing()[0].Start != 0 {
			t.Fatal("the other scope's groups aren't missing")
		}
		half := blob.All(96)
		must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, half)), half))
		must(t, d.Close())
	}
	for _, scope := range []blob.Scope{other, mine} {
		d := to.fetch(scope, h, n)
		asked := d.Ask()
		if asked.Has(95) || !asked.Has(96) {
			t.Fatal("asks for what came")
		}
		must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
		must(t, d.Close())
		to.wantHas(scope, h, true)
		to.wantHas(mine, h, scope == mine)
	}
	to.want(h, b)
}

func TestDownloadCompletedOtherwise(t *testing.T) {
	const n = 20 << 20
	from, to := newStore(t), newStore(t)
	b := bytesOf(n)
	h := from.put(b)
	d := to.fetch(other, h, n)
	half := blob.All(700)
	must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, half)), half))
	to.put(b)
	to.wantHas(mine, h, true)
	must(t, d.Close())
	to.want(h, b)
	to.wantHas(other, h, false)
	d = to.fetch(other, h, n)
	asked := d.Ask()
	if asked.Has(699) {
		t.Error("what came before is forgotten")
	}
	must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
	must(t, d.Close())
	to.wantHas(other, h, true)
	to.want(h, b)
}
