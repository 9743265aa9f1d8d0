package consync_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/consync"
	"meadow/core/endpoint"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// fill puts the same n entries, without payloads, into nodes.
func fill(t testing.TB, ns willow.NamespaceID, n int, writer *node, nodes ...*node) {
	t.Helper()
	batch := make([]willow.Incoming, 0, 1000)
	for i := range n {
		a, err := meadowcap.Sign(writer.device, writer.write[ns], willow.Entry{
			Namespace: ns, Subspace: subspace, Path: willow.MustPath("files", fmt.Sprint(i%100), name(i)),
			Timestamp: willow.Timestamp(i + 1), PayloadDigest: willow.EmptyDigest,
		})
		must(t, err)
		batch = append(batch, willow.Incoming{Authorised: a})
		if len(batch) == cap(batch) || i == n-1 {
			for _, to := range nodes {
				_, err := to.store.Insert(context.Background(), 1<<40, batch)
				must(t, err)
			}
			batch = batch[:0]
		}
	}
}

// An unchanged reconnect is under 1 KiB a space with capabilities, and under 2
// KiB a session beside that, however much there is (DESIGN, section 10).
func TestUnchangedReconnect(t *testing.T) {
	a, b := newNode(t), newNode(t)
	var spaces []willow.NamespaceID
	for range 4 {
		ns, read := a.own()
		a.give(b, ns, read, willow.FullArea)
		fill(t, ns, 100, a, a, b)
		spaces = append(spaces, ns)
	}
	for range 2 {
		s := connect(t, a, b)
		for _, ns := range spaces {
			inStep(t, ns, a, b)
		}
		p, _ := a.peer(b)
		if limit := uint64(2<<10 + len(spaces)<<10); p.Sent+p.Received > limit {
			t.Errorf("%d bytes, limit %d", p.Sent+p.Received, limit)
		}
		if p.EntriesSent+p.EntriesReceived+p.Rounds != 0 {
			t.Errorf("%+v: reconciliation without a difference", p.Traffic)
		}
		s.stop()
	}
}

// One entry that differs is found in few rounds and bytes: at most 5 and 32 KiB
// at a million entries.
func TestOneDiffers(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	fill(t, ns, 1500, a, a, b)
	for i, first := range []string{"the one who has it dials", "the one who hasn't dials"} {
		t.Run(first, func(t *testing.T) {
			e := b.put(ns, 5, []byte("the difference"), "files", "42", "new", name(i))
			var s *session
			if i == 0 {
				s = connect(t, b, a)
			} else {
				s = connect(t, a, b)
			}
			inStep(t, ns, a, b)
			if !a.holds(e) {
				t.Error("the difference isn't there")
			}
			p, _ := a.peer(b)
			if p.Rounds > 4 || p.Sent+p.Received > 16<<10 || p.EntriesReceived != 1 || p.EntriesSent != 0 {
				t.Errorf("%+v", p.Traffic)
			}
			s.stop()
		})
	}
}

// quicConn is a connection of package endpoint as consync wants it.
type quicConn struct{ *endpoint.Conn }

func (c quicConn) OpenStream(ctx context.Context) (consync.Stream, error) {
	return c.Conn.OpenStream(ctx)
}

func (c quicConn) AcceptStream(ctx context.Context) (consync.Stream, error) {
	return c.Conn.AcceptStream(ctx)
}

// bind makes an endpoint for a node, on loopback.
func bind(t testing.TB, d key.Device) *endpoint.Endpoint {
	t.Helper()
	e, err := endpoint.Bind(context.Background(), endpoint.Config{
		Device: d, Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, ALPNs: []string{"mdn-willow/1"},
	})
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	return e
}

// overQUIC runs a session over a real connection.
func overQUIC(t testing.TB, a, b *node) *session {
	t.Helper()
	return overQUICAs(t, a, b, func(c quicConn) consync.Conn { return c })
}

// overQUICAs is overQUIC with something between b and its connection.
func overQUICAs(t testing.TB, a, b *node, as func(quicConn) consync.Conn) *session {
	t.Helper()
	x, y := bind(t, a.device), bind(t, b.device)
	accepted := make(chan *endpoint.Conn, 1)
	go func() {
		c, _ := y.Accept(context.Background())
		accepted <- c
	}()
	out, err := x.Dial(context.Background(), b.device.Endpoint(), "mdn-willow/1", y.Addrs()...)
	must(t, err)
	s := &session{}
	serve(t, s, a, b, quicConn{out}, as(quicConn{<-accepted}))
	return s
}

func TestOverQUIC(t *testing.T) {
	a, b := newNode(t), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	fill(t, ns, 200, a, a)
	large := a.put(ns, 1, make([]byte, 5<<20), "large")
	s := overQUIC(t, a, b)
	inStep(t, ns, a, b)
	if !b.holds(large) {
		t.Error("payload isn't there")
	}
	late := b.put(ns, 9, []byte("late"), "late")
	inStep(t, ns, a, b)
	if !a.holds(late) {
		t.Error("forwarded entry isn't there")
	}
	s.stop()
}

