package node

import (
	"context"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// tally is a sum of changes.
type tally struct {
	paths, added, changed, removed, conflicts, bytes int64
	came, went                                       map[willow.Digest]sized // files, while they are few enough
}

// sized counts files with one content.
type sized struct{ count, length int64 }

func (t *tally) come(d willow.Digest, length uint64) {
	t.added++
	t.bytes += int64(length)
	count(&t.came, d, length)
}

func (t *tally) gone(d willow.Digest, length uint64) {
	t.removed++
	count(&t.went, d, length)
}

func count(m *map[willow.Digest]sized, d willow.Digest, length uint64) {
	if *m == nil {
		*m = make(map[willow.Digest]sized)
	}
	if s, has := (*m)[d]; length > 0 && (has || len(*m) < maxRenames) {
		(*m)[d] = sized{s.count + 1, int64(length)}
	}
}

// join adds another tally.
func (t *tally) join(u tally) {
	t.paths += u.paths
	t.added += u.added
	t.changed += u.changed
	t.removed += u.removed
	t.conflicts += u.conflicts
	t.bytes += u.bytes
	for mine, theirs := range map[*map[willow.Digest]sized]map[willow.Digest]sized{&t.came: u.came, &t.went: u.went} {
		for d, s := range theirs {
			for range s.count {
				count(mine, d, uint64(s.length))
			}
		}
	}
}

// renamed returns the tally with what came and went at once taken out of both,
// and how many that were.
func (t tally) renamed() (rest tally, n int64) {
	for d, came := range t.came {
		both := min(came.count, t.went[d].count)
		n += both
		t.bytes -= both * came.length
	}
	t.added -= n
	t.removed -= n
	return t, n
}

// add counts what has become of one path.
func (t *tally) add(ctx context.Context, in *tree.View, b before, v tree.Version) error {
	was, exec, err := b.kind(ctx, in, v.Path)
	if err != nil {
		return err
	}
	switch live := was != 0 && was != tree.Tombstone; {
	case v.Live() && !live && v.ConflictOf != "":
		t.conflicts++
		t.bytes += int64(v.Length)
	case v.Live() && !live:
		t.come(v.Digest, v.Length)
	case v.Live() && (v.Digest != b.digest || v.Kind != was || v.Exec != exec):
		t.changed++
		t.bytes += int64(v.Length)
	case !v.Live() && live:
		t.gone(b.digest, b.length)
	}
	return nil
}

// kind returns what was at a path, and whether it was executable; 0 if nothing
// was. Entries without bytes have to be looked up to tell.
func (b before) kind(ctx context.Context, in *tree.View, path string) (k tree.Kind, exec bool, err error) {
	if !b.had {
		return 0, false, nil
	}
	versions, err := in.History(ctx, path)
	if err != nil {
		return 0, false, err
	}
	for _, v := range versions {
		if v.Timestamp == b.timestamp && v.Digest == b.digest {
			return v.Kind, v.Exec, nil
		}
	}
	if b.length > 0 {
		return tree.File, false, nil
	}
	return tree.Tombstone, false, nil
}
