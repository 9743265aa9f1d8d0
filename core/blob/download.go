package blob

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"

	"meadow/core/blob/disk"
)

const (
	saveEvery    = 8 << 20 // received bytes between two notes of what is here
	writeGroups  = 32      // groups written at once: 512 KiB
	receiveBytes = 256 << 10
)

// Download receives one blob for one scope, from any number of peers in turn.
// ReadFrom and Close must not be called concurrently, Progress may.
//
// Verified groups go to the blob's file. About every 8 MiB they are fsynced and
// noted in the index, beside receiving, and receiving waits if that takes longer
// than the next 8 MiB: whatever happens, at most 16 MiB are received again.
// A blob that is here for another scope is received all the same, and verified,
// but not written.
type Download struct {
	store  *Store
	ctx    context.Context // for the index; never ends
	scope  Scope
	hash   Hash
	length uint64
	open   *opened

	got  Groups // came through the scope, and are on the disk
	disk Groups // are on the disk
	own  bool   // disk is what we write, not a complete blob of others
	done bool
	have atomic.Uint64 // bytes of got

	claim   *disk.Claim // for what has yet to be written
	lack    error       // there is no room: the length is to be proven, no more
	file    *os.File
	tree    *outboard // nil if not worth it, or not ours
	pending []byte    // verified, for group first on; not written
	first   uint64
	buf     []byte     // what pending is a part of
	unsaved uint64     // bytes since the last save began
	saving  chan error // receives when a save in the background has ended; nil if there is none
	in      *bufio.Reader
	next    []part // what follows the last run that came by ReadSlice
	after   uint64 // the end of that run
}

// local marks the failures that are this device's own.
func local(err error) error {
	for _, known := range []error{nil, ErrLocal, ErrLength, ErrLost, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrLocal, err)
}

// resume finds out what is here.
func (d *Download) resume(ctx context.Context) error {
	defer d.store.lock(d.hash)() // Sweep looks for open Downloads under it
	idx := d.store.idx
	refuted, err := idx.Refuted(ctx, d.hash, d.length)
	if err != nil {
		return err
	}
	if refuted || d.length > math.MaxInt64 {
		return ErrLength
	}
	row, ok, err := idx.Row(ctx, d.hash)
	if err != nil {
		return err
	}
	if ok && row.Length != d.length && row.proven() {
		return d.refute(ctx)
	}
	if d.length == 0 {
		return d.empty(ctx)
	}
	if err := d.compare(ctx, row, ok); err != nil || d.done || !d.own {
		return err
	}
	return d.makeRoom()
}

// compare finds out what is here of a blob and what of that is the scope's; ok
// says that there is a row.
func (d *Download) compare(ctx context.Context, row Row, ok bool) error {
	d.own = !ok || !row.Complete()
	if ok {
		// Of a blob claimed to have another length, whole groups are still true.
		d.disk = row.Have.Intersect(All(GroupCount(d.length)))
	}
	if d.own && !d.disk.Empty() && !d.onDisk() {
		d.disk = Groups{}
	}
	got, err := d.store.idx.Held(ctx, d.scope, d.hash)
	if err != nil {
		return err
	}
	d.got = got.Intersect(d.disk)
	d.have.Store(d.got.Bytes(d.length))
	d.done = d.got.Complete(d.length)
	return nil
}

// makeRoom takes room for what is missing.
func (d *Download) makeRoom() (err error) {
	d.claim, err = d.store.claim(d.length, d.length-d.disk.Bytes(d.length))
	if last := GroupCount(d.length) - 1; err != nil && last > 0 && !d.disk.Has(last) {
		d.lack = err // perhaps it isn't that long
		return nil
	}
	return err
}

// proven reports whether the last group is here, and so the length is true.
func (r Row) proven() bool {
	n := GroupCount(r.Length)
	return n == 0 || r.Have.Has(n-1)
}

// onDisk reports whether the file has the groups that the index says it has.
func (d *Download) onDisk() bool {
	runs := d.disk.runs
	end := min(runs[len(runs)-1].End*GroupSize, d.length)
	fi, err := os.Stat(d.store.dataPath(d.hash))
	return err == nil && uint64(fi.Size()) >= end
}

func (d *Download) refute(ctx context.Context) error {
	if err := d.store.idx.Refute(ctx, d.hash, d.length); err != nil {
		return err
	}
	return ErrLength
}

func (d *Download) empty(ctx context.Context) error {
	if d.hash != sum(nil) {
		return d.refute(ctx)
	}
	d.done = true
	return d.store.PutInlineBatch(ctx, []InlinePut{{d.scope, d.hash, nil}})
}

// Done reports whether the scope holds the blob.
func (d *Download) Done() bool { return d.done }

// Missing returns the runs of groups that have yet to come.
func (d *Download) Missing() []Run { return d.got.Missing(GroupCount(d.length)) }

// Ask returns what to ask a peer for: what is missing, and LastGroup as long as
// the length is unproven, so that a peer who has the blob refutes a wrong one. If
// there is no room for a blob of that length, it is just that.
func (d *Download) Ask() Groups {
	var g Groups
	if d.lack != nil {
		g.Add(Run{LastGroup, LastGroup + 1})
		return g
	}
	for _, r := range d.Missing() {
		g.Add(r)
	}
	if n := GroupCount(d.length); n > 0 && !d.got.Has(n-1) {
		g.Add(Run{LastGroup, LastGroup + 1})
	}
	return g
}

