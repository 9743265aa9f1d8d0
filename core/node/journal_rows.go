package node

import (
	"context"
	"maps"
	"slices"
	"time"

	"meadow/core/activity"
	"meadow/core/folder/tree"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// draft is what is to be written of batches.
type draft struct {
	drop []int64
	rows []activity.Row
	done []func(id int64) // parallel to rows: takes the ids that they got
}

func (d *draft) add(r activity.Row, done func(id int64)) {
	d.rows, d.done = append(d.rows, r), append(d.done, done)
}

// sort brings rows into the order in which things happened.
func (d *draft) sort() {
	order := make([]int, len(d.rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return d.rows[a].At.Compare(d.rows[b].At) })
	sorted := draft{drop: d.drop}
	for _, i := range order {
		sorted.add(d.rows[i], d.done[i])
	}
	*d = sorted
}

// files adds what is new of batches, and returns those. The caller holds writing.
func (j *journal) files(ctx context.Context, d *draft) []*batch {
	due := j.dueBatches()
	for _, b := range due {
		if !j.ready(b) {
			continue
		}
		var err error
		if j.isMany(b) {
			err = j.all(ctx, d, b)
		} else {
			err = j.few(ctx, d, b)
		}
		if err != nil {
			j.n.log.Debug("Changes of files weren't written to the log, trying again", "error", err)
			j.refresh(b)
		}
	}
	return due
}

// ready reports whether what a batch brought can be told: its space is open, and what
// goes from it now won't come back at once. Of deleted spaces nothing is told.
func (j *journal) ready(b *batch) bool {
	if b.in == nil {
		b.in = j.n.spaces.of(b.space)
	}
	if b.in != nil {
		return !j.n.spaces.isCalm(b.in)
	}
	if time.Since(b.since) > batchLate {
		j.mu.Lock()
		delete(j.batches, b.absenceKey)
		j.mu.Unlock()
	}
	return false
}

// dueBatches returns the batches with something new, the oldest first.
func (j *journal) dueBatches() (due []*batch) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, b := range j.batches {
		if b.fresh {
			due = append(due, b)
		}
	}
	slices.SortFunc(due, func(a, b *batch) int { return a.since.Compare(b.since) })
	return due
}

func (j *journal) isMany(b *batch) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return b.many()
}

// refresh has a batch looked at again.
func (j *journal) refresh(b *batch) {
	j.mu.Lock()
	defer j.mu.Unlock()
	b.fresh = true
}

// endBatches forgets batches that have come to an end; more says that there are
// others.
func (j *journal) endBatches() (more bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(j.batches, func(_ absenceKey, b *batch) bool { return b.over(now) })
	return len(j.batches) > 0
}

// few adds a row for each file of a batch.
func (j *journal) few(ctx context.Context, d *draft, b *batch) error {
	j.mu.Lock()
	paths, order, late := maps.Clone(b.paths), slices.Clone(b.order), time.Since(b.since) > batchLate
	b.fresh = false
	for path, t := range b.paths {
		t.fresh = false
		b.paths[path] = t
	}
	j.mu.Unlock()
	r := reading{j: j, b: b, late: late}
	again, err := r.read(ctx, paths)
	j.lookAgain(b, again)
	if err != nil {
		return err
	}
	if len(r.erased) > 0 {
		j.eraseLater(b.in, r.erased, r.eraser)
	}
	rows := maps.Clone(b.known)
	pairRenames(rows, paths)
	written := make(map[string]bool, len(rows))
	for _, path := range order { // all of them
		row, ok := rows[path]
		if !ok {
			continue
		}
		row.ID, row.At = b.rows[path], b.began
		j.finish(&row)
		written[path] = true
		d.add(row, func(id int64) { b.rows[path] = id })
	}
	for path, id := range b.rows {
		if !written[path] { // it is as it was before after all
			d.drop = append(d.drop, id)
			delete(b.rows, path)
		}
	}
	return nil
}

// lookAgain has paths of a batch looked at again.
func (j *journal) lookAgain(b *batch, again []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, path := range again {
		if t, still := b.paths[path]; still {
			t.fresh = true
			b.paths[path], b.fresh = t, true
		}
	}
}

// reading finds out what has become of the few paths of a batch.
type reading struct {
	j    *journal
	b    *batch
	late bool // what isn't decided won't be

	erased []string
	eraser mdn.DeviceInfo
}

// read looks at the fresh paths, and notes what is to be said of them. It returns
// those that can't be told yet.
func (r *reading) read(ctx context.Context, paths map[string]touch) (again []string, err error) {
	var fresh []string
	for path, t := range paths {
		if t.fresh {
			fresh = append(fresh, path)
		}
	}
	now := make(map[string]tree.Version)
	for v, err := range lookAt(ctx, r.b.in.tree, fresh) {
		if err != nil {
			return fresh, err
		}
		now[v.touched] = v.Version
	}
	for _, path := range fresh {
		v, found := now[path]
		if found && !v.Decided() && !r.late {
			again = append(again, path)
			continue
		}
		at, err := shownAt(ctx, r.b.in.tree, path)
		if err != nil {
			return fresh, err
		}
		row, ok, err := r.row(ctx, at, paths[path].was, v)
		if err != nil {
			return fresh, err
		}
		if delete(r.b.known, path); ok {
			r.b.known[path] = row
		}
	}
	return again, nil
}

