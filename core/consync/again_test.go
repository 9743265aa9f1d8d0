package consync_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// A payload whose stream stands still goes on over another one.
func TestStalledPayloadIsAskedForAgain(t *testing.T) {
	impatient := func(e *consync.Engine) {
		e.Impatient(time.Minute, time.Minute, 200*time.Millisecond)
		e.Retry(time.Hour, 10*time.Millisecond, time.Hour)
	}
	a, b := newNode(t, impatient), newNode(t, impatient)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	e := a.put(ns, 1, random(1<<20), "large")
	connectUntil(t, a, b, 400<<10)
	inStep(t, ns, a, b)
	if !b.holds(e) {
		t.Error("payload isn't there")
	}
}

// A payload that comes slowly is let go of when it is at hand, and what came of it is
// kept; if it is given up there it is asked for again.
func TestPayloadIsTakenOver(t *testing.T) {
	a, b := newNode(t), newNode(t, func(e *consync.Engine) { e.Retry(time.Hour, 10*time.Millisecond, time.Hour) })
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	e := a.put(ns, 1, random(1<<20), "large")
	slow := connectUntil(t, a, b, 400<<10)
	eventually(t, "some of it", func() bool { p, _ := b.peer(a); return p.PayloadReceived > 200<<10 }, b)
	d, err := b.blobs.TakeOver(context.Background(), scope(e), blob.Hash(e.PayloadDigest), e.PayloadLength)
	must(t, err)
	if have, _ := d.Progress(); have < 200<<10 {
		t.Errorf("%d bytes of it were kept", have)
	}
	must(t, d.Close())
	slow.stop()
	connect(t, a, b)
	inStep(t, ns, a, b)
	if !b.holds(e) {
		t.Error("payload isn't there")
	}
}

// A peer that allows no streams keeps a payload from nobody: neither from who has it at
// hand, nor from other peers.
func TestPayloadOfPeerWithoutStreams(t *testing.T) {
	a, c := newNode(t), newNode(t)
	b := newNode(t, func(e *consync.Engine) {
		e.Impatient(time.Minute, time.Minute, time.Second)
		e.Retry(time.Hour, 10*time.Millisecond, time.Hour)
	})
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	a.give(c, ns, read, willow.FullArea)
	e := a.put(ns, 1, random(100_000), "large")
	connect(t, a, c)
	inStep(t, ns, a, c)

	links++
	x, y := dial(a.device.Endpoint(), b.device.Endpoint(), links)
	tried := make(chan struct{}, 1)
	serve(t, &session{a: x, b: y}, a, b, x, full{y, tried})
	<-tried
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	d, err := b.blobs.TakeOver(ctx, scope(e), blob.Hash(e.PayloadDigest), e.PayloadLength)
	must(t, err)
	must(t, d.Close())
	connect(t, b, c)
	eventually(t, "c gives it", func() bool { return b.holds(e) }, b)
}

// A disk that can't be written for a while delays payloads, no more.
func TestPayloadsComeOnceTheDiskCanBeWritten(t *testing.T) {
	a := newNode(t)
	dir := t.TempDir()
	b := newNodeIn(t, dir, key.NewDevice(), func(e *consync.Engine) { e.Retry(time.Hour, time.Hour, 20*time.Millisecond) })
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	e := a.put(ns, 1, random(100_000), "large")
	obstacle := filepath.Join(dir, "blobs", hex.EncodeToString(e.PayloadDigest[:1]))
	must(t, os.WriteFile(obstacle, nil, 0o600))
	connect(t, a, b)
	eventually(t, "bytes that can't be written", func() bool {
		p, _ := b.peer(a)
		return p.PayloadReceived > 300_000 // tried more than once
	}, b)
	if b.holds(e) {
		t.Fatal("the disk could be written")
	}
	must(t, os.Remove(obstacle))
	inStep(t, ns, a, b)
	if !b.holds(e) {
		t.Error("payload isn't there")
	}
}

// A peer that asked before the entry was here is told of it, also if its payload
// was here already.
func TestEntryWithHeldPayloadIsTold(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	e := n.sign(ns, 1, bytes.Repeat([]byte("held"), 10_000), "x")
	d, r, _ := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, d)
	a.join(ns, r)
	if got := a.fetch(e.Entry); len(got) != 0 {
		t.Errorf("got %d bytes of an entry that isn't here", len(got))
	}
	n.insert(0, e)
	for {
		typ, _, err := consync.ReadFrame(a.control)
		must(t, err)
		if typ == consync.TypeAvailable {
			break
		}
	}
	if got := a.fetch(e.Entry); !bytes.Contains(got, []byte("heldheld")) {
		t.Errorf("got %d bytes", len(got))
	}
}

// What was missing before a session is fetched in it, though nothing else
// happens.
func TestMissingFromBefore(t *testing.T) {
	for range 5 {
		a, b := newNode(t), newNode(t)
		ns, read := a.own()
		a.give(b, ns, read, willow.FullArea)
		e := a.sign(ns, 1, random(100_000), "large")
		a.insert(0, e)
		b.insert(0, e)
		s := connect(t, a, b)
		inStep(t, ns, a, b)
		if has, err := b.blobs.Complete(context.Background(), [32]byte(e.Entry.PayloadDigest)); !has || err != nil {
			t.Error("payload isn't there", err)
		}
		s.stop()
	}
}

// A payload that is lost while all is in step is fetched again.
func TestLostPayloadIsFetchedAgain(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, random(100_000), 0o600))
	e := willow.Entry{Namespace: ns, Subspace: subspace, Path: willow.MustPath("x"), Timestamp: 1}
	h, length, _, err := b.blobs.AddFile(ctx, scope(e), path, 0)
	must(t, err)
	e.PayloadDigest, e.PayloadLength = willow.Digest(h), length
	signed, err := meadowcap.Sign(b.device, b.write[ns], e)
	must(t, err)
	b.insert(0, signed)
	connect(t, a, b)
	inStep(t, ns, a, b)

	must(t, os.Remove(path))
	must(t, b.blobs.Recheck(ctx, path))
	if b.holds(e) {
		t.Fatal("payload isn't lost")
	}
	if p, _ := b.peer(a); p.InStep() {
		t.Error("in step without a payload")
	}
	inStep(t, ns, a, b)
	if !b.holds(e) {
		t.Error("payload isn't there")
	}
}
