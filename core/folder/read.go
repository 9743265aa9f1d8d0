package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// readers is how many files are read at a time.
const readers = 2

// content is what reading a file brought.
type content struct {
	found
	digest willow.Digest
	length uint64
	inline []byte        // the bytes, if the store hasn't got them; not nil then
	again  time.Duration // if it could change once more without its times showing it: when to look
	prefix bool          // there is more to the file, which doesn't hold still
	err    error
}

// readAll reads files in parallel. The blob store has what is large when it
// returns.
func (in *intake) readAll(ctx context.Context, files []found) []content {
	cs := make([]content, len(files))
	restless := make([]bool, len(files))
	for i, f := range files {
		restless[i] = in.f.isRestless(f.path)
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			for i := range next {
				cs[i] = in.read(ctx, files[i])
				if errors.Is(cs[i].err, blob.ErrChanged) && restless[i] {
					in.readPrefix(ctx, &cs[i])
				}
				in.doubt(&cs[i])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	wg.Wait()
	return cs
}

func (in *intake) read(ctx context.Context, file found) content {
	c := content{found: file}
	if c.err = ctx.Err(); c.err != nil {
		return c
	}
	d, name, err := in.ds.at(file.path)
	if err != nil {
		c.err = err
		return c
	}
	switch {
	case file.stat.kind == tree.Symlink:
		var target string
		target, c.err = d.root.Readlink(name)
		c.setInline([]byte(target))
	case file.stat.size <= blob.InlineLimit:
		var b []byte
		b, c.err = readSmall(d, name, file.stat)
		c.setInline(b)
	default:
		in.readLarge(ctx, &c)
	}
	now, err := lstat(d, name)
	if err == nil && now != file.stat {
		err = blob.ErrChanged
	}
	c.err = errors.Join(c.err, err)
	return c
}

// doubt has a file read again when next looked at, if it could change without
// that being seen.
func (in *intake) doubt(c *content) {
	d, err := in.ds.dir(parent(c.path))
	if c.err != nil || err != nil {
		return
	}
	seen := c.has && c.row.CtimeNS == -1 && c.stat.moved(c.row)
	if c.again = c.stat.racy(time.Now(), d.kind.remote, seen); c.prefix {
		c.again = in.f.cfg.Restless / 2
	}
	if c.again > 0 {
		c.stat.ctimeNS = -1
	}
}

func (c *content) setInline(b []byte) {
	if c.err != nil {
		return
	}
	if len(b) > blob.InlineLimit {
		c.err = fmt.Errorf("a symlink of %d bytes: %w", len(b), blob.ErrTooLarge)
		return
	}
	c.inline = append([]byte{}, b...)
	c.length, c.digest = uint64(len(b)), blake3.Sum256(b)
}

func readSmall(d *dir, name string, seen stat) ([]byte, error) {
	h, err := openRegular(d, name, seen)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	b := make([]byte, seen.size+1)
	n, err := io.ReadFull(h, b)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if int64(n) != seen.size {
		return nil, blob.ErrChanged
	}
	return b[:n], nil
}

// readLarge gives a file to the blob store, or recognises one that was renamed,
// whose bytes needn't be read.
func (in *intake) readLarge(ctx context.Context, c *content) {
	abs := in.ds.absolute(c.path)
	if c.refused {
		h, n, err := in.f.cfg.Blobs.HashFile(ctx, abs)
		c.digest, c.length, c.err = willow.Digest(h), n, err
		return
	}
	old, ok := in.moved[c.stat.inode]
	if ok && c.stat.moved(old) && old.CtimeNS != -1 {
		ok, c.err = in.f.cfg.Blobs.Hold(ctx, in.f.writeScope(ctx, c.path), old.Digest)
		if ok && c.err == nil && c.stat.size > in.f.cfg.LeastLimit {
			err := in.f.cfg.Blobs.Moved(ctx, old.Digest, blob.Place{Path: abs})
			ok = err == nil
		}
		if ok || c.err != nil {
			c.digest, c.length = old.Digest, uint64(c.stat.size)
			return
		}
	}
	h, n, place, err := in.f.cfg.Blobs.AddFile(ctx, in.f.writeScope(ctx, c.path), abs, in.f.cfg.CopyLimit)
	if err == nil && place.Inode != 0 && place.Inode != c.stat.inode {
		err = blob.ErrChanged
	}
	c.digest, c.length, c.err = willow.Digest(h), n, err
}
