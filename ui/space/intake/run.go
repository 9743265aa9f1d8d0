package intake

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"meadow/core/node"
)

// Node is what is needed of a node.
type Node interface {
	PutOver(ctx context.Context, space, path, over string, content io.Reader) (node.Written, error)
	Remove(ctx context.Context, space, path string) (node.Removed, error)
	Restore(ctx context.Context, space, path, version string) (node.Written, error)
	History(ctx context.Context, space, path string) ([]node.Version, error)
}

// Progress is how far it is.
type Progress struct {
	Done  int // files
	Of    int
	Bytes int64
	All   int64
	Now   string // the path that is being put
}

// Put is one file that was brought in.
type Put struct {
	Path    string
	Version string
	Before  string // the version that it replaced, or ""
}

// Result is what has been done.
type Result struct {
	Space   string
	Of      int // files that were to be brought in
	Put     []Put
	Left    []Left
	Bytes   int64
	Stopped error // why the rest wasn't brought in: cancelled, or the disk is full
}

// Cancelled reports whether somebody stopped it: then what wasn't tried isn't Left.
func (r Result) Cancelled() bool { return errors.Is(r.Stopped, context.Canceled) }

// tellEvery is how often progress is told.
const tellEvery = 100 * time.Millisecond

// Run brings the files of a settled plan into a space, until ctx ends.
func Run(ctx context.Context, n Node, space string, p Plan, tell func(Progress)) Result {
	r := &runner{node: n, space: space, tell: tell}
	r.result.Space, r.result.Left, r.result.Of = space, p.Left, len(p.Files)
	r.progress.Of, r.progress.All = len(p.Files), p.Bytes
	for i, f := range p.Files {
		r.progress.Now = f.Path
		before := r.progress.Bytes
		err := r.put(ctx, f)
		if err != nil && stops(ctx, err) {
			r.stopped(p.Files[i:], err)
			break
		}
		if err != nil {
			why := Refused
			if unreadable(err) {
				why = Unreadable
			}
			r.result.Left = append(r.result.Left, Left{f.Local, why, err})
		}
		r.progress.Bytes = before + f.Bytes
		r.progress.Done++
		r.told(false)
	}
	return r.result
}

// stops reports whether there is no use in going on after an error.
func stops(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	switch node.AsError(err).Code {
	case node.CodeFull, node.CodeNotAllowed, node.CodeRemoved, node.CodeNotFound:
		return true
	}
	return false
}

type runner struct {
	node     Node
	space    string
	tell     func(Progress)
	progress Progress
	last     time.Time
	result   Result
}

// stopped notes which files are left by what ended it.
func (r *runner) stopped(files []File, err error) {
	r.result.Stopped = err
	if r.result.Cancelled() {
		return
	}
	why := Refused
	for _, f := range files {
		r.result.Left = append(r.result.Left, Left{f.Local, why, err})
		why = Untried
	}
}

func (r *runner) told(at bool) {
	if now := time.Now(); !at || now.Sub(r.last) >= tellEvery {
		r.last = now
		r.tell(r.progress)
	}
}

// put brings a file in, if what is at its path is still what was there when it was
// planned: a large plan takes hours, and nobody was asked about anything else.
func (r *runner) put(ctx context.Context, f File) error {
	in, err := os.Open(f.Local)
	if err != nil {
		return err
	}
	defer in.Close()
	put := Put{Path: f.Path}
	if f.Taken != nil {
		put.Before = f.Taken.File.Version
	}
	w, err := r.node.PutOver(ctx, r.space, f.Path, put.Before, &counted{ctx, in, r})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	if w.Version != nil {
		put.Version = *w.Version
	}
	r.result.Put = append(r.result.Put, put)
	r.result.Bytes += w.Bytes
	return nil
}

// counted tells how much has been read, and stops when its context ends.
type counted struct {
	ctx context.Context
	in  io.Reader
	r   *runner
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.in.Read(p)
	c.r.progress.Bytes += int64(n)
	c.r.told(true)
	return n, err
}

// Undo takes back what was brought in: what was replaced is restored, the rest is
// removed. Files that have changed since stay; it returns how many. One that can't be
// taken back doesn't keep the others; the first such error is returned.
func Undo(ctx context.Context, n Node, r Result) (kept int, failed error) {
	for i := len(r.Put) - 1; i >= 0; i-- {
		changed, err := undo(ctx, n, r.Space, r.Put[i])
		if changed {
			kept++
		}
		if failed == nil {
			failed = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return kept, failed
}

// undo takes one back, unless it has changed since.
func undo(ctx context.Context, n Node, space string, p Put) (changed bool, err error) {
	vs, err := n.History(ctx, space, p.Path)
	if err != nil {
		return false, err
	}
	if len(vs) == 0 || vs[0].Version != p.Version {
		return true, nil
	}
	switch p.Before {
	case p.Version: // it was the same already
	case "":
		_, err = n.Remove(ctx, space, p.Path)
	default:
		_, err = n.Restore(ctx, space, p.Path, p.Before)
	}
	return false, err
}