// BenchmarkIngest receives small files, two entries each, over QUIC.
func BenchmarkIngest(b *testing.B) {
	const files = 10_000
	for b.Loop() {
		b.StopTimer()
		x, y := newNode(b), newNode(b)
		ns, read := x.own()
		x.give(y, ns, read, willow.FullArea)
		fillFiles(b, x, ns, files)
		b.StartTimer()
		s := overQUIC(b, x, y)
		inStep(b, ns, x, y)
		b.StopTimer()
		s.stop()
		x.close()
		y.close()
		b.StartTimer()
	}
	b.ReportMetric(2*files*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func fillFiles(tb testing.TB, x *node, ns willow.NamespaceID, files int) {
	tb.Helper()
	payload := make([]byte, 4096)
	var batch []willow.Incoming
	var puts []blob.InlinePut
	for i := range files {
		copy(payload, name(i))
		for j, bytes := range [][]byte{payload, payload[:100]} {
			at := []string{"files", name(i), fmt.Sprint(j)}
			h := blob.Hash(blake3.Sum256(bytes))
			e := willow.Entry{
				Namespace: ns, Subspace: subspace, Path: willow.MustPath(at...), Timestamp: 5,
				PayloadDigest: willow.Digest(h), PayloadLength: uint64(len(bytes)),
			}
			puts = append(puts, blob.InlinePut{Scope: scope(e), Hash: h, Bytes: append([]byte(nil), bytes...)})
			a, err := meadowcap.Sign(x.device, x.write[ns], e)
			must(tb, err)
			batch = append(batch, willow.Incoming{Authorised: a})
		}
	}
	must(tb, x.blobs.PutInlineBatch(context.Background(), puts))
	_, err := x.store.Insert(context.Background(), 1<<40, batch)
	must(tb, err)
}

// BenchmarkUnchanged reconnects two nodes that agree, from dial to in step.
func BenchmarkUnchanged(b *testing.B) {
	benchmarkReconnect(b, func(_, _ *node, _ willow.NamespaceID, _ int) {})
}

// BenchmarkOneDiffers reconnects two nodes of which one has one entry more.
func BenchmarkOneDiffers(b *testing.B) {
	benchmarkReconnect(b, func(x, _ *node, ns willow.NamespaceID, i int) {
		x.put(ns, willow.Timestamp(i+1), []byte("new"), "files", "42", "new", fmt.Sprint(i))
	})
}

func benchmarkReconnect(b *testing.B, between func(x, y *node, ns willow.NamespaceID, i int)) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x, y := newNode(b), newNode(b)
			ns, read := x.own()
			x.give(y, ns, read, willow.FullArea)
			fill(b, ns, n, x, x, y)
			var traffic consync.Traffic
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				between(x, y, ns, i)
				b.StartTimer()
				s := connect(b, x, y)
				inStep(b, ns, x, y)
				b.StopTimer()
				p, _ := x.peer(y)
				traffic = p.Traffic
				s.stop()
				b.StartTimer()
			}
			b.ReportMetric(float64(traffic.Sent+traffic.Received), "bytes")
			b.ReportMetric(float64(traffic.Rounds), "rounds")
		})
	}
}

const largeSize = 256 << 20

// BenchmarkBareStream is the reference for BenchmarkLargePayload: the same bytes
// over a stream of the same kind of connection, into a file, with one fsync.
func BenchmarkBareStream(b *testing.B) {
	payload := make([]byte, largeSize)
	rand.Read(payload)
	x, y := bind(b, key.NewDevice()), bind(b, key.NewDevice())
	in := make(chan *endpoint.Conn, 1)
	go func() {
		c, _ := y.Accept(context.Background())
		in <- c
	}()
	out, err := x.Dial(context.Background(), y.ID(), "mdn-willow/1", y.Addrs()...)
	must(b, err)
	to := <-in
	b.SetBytes(largeSize)
	for b.Loop() {
		go func() {
			s, err := out.OpenStream(context.Background())
			if err == nil {
				_, err = s.Write(payload)
			}
			if err == nil {
				err = s.Close()
			}
			if err != nil {
				b.Error(err)
			}
		}()
		s, err := to.AcceptStream(context.Background())
		must(b, err)
		f, err := os.Create(filepath.Join(b.TempDir(), "bare"))
		must(b, err)
		_, err = io.CopyBuffer(struct{ io.Writer }{f}, struct{ io.Reader }{s}, make([]byte, 256<<10))
		must(b, err)
		must(b, f.Sync())
		must(b, f.Close())
		must(b, os.Remove(f.Name()))
	}
}

// BenchmarkLargePayload fetches one large payload in a session over QUIC.
func BenchmarkLargePayload(b *testing.B) {
	payload := make([]byte, largeSize)
	rand.Read(payload)
	x := newNode(b)
	ns, read := x.own()
	x.put(ns, 1, payload, "large")
	b.SetBytes(largeSize)
	for b.Loop() {
		b.StopTimer()
		y := newNode(b)
		x.give(y, ns, read, willow.FullArea)
		b.StartTimer()
		s := overQUIC(b, x, y)
		inStep(b, ns, x, y)
		b.StopTimer()
		s.stop()
		y.close()
		b.StartTimer()
	}
}
