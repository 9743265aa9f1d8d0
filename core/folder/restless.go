package folder

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// A file is read once it has been the same from the beginning of reading to the
// end, so that no version is torn. One that is written to without pause never is:
// after Config.Restless what it had when reading began is taken if two readings of
// it are the same, which it is where a program only appends. So a log file is never
// much more than a minute behind. Of files beyond Config.CopyLimit no such copy is
// made: they are reported, and wait for a pause.
const restlessAfter = 30 * time.Second // unless Config says something else

// alwaysWritten is why a file isn't synced yet.
const alwaysWritten = "it is written to all the time: it is synced when that pauses for a moment"

// stirred notes that a file changed while it was read, and has it read again.
func (f *Folder) stirred(c content) {
	since, ok := f.restless[c.path]
	if !ok {
		since = time.Now()
		f.restless[c.path] = since
	}
	long := time.Since(since)
	if hopeless := c.stat.size > f.cfg.CopyLimit; hopeless && long >= f.cfg.Restless || long >= 3*f.cfg.Restless {
		f.issue(c.path, alwaysWritten)
	}
	f.retryLater(c.path, 200*time.Millisecond, long >= f.cfg.Restless)
}

// calm notes that a file has been read.
func (f *Folder) calm(c content) {
	if _, was := f.restless[c.path]; !was {
		return
	}
	delete(f.restless, c.path)
	if c.prefix {
		f.restless[c.path] = time.Now()
	}
	f.update(func(d *desk) { delete(d.unread, c.path) })
}

// isRestless reports whether a file has changed at each look for a while.
func (f *Folder) isRestless(p string) bool {
	since, ok := f.restless[p]
	return ok && time.Since(since) >= f.cfg.Restless
}

// readPrefix reads what a file that doesn't hold still has at this moment.
func (in *intake) readPrefix(ctx context.Context, c *content) {
	d, name, err := in.ds.at(c.path)
	if err != nil {
		return
	}
	h, err := d.root.Open(name)
	if err != nil {
		return
	}
	defer h.Close()
	fi, err := h.Stat()
	if err != nil {
		return
	}
	s := statOf(fi)
	if s.kind != tree.File || s.inode != c.stat.inode || s.size > in.f.cfg.CopyLimit {
		return
	}
	first, inline, err := in.keepPrefix(ctx, c.path, h, s.size)
	if err != nil {
		return
	}
	again := blake3.New()
	if n, err := io.Copy(again, io.NewSectionReader(h, 0, s.size)); err != nil || n != s.size {
		return
	}
	if now, err := lstat(d, name); err != nil || now.inode != s.inode || now.size < s.size || [32]byte(again.Sum(nil)) != first {
		return
	}
	c.stat, c.digest, c.length, c.inline, c.err = s, willow.Digest(first), uint64(s.size), inline, nil
	c.prefix = true
}

// keepPrefix reads the first n bytes of the file at p. The blob store has them if they
// aren't inline.
func (in *intake) keepPrefix(ctx context.Context, p string, h io.ReaderAt, n int64) (digest [32]byte, inline []byte, err error) {
	r := io.NewSectionReader(h, 0, n)
	if n <= blob.InlineLimit {
		inline = make([]byte, n)
		_, err = io.ReadFull(r, inline)
		return blake3.Sum256(inline), inline, err
	}
	hash, length, err := in.f.cfg.Blobs.PutReader(ctx, in.f.writeScope(ctx, p), r)
	if err == nil && length != uint64(n) {
		err = errors.New("it became shorter")
	}
	return hash, nil, err
}

// wasUnread reports whether a path couldn't be read when it was last looked at.
func (f *Folder) wasUnread(p string) (was bool) {
	f.update(func(d *desk) { _, was = d.unread[p] })
	return was
}
