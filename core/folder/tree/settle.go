package tree

import (
	"context"
	"errors"
	"maps"
	"slices"

	"meadow/core/willow"
)

// maxRows bounds how much history one step of settling holds in memory.
const maxRows = 8192

// Settled says what Settle has done.
type Settled struct {
	Copies    int // conflict copies written
	Rewritten int // edits that a deletion hadn't seen, written again
	Moved     int // files that had a folder's name, moved to a conflict copy
	Erased    int // rows of history that were erased for good
	Waiting   int // paths whose details or bytes must arrive before they can be judged
}

// Settle saves what foreign entries have pushed out without having seen it:
// conflict copies, edits that come back over deletions, files that move out of a
// folder's way. It goes through the history that it hasn't judged yet and the
// paths that changed; call it after entries or payloads have come in. Versions
// that can't be judged yet, or that this device may not write, wait for the next
// call. Calling it again does nothing; all of it is the same on every device.
//
// It is about all that was committed before: a caller may have been told of a commit
// by the store before the tree was.
func (t *Tree) Settle(ctx context.Context) (done Settled, err error) {
	if err := t.Entries.Told(ctx); err != nil {
		return done, err
	}
	return t.settle(ctx)
}

// settle is Settle for what the tree has been told of.
func (t *Tree) settle(ctx context.Context) (done Settled, err error) {
	t.settling.Lock()
	defer t.settling.Unlock()
	paths, all := t.news.take() // before the history is read, so that nothing slips through
	later := map[string]struct{}{}
	defer func() {
		if err != nil {
			t.news.giveBack(paths, all)
		}
		t.news.giveBack(slices.Collect(maps.Keys(later)), false)
		done.Waiting = len(later)
	}()
	if done, err = t.settleHistory(ctx, later); err != nil {
		return done, err
	}
	if all {
		if paths, err = t.overlaid(ctx); err != nil {
			return done, err
		}
	}
	done.Moved, err = t.settleNews(ctx, paths, later)
	return done, err
}

// settleHistory judges the history that hasn't been judged yet, newest first,
// and adds the paths that must wait to later.
func (t *Tree) settleHistory(ctx context.Context, later map[string]struct{}) (total Settled, err error) {
	p, err := node("")
	if err != nil {
		return total, err
	}
	area := t.area(p)
	for {
		rows := map[string][]unjudged{}
		n, last := 0, willow.Timestamp(0)
		for r, err := range t.Entries.History(ctx, t.Namespace, area, true) {
			if err != nil {
				return total, err
			}
			if n >= maxRows && r.Entry.Timestamp < last {
				break
			}
			path, _, _ := place(r.Entry.Path)
			rows[path] = append(rows[path], t.unjudged(r))
			n, last = n+1, r.Entry.Timestamp
		}
		step, err := t.settleRows(ctx, rows, later)
		total.Copies += step.Copies
		total.Rewritten += step.Rewritten
		total.Erased += step.Erased
		if err != nil || n < maxRows || last == 0 {
			return total, err
		}
		area.Times = willow.TimeRange{End: last}
	}
}

// unjudged is a row of history without its token, which is large.
type unjudged struct {
	id    int64
	entry willow.Entry
	dead  bool // under a dead chain
}

func (t *Tree) unjudged(r willow.Past) unjudged {
	return unjudged{r.ID, r.Entry, t.Live != nil && !t.Live(r.Token.Capability)}
}

// settlePath judges the history of one path before this device writes there.
// Nothing of its own may wait: a winner without details has seen nothing.
func (t *Tree) settlePath(ctx context.Context, path string) error {
	p, err := payloadPath(path)
	if err != nil {
		return nil // no entry can be there
	}
	rows := map[string][]unjudged{}
	for r, err := range t.Entries.History(ctx, t.Namespace, t.area(p), true) {
		if err != nil {
			return err
		}
		if at, _, _ := place(r.Entry.Path); at == path {
			rows[path] = append(rows[path], t.unjudged(r))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err = t.settleRows(ctx, rows, nil)
	return err
}

// settleRows judges rows of history by path: first all that must be saved is
// written, in one commit, then the rows are marked. Paths that must wait are added
// to later; if that is nil, this device's own versions don't wait for the
// winner's details.
func (t *Tree) settleRows(ctx context.Context, rows map[string][]unjudged, later map[string]struct{}) (Settled, error) {
	var done Settled
	var ids []int64
	saves := map[string]draft{}
	paths := slices.Sorted(maps.Keys(rows))
	latest, err := t.latest(ctx, paths)
	if err != nil {
		return done, err
	}
	for _, path := range paths {
		j := judge{tree: t, path: path, own: later == nil, saves: saves, latest: latest[path]}
		for _, r := range rows[path] {
			if r.dead {
				ids = append(ids, r.id)
				continue
			}
			ok, err := j.row(ctx, r.entry)
			if err != nil {
				return done, err
			}
			switch {
			case ok:
				ids = append(ids, r.id)
			case later != nil:
				later[path] = struct{}{}
			}
		}
	}
	refused, err := t.saveAll(ctx, saves, &done)
	for _, path := range refused {
		if later != nil {
			later[path] = struct{}{}
		}
	}
	if err != nil || len(refused) > 0 {
		return done, err // not marked, all is judged again
	}
	if done.Erased, err = t.eraseAsked(ctx, paths, latest); err != nil {
		return done, err
	}
	if len(ids) == 0 {
		return done, nil
	}
	return done, t.Entries.MarkPast(ctx, ids...)
}

// saveAll is save for the drafts of a step, which it counts. It returns the paths of
// those that this device can't sign.
func (t *Tree) saveAll(ctx context.Context, saves map[string]draft, done *Settled) ([]string, error) {
	drafts := make([]draft, 0, len(saves))
	for _, path := range slices.Sorted(maps.Keys(saves)) {
		drafts = append(drafts, saves[path])
	}
	shown, refused, err := t.save(ctx, drafts)
	for _, d := range shown {
		if d.rewritten {
			done.Rewritten++
		} else {
			done.Copies++
		}
	}
	return refused, err
}

// latest returns the versions of paths that have any.
func (t *Tree) latest(ctx context.Context, paths []string) (map[string]Version, error) {
	found := make(map[string]Version, len(paths))
	for v, err := range t.LookupAll(ctx, paths) {
		if err != nil {
			return nil, err
		}
		found[v.Path] = v
	}
	return found, nil
}

// save inserts drafts in commits of at most maxBatch. It returns those that are
// shown now, and the paths of those that this device can't sign after all.
func (t *Tree) save(ctx context.Context, drafts []draft) (shown []draft, refused []string, err error) {
	for batch := range slices.Chunk(drafts, maxBatch) {
		vs, err := t.insert(ctx, batch)
		if errors.Is(err, ErrNotAllowed) && len(batch) > 1 {
			half := len(batch) / 2
			for _, part := range [][]draft{batch[:half], batch[half:]} {
				s, r, err := t.save(ctx, part)
				shown, refused = append(shown, s...), append(refused, r...)
				if err != nil {
					return shown, refused, err
				}
			}
			continue
		}
		if errors.Is(err, ErrNotAllowed) {
			t.Log.WarnContext(ctx, "a version can't be saved by this device", "error", err)
			refused = append(refused, batch[0].path)
			continue
		}
		if err != nil {
			return shown, refused, err
		}
		for i, v := range vs {
			if v.Kind != 0 {
				shown = append(shown, batch[i])
			}
		}
	}
	return shown, refused, nil
}