// Progress returns how many bytes have come, of how many. It may lag behind by
// what is being written.
func (d *Download) Progress() (have, total uint64) { return d.have.Load(), d.length }

// ReadFrom reads a peer's slice of the groups that it was asked for. r should
// have nothing else: it is read ahead. What was verified before an error stays.
//
// ErrNotFound: the peer has nothing to send. ErrCorrupt, and io.ErrUnexpectedEOF
// on a stream that wasn't cut: the peer is at fault. ErrLength: the peer has
// proven the length wrong, which is remembered. ErrLocal: this device failed. The
// context is looked at between groups; to interrupt a read, end r. Anything else
// is a failure of r.
func (d *Download) ReadFrom(ctx context.Context, r io.Reader, asked Groups) error {
	if d.done {
		return nil
	}
	return d.received(d.receive(ctx, r, asked))
}

// received ends a call that has received something.
func (d *Download) received(err error) error {
	if flushed := d.flush(); err == nil {
		err = flushed
	}
	if err == nil && d.got.Complete(d.length) {
		err = local(d.store.own(d.finish()))
	}
	if err != nil {
		return fmt.Errorf("receive blob: %w", err)
	}
	return nil
}

func (d *Download) receive(ctx context.Context, r io.Reader, asked Groups) error {
	defer d.readAhead(r)()
	length, err := readLength(d.in)
	if err != nil {
		return err
	}
	if length != d.length || d.lack != nil {
		return d.readProof(ctx, length, asked)
	}
	sr := &sliceReader{r: d.in, sink: d, length: length, asked: asked}
	return sr.read(ctx, d.hash)
}

// readAhead makes d.in read r, until the returned function is called.
func (d *Download) readAhead(r io.Reader) (stop func()) {
	if d.in == nil {
		d.in = bufio.NewReaderSize(nil, int(min(d.length+GroupSize, receiveBytes)))
	}
	d.in.Reset(r)
	return func() { d.in.Reset(nil) }
}

// readProof reads a slice of a blob that a peer says has another length, or that
// there is no room for.
func (d *Download) readProof(ctx context.Context, length uint64, asked Groups) error {
	sr := &sliceReader{r: d.in, sink: new(nowhere), length: length, asked: asked}
	if err := sr.read(ctx, d.hash); err != nil {
		return err
	}
	if !sr.last && length != d.length {
		return fmt.Errorf("%w: peer states another length without proof", ErrCorrupt)
	}
	if length == d.length {
		return local(d.lack)
	}
	return local(d.refute(ctx))
}

// nowhere is a sliceSink that keeps nothing.
type nowhere struct{ buf [GroupSize]byte }

func (*nowhere) parent(_, _, _ uint64, _ *node)           {}
func (n *nowhere) space(uint64) (*[GroupSize]byte, error) { return &n.buf, nil }
func (*nowhere) verified(uint64, int) error               { return nil }

// parent is for sliceSink.
func (d *Download) parent(start, mid, end uint64, p *node) {
	if !d.own || d.length <= outboardMin {
		return
	}
	if d.tree == nil {
		d.tree = newOutboard(d.openTree)
	}
	d.tree.set(start, mid, end, p)
}

func (d *Download) openTree() (*os.File, error) {
	if err := d.store.makeDir(d.hash); err != nil {
		return nil, err
	}
	return os.OpenFile(d.store.treePath(d.hash), os.O_RDWR|os.O_CREATE, 0o600)
}

// space is for sliceSink: groups that follow each other gather in buf.
func (d *Download) space(g uint64) (*[GroupSize]byte, error) {
	if d.buf == nil {
		d.buf = make([]byte, min(GroupCount(d.length), writeGroups)*GroupSize)
	}
	next := d.first + GroupCount(uint64(len(d.pending)))
	if len(d.pending) > 0 && (next != g || len(d.pending) == len(d.buf)) {
		if err := d.flush(); err != nil {
			return nil, err
		}
	}
	if len(d.pending) == 0 {
		d.first = g
	}
	return (*[GroupSize]byte)(d.buf[len(d.pending):]), nil
}

// verified is for sliceSink.
func (d *Download) verified(g uint64, n int) error {
	d.pending = d.buf[:len(d.pending)+n]
	return nil
}

// flush writes pending groups.
func (d *Download) flush() error {
	if len(d.pending) == 0 {
		return nil
	}
	b := d.pending
	run := Run{d.first, d.first + GroupCount(uint64(len(b)))}
	d.pending = nil
	if d.own && d.length > InlineLimit {
		if err := d.write(b, int64(run.Start)*GroupSize); err != nil {
			return local(d.store.own(err))
		}
		d.claim.Wrote(uint64(len(b)))
	}
	if d.own && !d.disk.Add(run) || !d.got.Add(run) {
		return nil // too scattered to note: it has to come again
	}
	d.have.Store(d.got.Bytes(d.length))
	d.unsaved += uint64(len(b))
	if d.unsaved < saveEvery || d.got.Complete(d.length) {
		return nil
	}
	if err := d.save(); err != nil {
		return local(d.store.own(err))
	}
	return local(d.roomLeft())
}

func (d *Download) write(b []byte, off int64) error {
	if err := d.openFile(); err != nil {
		return err
	}
	_, err := d.file.WriteAt(b, off)
	return err
}

func (d *Download) openFile() error {
	if d.file != nil {
		return nil
	}
	if err := d.store.makeDir(d.hash); err != nil {
		return err
	}
	path := d.store.dataPath(d.hash)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	d.file = f
	return syncDir(filepath.Dir(path))
}
