package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"meadow/core/activity"
)

// logged returns the whole log, the oldest first, written up to now.
func (d *device) logged(q ActivityQuery) []ActivityRow {
	d.t.Helper()
	must(d.t, d.journal.write(d.t.Context()))
	page, err := d.Activity(d.t.Context(), q)
	must(d.t, err)
	slices.Reverse(page.Rows)
	return page.Rows
}

// says writes rows in short, for comparing.
func says(rows []ActivityRow) (lines []string) {
	for _, r := range rows {
		line := r.Kind
		for _, part := range []OrNull{r.Device, r.Space, r.Path} {
			if part != "" {
				line += " " + string(part)
			}
		}
		for _, name := range []string{"from", "copy", "how"} {
			if text, ok := r.Details[name].(string); ok {
				line += " " + name + "=" + text
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func equalLines(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the log says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// files returns the rows about files.
func (d *device) fileRows() []ActivityRow {
	d.t.Helper()
	return slices.DeleteFunc(d.logged(ActivityQuery{}), func(r ActivityRow) bool {
		return !strings.HasPrefix(r.Kind, "file") && r.Kind != ActivityConflict && r.Kind != ActivityErased
	})
}

// endBatch ends the batches that are open, as a pause would.
func (d *device) endBatch() {
	d.t.Helper()
	must(d.t, d.journal.write(d.t.Context()))
	d.journal.mu.Lock()
	clear(d.journal.batches)
	d.journal.mu.Unlock()
}

func TestActivityOfFilesHere(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	d.put("Notes", "a.txt", "one")
	d.put("Notes", "b.txt", "two")
	d.endBatch()
	d.put("Notes", "a.txt", "one, changed")
	d.put("Notes", "a.txt", "one, changed again")
	_, err = d.Move(t.Context(), "Notes", "b.txt", "c.txt")
	must(t, err)
	d.endBatch()
	_, err = d.Remove(t.Context(), "Notes", "a.txt")
	must(t, err)
	d.endBatch()
	rows := d.fileRows()
	equalLines(t, says(rows), []string{
		"file_added laptop Notes a.txt", "file_added laptop Notes b.txt",
		"file_changed laptop Notes a.txt", "file_renamed laptop Notes c.txt from=b.txt",
		"file_removed laptop Notes a.txt",
	})
	for i, r := range rows {
		if undoable := r.Kind == ActivityChanged || r.Kind == ActivityRemoved; undoable != (r.Undo != nil) || !r.Self || r.Time.IsZero() {
			t.Errorf("row %d: %+v", i, r)
		}
	}
	u := rows[4].Undo
	w, err := d.Restore(t.Context(), u.Space, u.Path, u.Version)
	must(t, err)
	if got := d.get("Notes", "a.txt"); got != "one, changed again" || w.Bytes != int64(len(got)) {
		t.Errorf("restored %q", got)
	}
	u = rows[2].Undo
	_, err = d.Restore(t.Context(), u.Space, u.Path, u.Version)
	must(t, err)
	if got := d.get("Notes", "a.txt"); got != "one" {
		t.Errorf("restored %q", got)
	}
}

// TestActivityOfManyFiles: a batch of many files is one row, in place of those that
// were written while it was small.
func TestActivityOfManyFiles(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	for i := range filesListed {
		d.put("Notes", fmt.Sprintf("few/%02d", i), fmt.Sprint(i))
	}
	if rows := d.fileRows(); len(rows) != filesListed {
		t.Fatalf("%d rows for few files", len(rows))
	}
	d.journal.writing.Lock() // or what goes within a batch may count
	for i := range 30 {
		d.put("Notes", fmt.Sprintf("many/%02d", i), "x")
	}
	_, err = d.Remove(t.Context(), "Notes", "many/07")
	must(t, err)
	d.journal.writing.Unlock()
	rows := d.fileRows()
	if len(rows) != 1 || rows[0].Kind != ActivityFiles || rows[0].Count != 49 || rows[0].Path != "" {
		t.Fatalf("the log has %+v", rows)
	}
	listed := rows[0].Details["paths"].([]any)
	if len(listed) != filesListed || rows[0].Details["added"] != 49.0 || rows[0].Bytes != 30+29 {
		t.Errorf("the row is %+v", rows[0])
	}
	_, err = d.Move(t.Context(), "Notes", "few", "more")
	must(t, err)
	d.put("Notes", "empty", "")
	rows = d.fileRows()
	if len(rows) != 1 {
		t.Fatalf("the log has %+v", rows)
	}
	d.endBatch()
	for i := range 25 {
		d.put("Notes", fmt.Sprintf("more/%02d", i), "changed "+fmt.Sprint(i))
	}
	_, err = d.Remove(t.Context(), "Notes", "many")
	must(t, err)
	rows = d.fileRows()
	last := rows[len(rows)-1].Details
	if len(rows) != 2 || last["added"] != 5.0 || last["changed"] != 20.0 || last["removed"] != 29.0 {
		t.Errorf("the log has %+v", rows)
	}
}

// TestActivityFromElsewhere: what another device does is told in its name, and what
// a catch-up brings is one row if it is much.
func TestActivityFromElsewhere(t *testing.T) {
	laptop, desk := paired(t)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	laptop.put("Notes", "a.txt", "one")
	laptop.inStep("desk")
	equalLines(t, says(desk.fileRows()), []string{"file_added laptop Notes a.txt"})
	desk.endBatch()
	desk.close()
	for i := range 30 {
		laptop.put("Notes", fmt.Sprintf("%02d", i), strings.Repeat("x", i))
	}
	desk.start()
	desk.inStep("laptop")
	rows := desk.fileRows()
	if len(rows) != 2 || rows[1].Kind != ActivityFiles || rows[1].Count != 30 || rows[1].Device != "laptop" || rows[1].Self ||
		string(rows[1].Endpoint) != laptop.cfg.Device.Endpoint().String() || rows[1].Bytes != 29*30/2 {
		t.Errorf("the log has %+v", rows)
	}
	var kinds []string
	for _, r := range desk.logged(ActivityQuery{}) {
		if !strings.HasPrefix(r.Kind, "file") {
			kinds = append(kinds, r.Kind)
		}
	}
	if want := []string{ActivityJoined, ActivitySpaceAdded}; !slices.Equal(kinds, want) {
		t.Errorf("beside files the log has %q, want %q", kinds, want)
	}
}

func TestActivitySearch(t *testing.T) {
	d := alone(t)
	for _, name := range []string{"Notes", "Photos"} {
		_, err := d.SpaceCreate(t.Context(), name)
		must(t, err)
	}
	d.put("Notes", "Übung/Straße.txt", "x")
	d.put("Photos", "sea.jpg", "x")
	d.endBatch()
	_, err := d.DeviceRename(t.Context(), "laptop", "Old laptop")
	must(t, err)
	d.until("the device is called otherwise", func() bool {
		return slices.ContainsFunc(d.logged(ActivityQuery{}), func(r ActivityRow) bool { return r.Kind == ActivityDeviceRenamed })
	})
	for _, row := range []struct {
		q    ActivityQuery
		want int
	}{
		{ActivityQuery{Text: "übung"}, 1},
		{ActivityQuery{Text: "STRASSE"}, 0}, // it is folded, not taken apart
		{ActivityQuery{Text: "STRAẞE"}, 1},
		{ActivityQuery{Text: "added file"}, 2},
		{ActivityQuery{Text: "100%"}, 0},
		{ActivityQuery{Space: "Photos"}, 2},
		{ActivityQuery{Space: "Photos", Kind: ActivityAdded}, 1},
		{ActivityQuery{Kind: "file_added,space_added"}, 4},
		{ActivityQuery{Kind: "added"}, 0},
		{ActivityQuery{Device: "laptop"}, 2},     // as it was called
		{ActivityQuery{Device: "Old laptop"}, 3}, // the device itself
		{ActivityQuery{Space: "nothing"}, 0},
		{ActivityQuery{Limit: 1}, 1},
	} {
		if rows := d.logged(row.q); len(rows) != row.want {
			t.Errorf("%+v finds %q", row.q, says(rows))
		}
	}
	page, err := d.Activity(t.Context(), ActivityQuery{Limit: 3})
	must(t, err)
	all := page.Rows
	for page.Next != 0 {
		page, err = d.Activity(t.Context(), ActivityQuery{Limit: 3, Before: int64(page.Next)})
		must(t, err)
		all = append(all, page.Rows...)
	}
	slices.Reverse(all)
	if whole := d.logged(ActivityQuery{}); !slices.Equal(says(whole), says(all)) || len(all) < 4 {
		t.Errorf("by pages %q, whole %q", says(all), says(whole))
	}
}

// TestEraseForgetsActivity: what was erased is in no row any more, nor in the files
// of the database, on both devices.
func TestEraseForgetsActivity(t *testing.T) {
	laptop, desk := paired(t)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	laptop.put("Notes", "a-secret-name", "x")
	laptop.put("Notes", "kept", "y")
	_, err = laptop.Move(t.Context(), "Notes", "a-secret-name", "another")
	must(t, err)
	_, err = laptop.Move(t.Context(), "Notes", "another", "a-secret-name")
	must(t, err)
	laptop.inStep("desk")
	for _, d := range []*device{laptop, desk} {
		d.endBatch()
		if len(d.logged(ActivityQuery{Text: "a-secret-name"})) == 0 {
			t.Fatalf("%s doesn't know it", d.home.Dir)
		}
	}
	for i := range 30 {
		laptop.put("Notes", fmt.Sprintf("%02d", i), "x")
	}
	laptop.put("Notes", "a-secret-name", "changed")
	laptop.endBatch()
	_, err = laptop.Erase(t.Context(), "Notes", "a-secret-name")
	must(t, err)
	if rows := laptop.logged(ActivityQuery{Text: "a-secret-name"}); len(rows) > 0 {
		t.Errorf("laptop's log still says %q", says(rows))
	}
	if rows := laptop.logged(ActivityQuery{Kind: ActivityErased}); len(rows) != 1 || rows[0].Count != 1 || rows[0].Path != "" {
		t.Errorf("of the erasing it says %+v", rows)
	}
	laptop.inStep("desk")
	desk.until("desk has forgotten it", func() bool {
		return len(desk.logged(ActivityQuery{Text: "a-secret-name"})) == 0 && len(desk.logged(ActivityQuery{Kind: ActivityErased})) == 1
	})
	if rows := desk.logged(ActivityQuery{Text: "kept"}); len(rows) != 1 {
		t.Errorf("of another file it says %q", says(rows))
	}
}

// TestErasedIsNotedOnce, though the log may be written at any moment.
func TestErasedIsNotedOnce(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	written := make(chan error, 1)
	ctx, done := context.WithCancel(t.Context())
	go func() {
		var err error
		for err == nil && ctx.Err() == nil {
			err = d.journal.write(context.Background())
		}
		written <- err
	}()
	const n = 5
	for i := range n {
		d.put("Notes", fmt.Sprint(i), "x")
		_, err := d.Erase(t.Context(), "Notes", fmt.Sprint(i))
		must(t, err)
	}
	done()
	must(t, <-written)
	d.endBatch()
	if rows := d.logged(ActivityQuery{Kind: ActivityErased}); len(rows) != n {
		t.Errorf("of %d the log says %q", n, says(rows))
	}
}

// TestActivityOutlivesFailures: a log that can't be written stops nothing, and goes
// on where it was.
func TestActivityOutlivesFailures(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	log := &brokenLog{Activity: d.cfg.Activity}
	d.journal.writing.Lock()
	d.cfg.Activity = log
	d.journal.writing.Unlock()
	d.put("Notes", "a", "x")
	if err := d.journal.write(t.Context()); err == nil {
		t.Error("it was written")
	}
	d.put("Notes", "b", "x")
	_, err = d.Pause(t.Context(), 0)
	must(t, err)
	d.journal.writing.Lock()
	d.cfg.Activity = log.Activity
	d.journal.writing.Unlock()
	equalLines(t, says(d.logged(ActivityQuery{})), []string{
		"space_added Notes how=created", "file_added laptop Notes a", "file_added laptop Notes b", "paused",
	})
}

func TestActivityRowsInJSON(t *testing.T) {
	n := alone(t)
	row := n.activityRow(&activity.Row{
		ID: 7, At: n.cfg.Now(), Kind: ActivityChanged, Device: "desk", Space: "Notes", Path: "a\xff", Bytes: 3, Count: 1, Undo: "0123456789abcdef",
	})
	row.Time = Time{}
	b, err := json.Marshal(row)
	must(t, err)
	want := `{"id":7,"time":null,"kind":"file_changed","device":"desk","endpoint":null,"self":false,"space":"Notes","space_id":null,` +
		`"path":"a\ufffd","path_b64":"Yf8=","bytes":3,"count":1,"details":{},` +
		`"undo":{"do":"restore","space":"0000000000000000000000000000000000000000000000000000000000000000","path":"a\ufffd","version":"0123456789abcdef"}}`
	if string(b) != want {
		t.Errorf("%s\nwant\n%s", b, want)
	}
}

// brokenLog can't be written.
type brokenLog struct{ Activity }

func (brokenLog) Put(context.Context, []int64, []activity.Row) ([]int64, error) {
	return nil, errors.New("the disk is full")
}

// TestRemovedDeviceInActivity: when a device is removed, what it wrote is vouched for
// by another one. For files that is no change, on any device.
func TestRemovedDeviceInActivity(t *testing.T) {
	laptop, desk := paired(t)
	tower := fresh(t, "", "tower").start()
	pair(t, laptop, tower)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	laptop.inStep("desk", "tower")
	for i := range 5 {
		desk.put("Notes", fmt.Sprintf("by desk %d", i), fmt.Sprint(i))
	}
	desk.inStep("laptop", "tower")
	before := map[*device][]string{}
	for _, d := range []*device{laptop, tower} {
		d.endBatch()
		before[d] = says(d.fileRows())
	}
	_, err = laptop.DeviceRemove(t.Context(), "desk", DeviceRemoveOptions{Anyway: true})
	must(t, err)
	laptop.inStep("tower")
	for _, d := range []*device{laptop, tower} {
		d.until("it is noted", func() bool { return len(d.logged(ActivityQuery{Kind: ActivityDeviceRemoved})) == 1 })
		d.until("the space goes on", func() bool {
			must(t, d.journal.write(t.Context()))
			d.journal.mu.Lock()
			defer d.journal.mu.Unlock()
			for _, b := range d.journal.batches {
				if b.fresh {
					d.bus.pulse()
					return false
				}
			}
			return true
		})
		if len(before[d]) != 5 {
			t.Errorf("%s had %q", d.home.Dir, before[d])
		}
		equalLines(t, says(d.fileRows()), before[d])
	}
}