// version returns the version that was at a path, the zero one if nothing was.
func (b before) version(ctx context.Context, in *tree.View, path string) (tree.Version, error) {
	if !b.had {
		return tree.Version{}, nil
	}
	versions, err := in.History(ctx, path)
	if err != nil {
		return tree.Version{}, err
	}
	for _, v := range versions {
		if v.Timestamp == b.timestamp && v.Digest == b.digest {
			return v, nil
		}
	}
	v := tree.Version{Path: path, Kind: tree.Tombstone, Timestamp: b.timestamp, Digest: b.digest, Length: b.length}
	if b.length > 0 {
		v.Kind = tree.File // its details aren't known
	}
	return v, nil
}

// row says what has become of one path; ok is false if there is nothing to say.
func (r *reading) row(ctx context.Context, path string, before before, v tree.Version) (row activity.Row, ok bool, err error) {
	was, err := before.version(ctx, r.b.in.tree, path)
	if err != nil {
		return row, false, err
	}
	row = activity.Row{Space: r.b.in.name(), SpaceID: r.b.in.id, Path: path, Bytes: int64(v.Length), Count: 1}
	by := r.j.doer(r.b, v)
	row.Device, row.Endpoint = by.Name, by.Endpoint
	switch {
	case v.Erases():
		return r.erasing(ctx, row, was, v)
	case v.Live() && !was.Live() && v.ConflictOf != "":
		row.Kind, row.Path, row.Details = ActivityConflict, v.ConflictOf, details("copy", inText(path))
		return row, true, nil
	case v.Live() && !was.Live():
		row.Kind = ActivityAdded
	case v.Live() && differs(v, was):
		row.Kind, row.Undo = ActivityChanged, undo(was)
	case !v.Live() && was.Live():
		row.Kind, row.Undo, row.Bytes = ActivityRemoved, undo(was), int64(was.Length)
	default:
		return row, false, nil
	}
	if v.Live() && v.Kind != tree.File {
		row.Details = details("kind", v.Kind.String())
	}
	return row, true, nil
}

// differs reports whether a version shows something else than another one.
func differs(v, was tree.Version) bool {
	return v.Digest != was.Digest || v.Kind != was.Kind || v.Exec != was.Exec
}

// erasing is row for a deletion that erases what was before, if it may.
func (r *reading) erasing(ctx context.Context, row activity.Row, was, v tree.Version) (activity.Row, bool, error) {
	lawful, err := r.b.in.tree.MayErase(ctx, v)
	if lawful {
		r.erased, r.eraser = append(r.erased, v.Path), r.j.doer(r.b, v)
	}
	row.Kind, row.Undo, row.Bytes = ActivityRemoved, undo(was), int64(was.Length)
	return row, !lawful && was.Live(), err
}

// undo is the version to restore in place of what came after it, "" if its bytes
// aren't here.
func undo(was tree.Version) string {
	if !was.Live() || !was.Present {
		return ""
	}
	return was.ID()
}

// doer returns who made a version that a batch brought.
func (j *journal) doer(b *batch, v tree.Version) mdn.DeviceInfo {
	if v.HasDetails {
		for _, d := range j.n.account.Devices() {
			if [32]byte(d.Receiver) == v.Author {
				return d
			}
		}
		for r, name := range j.n.account.Former() {
			if [32]byte(r) == v.Author {
				return mdn.DeviceInfo{Name: name}
			}
		}
	}
	if person, known := j.n.personWith(key.Receiver(v.Author)); known && v.HasDetails {
		return mdn.DeviceInfo{Name: person}
	}
	switch {
	case b.origin == 0:
		return j.self()
	case b.peer == key.Endpoint{}:
		return mdn.DeviceInfo{} // its session had ended already
	}
	return mdn.DeviceInfo{Name: j.n.deviceName(b.peer), Endpoint: b.peer}
}

// pairRenames makes one row of a file that went at one path and one that came at
// another, if they have the same bytes.
func pairRenames(rows map[string]activity.Row, paths map[string]touch) {
	gone := make(map[willow.Digest][]string)
	for _, path := range slices.Sorted(maps.Keys(rows)) {
		if t := paths[path]; rows[path].Kind == ActivityRemoved && t.was.length > 0 {
			gone[t.was.digest] = append(gone[t.was.digest], path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(rows)) {
		row := rows[path]
		from := gone[paths[path].digest]
		if row.Kind != ActivityAdded || len(from) == 0 {
			continue
		}
		row.Kind, row.Details = ActivityRenamed, details("from", inText(rows[from[0]].Path))
		gone[paths[path].digest] = from[1:]
		delete(rows, from[0])
		rows[path] = row
	}
}
