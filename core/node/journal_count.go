package node

import (
	"context"
	"time"

	"meadow/core/activity"
	"meadow/core/folder/tree"
	"meadow/core/mdn"
)

// all adds the row for all files of a batch.
func (j *journal) all(ctx context.Context, d *draft, b *batch) error {
	j.mu.Lock()
	paths, more := b.paths, b.more
	late := time.Since(b.last) > batchLate
	b.paths, b.more, b.fresh = make(map[string]touch), 0, false
	j.mu.Unlock()
	b.sum.changed += more
	c := counter{j: j, b: b, late: late}
	again, err := c.count(ctx, paths)
	j.countAgain(b, again)
	if err != nil {
		return err
	}
	if len(c.erased) > 0 {
		j.eraseLater(b.in, c.erased, c.eraser)
	}
	for path, id := range b.rows {
		d.drop = append(d.drop, id)
		delete(b.rows, path)
	}
	t, renamed := b.sum.renamed()
	count := t.added + t.changed + t.removed + t.conflicts + renamed
	if count == 0 {
		return nil
	}
	by := j.doer(b, tree.Version{})
	row := activity.Row{
		ID: b.whole, At: b.began, Kind: ActivityFiles, Device: by.Name, Endpoint: by.Endpoint,
		Space: b.in.name(), SpaceID: b.in.id, Bytes: t.bytes, Count: count,
		Details: details("added", t.added, "changed", t.changed, "removed", t.removed, "renamed", renamed,
			"conflicts", t.conflicts, "paths", j.first(b)),
	}
	j.finish(&row)
	d.add(row, func(id int64) { b.whole = id })
	return nil
}

// countAgain has paths of a batch counted later.
func (j *journal) countAgain(b *batch, again map[string]touch) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for path, t := range again {
		if newer, touched := b.paths[path]; touched {
			newer.was = t.was
			t = newer
		}
		b.paths[path], b.fresh = t, true
	}
}

// first returns the first paths of a batch.
func (j *journal) first(b *batch) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := make([]string, 0, len(b.order))
	for _, path := range b.order {
		first = append(first, inText(pathOnly(path)))
	}
	return first
}

// counter counts what has become of the many paths of a batch.
type counter struct {
	j    *journal
	b    *batch
	late bool

	erased []string
	eraser mdn.DeviceInfo
}

// count adds paths to the batch's sum, and returns those that can't be told yet.
// What has bytes needs no look: files without any, and deletions, are told by their
// details.
func (c *counter) count(ctx context.Context, paths map[string]touch) (again map[string]touch, err error) {
	sum := &c.b.sum
	var look []string
	for path, t := range paths {
		switch {
		case t.length == 0 || tree.MaybeCopy(pathOnly(path)):
			look = append(look, path)
			continue
		case t.was.length == 0:
			sum.come(t.digest, t.length)
		case t.was.digest != t.digest:
			sum.changed++
			sum.bytes += int64(t.length)
		}
		sum.paths++
	}
	again = make(map[string]touch)
	found := make(map[string]bool, len(look))
	for v, err := range lookAt(ctx, c.b.in.tree, look) {
		if err != nil {
			return c.leave(again, found, look, paths), err
		}
		found[v.touched] = true
		if !v.Decided() && !c.late {
			again[v.touched] = paths[v.touched]
			continue
		}
		if err := c.version(ctx, paths[v.touched], v.Version); err != nil {
			return c.leave(again, found, look, paths), err
		}
	}
	for _, path := range look {
		if t := paths[path]; !found[path] && t.was.length > 0 {
			sum.gone(t.was.digest, t.was.length)
		}
	}
	sum.paths += int64(len(look) - len(again))
	return again, nil
}

// leave adds to what is looked at again what wasn't found when looking failed.
func (c *counter) leave(again map[string]touch, found map[string]bool, look []string, paths map[string]touch) map[string]touch {
	for _, path := range look {
		if !found[path] {
			again[path] = paths[path]
		}
	}
	return again
}

// version counts one path that had to be looked up.
func (c *counter) version(ctx context.Context, t touch, v tree.Version) error {
	if !v.Erases() {
		return c.b.sum.add(ctx, c.b.in.tree, t.was, v)
	}
	lawful, err := c.b.in.tree.MayErase(ctx, v)
	if err != nil {
		return err
	}
	if lawful {
		c.erased, c.eraser = append(c.erased, v.Path), c.j.doer(c.b, v)
		return nil
	}
	return c.b.sum.add(ctx, c.b.in.tree, t.was, v)
}
