package node

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// days are simulated: what a device has for clocks, and how long it has run.
type clocks struct {
	mu        sync.Mutex
	wall, ran time.Duration
}

// simulate gives a running device clocks that a test moves.
func (d *device) simulate() *clocks {
	c := &clocks{}
	began := time.Now()
	a := d.age
	a.mu.Lock()
	defer a.mu.Unlock()
	at := a.ran()
	a.wall = func() time.Time {
		c.mu.Lock()
		defer c.mu.Unlock()
		return time.Now().Add(c.wall)
	}
	a.ran = func() time.Duration {
		c.mu.Lock()
		defer c.mu.Unlock()
		return at + time.Since(began) + c.ran
	}
	d.blobs.SetClock(func() time.Time {
		c.mu.Lock()
		defer c.mu.Unlock()
		return time.Now().Add(c.ran)
	})
	return c
}

// live lets the device live through some time.
func (c *clocks) live(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall += d
	c.ran += d
}

// jump sets the system's clock.
func (c *clocks) jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall += d
}

// count returns how many events of a name a device remembers.
func (d *device) count(name string) (n int) {
	events, _, _ := d.bus.since(0)
	for _, e := range events {
		if e.Name == name {
			n++
		}
	}
	return n
}

// tidied has the device look for what is over its time, and waits until it has.
func (d *device) tidied() {
	d.t.Helper()
	before := d.count("freed")
	d.keeper.wake.kick()
	d.until("tidies up", func() bool { return d.count("freed") > before })
}

func (d *device) versions(space, path string) []Version {
	d.t.Helper()
	vs, err := d.History(d.t.Context(), space, path)
	must(d.t, err)
	return vs
}

// holding returns the files of the home that contain a text.
func (d *device) holding(text string) (files []string) {
	d.t.Helper()
	must(d.t, filepath.WalkDir(d.home.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			files = append(files, path)
		}
		return err
	}))
	return files
}

const mark = "what was written first, and nowhere else"

// TestRetention is S18 for history that is over its time.
func TestRetention(t *testing.T) {
	d := alone(t)
	ctx := t.Context()
	_, err := d.SpaceCreate(ctx, "Notes")
	must(t, err)
	large := strings.Repeat(mark, 1+blob.InlineLimit/len(mark))
	for path, text := range map[string]string{"small": mark, "large": large} {
		d.put("Notes", path, text)
		d.put("Notes", path, "second")
		d.put("Notes", path, "third")
	}
	d.put("Notes", "gone", mark+" too")
	_, err = d.Remove(ctx, "Notes", "gone")
	must(t, err)
	days := d.simulate()
	spaces, err := d.SpaceList(ctx)
	must(t, err)
	if got, want := spaces[0].HistoryBytes, int64(len(large)); got < want || got > 2*want {
		t.Errorf("history takes %d bytes, want about %d", got, want)
	}
	days.live(29 * day)
	d.tidied()
	if got := len(d.versions("Notes", "small")); got != 3 || len(d.holding(mark)) == 0 {
		t.Errorf("after 29 days %d versions are there", got)
	}
	set, err := d.Settings(ctx, SettingsChange{HistoryDays: ptr(7), DryRun: true})
	must(t, err)
	if set.Frees < int64(len(large)) || set.HistoryDays != 7 || d.account.HistoryDays() != 30 {
		t.Errorf("a week of history would free %+v", set)
	}
	days.live(2 * day)
	d.tidied()
	for _, path := range []string{"small", "large", "gone"} {
		if vs := d.versions("Notes", path); len(vs) != 1 {
			t.Errorf("after 31 days %s has %+v", path, vs)
		}
	}
	if left := d.holding(mark); len(left) > 0 {
		t.Errorf("the bytes are left in %q", left)
	}
	if spaces, err = d.SpaceList(ctx); err != nil || spaces[0].HistoryBytes != 0 {
		t.Errorf("history takes %d bytes, %v", spaces[0].HistoryBytes, err)
	}
	if got := d.get("Notes", "small") + d.get("Notes", "large"); got != "thirdthird" {
		t.Errorf("what is shown has become %q", got)
	}
}

func ptr[T any](v T) *T { return &v }

// TestShorterRetention takes effect at once, also on the other devices.
func TestShorterRetention(t *testing.T) {
	laptop, desk := paired(t)
	ctx := t.Context()
	_, err := laptop.SpaceCreate(ctx, "Notes")
	must(t, err)
	laptop.put("Notes", "f", "one")
	laptop.inStep("desk")
	laptop.put("Notes", "f", "two")
	laptop.inStep("desk")
	for _, d := range []*device{laptop, desk} {
		days := d.simulate()
		days.live(5 * day)
		if got := len(d.versions("Notes", "f")); got != 2 {
			t.Errorf("%d versions", got)
		}
	}
	_, err = laptop.Settings(ctx, SettingsChange{HistoryDays: ptr(3)})
	must(t, err)
	for _, d := range []*device{laptop, desk} {
		d.until("drops what is over its time", func() bool { return d.count("freed") > 0 && len(d.versions("Notes", "f")) == 1 })
	}
	for _, days := range []int{0, 366} {
		_, err = laptop.Settings(ctx, SettingsChange{HistoryDays: &days})
		fails(t, err, CodeUsage)
	}
}

// TestClockFarAhead wipes nothing: not history, nor what is being written, nor a
// space that was deleted a moment ago.
func TestClockFarAhead(t *testing.T) {
	d := alone(t)
	ctx := t.Context()
	for _, name := range []string{"Notes", "Old"} {
		_, err := d.SpaceCreate(ctx, name)
		must(t, err)
	}
	d.put("Notes", "f", "one")
	d.put("Notes", "f", "two")
	_, err := d.SpaceDelete(ctx, "Old", true)
	must(t, err)
	days := d.simulate()
	d.tidied()
	days.jump(10 * 365 * day)
	d.tidied()
	days.live(5 * time.Minute)
	d.tidied()
	if vs := d.versions("Notes", "f"); len(vs) != 2 || !vs[1].Restorable {
		t.Errorf("history is %+v", vs)
	}
	if gone, err := d.SpaceListDeleted(ctx); err != nil || len(gone) != 1 {
		t.Errorf("deleted spaces: %+v, %v", gone, err)
	}
	d.again()
	if vs := d.versions("Notes", "f"); len(vs) != 2 {
		t.Errorf("after a restart history is %+v", vs)
	}
	days = d.simulate()
	days.live(31 * day)
	d.tidied()
	if vs := d.versions("Notes", "f"); len(vs) != 1 {
		t.Errorf("after a month history is %+v", vs)
	}
}

// TestDeletedSpaceEnds after 30 days, on each device by itself, and comes back from
// one that still has it.
func TestDeletedSpaceEnds(t *testing.T) {
	laptop, desk := paired(t)
	ctx := t.Context()
	s, err := laptop.SpaceCreate(ctx, "Notes")
	must(t, err)
	laptop.put("Notes", "f", mark)
	laptop.inStep("desk")
	gone, err := laptop.SpaceDelete(ctx, "Notes", true)
	must(t, err)
	desk.until("hears of it", func() bool { return desk.count("space_deleted") == 1 })
	days := laptop.simulate()
	laptop.tidied() // it notes when it heard of it
	days.live(29 * day)
	laptop.tidied()
	list, err := laptop.SpaceListDeleted(ctx)
	must(t, err)
	if len(list) != 1 || list[0].ID != gone.ID || list[0].Entries != 1 || list[0].Bytes != int64(len(mark)) || list[0].Name != "Notes" {
		t.Errorf("after 29 days: %+v", list)
	}
	days.live(2 * day)
	laptop.tidied()
	if list, err = laptop.SpaceListDeleted(ctx); err != nil || len(list) > 0 {
		t.Errorf("after 31 days: %+v, %v", list, err)
	}
	_, err = laptop.SpaceUndelete(ctx, s.ID, "")
	fails(t, err, CodeNotFound)
	id := laptop.account.DroppedSpaces()[0]
	desk.inStep("laptop")
	sum, err := laptop.db.Entries().Summary(ctx, id, willow.FullRange, willow.FullArea)
	if err != nil || sum.Count != 0 {
		t.Errorf("%d entries are left, or came again, %v", sum.Count, err)
	}
	laptop.tidied()
	if left := laptop.holding(mark); len(left) > 0 {
		t.Errorf("its bytes are left in %q", left)
	}

	back, err := desk.SpaceUndelete(ctx, "Notes", "")
	must(t, err)
	if back.Entries != 1 {
		t.Errorf("back on the other device: %+v", back)
	}
	laptop.until("gets it again", func() bool { _, err := laptop.spaces.find("Notes"); return err == nil })
	laptop.inStep("desk")
	if got := laptop.get("Notes", "f"); got != mark {
		t.Errorf("f has %q", got)
	}
}

// TestDeletedTwice: the days of a deletion don't count for a later one.
func TestDeletedTwice(t *testing.T) {
	d := alone(t)
	ctx := t.Context()
	_, err := d.SpaceCreate(ctx, "Notes")
	must(t, err)
	_, err = d.SpaceDelete(ctx, "Notes", false)
	fails(t, err, CodeUsage)
	_, err = d.SpaceDelete(ctx, "Notes", true)
	must(t, err)
	_, err = d.SpaceDelete(ctx, "Notes", true)
	fails(t, err, CodeNotFound)
	days := d.simulate()
	d.tidied()
	days.live(29 * day)
	_, err = d.SpaceUndelete(ctx, "Notes", "a/b")
	fails(t, err, CodeUsage)
	_, err = d.SpaceUndelete(ctx, "Notes", "Journal")
	must(t, err)
	_, err = d.SpaceDelete(ctx, "Journal", true)
	must(t, err)
	days.live(2 * day)
	d.tidied()
	if list, err := d.SpaceListDeleted(ctx); err != nil || len(list) != 1 {
		t.Errorf("deleted spaces %+v, %v", list, err)
	}
}

// TestDropIsFinished after a crash in the middle of it.
func TestDropIsFinished(t *testing.T) {
	d := alone(t)
	ctx := t.Context()
	s, err := d.SpaceCreate(ctx, "Notes")
	must(t, err)
	d.put("Notes", "f", "text")
	_, err = d.SpaceDelete(ctx, "Notes", true)
	must(t, err)
	id := d.account.DeletedSpaces()[0].ID
	must(t, d.account.DropSpace(ctx, id)) // and then the power is cut
	d.again()
	d.until("finishes", func() bool {
		sum, err := d.db.Entries().Summary(ctx, id, willow.FullRange, willow.FullArea)
		d.bus.pulse()
		return err == nil && sum.Count == 0
	})
	if id.String() != s.ID || len(d.account.DroppedSpaces()) != 1 {
		t.Errorf("dropped %v", d.account.DroppedSpaces())
	}
}

// TestEraseTellsWhereTheBytesAre: a file that was moved, or copied.
func TestEraseTellsWhereTheBytesAre(t *testing.T) {
	d := alone(t)
	ctx := t.Context()
	_, err := d.SpaceCreate(ctx, "Notes")
	must(t, err)
	d.put("Notes", "first", mark)
	_, err = d.Move(ctx, "Notes", "first", "second")
	must(t, err)
	d.put("Notes", "copy", mark)
	d.put("Notes", "other", "text")
	r, err := d.Erase(ctx, "Notes", "second")
	must(t, err)
	if r.Removed != 1 || r.Erased != 1 || strings.Join(r.Elsewhere, " ") != "copy first" {
		t.Errorf("erased %+v", r)
	}
	for _, path := range []string{"copy", "first"} { // one is shown, one is history
		r, err = d.Erase(ctx, "Notes", path)
		must(t, err)
	}
	if len(r.Elsewhere) > 0 || r.Removed != 0 || r.Erased != 1 {
		t.Errorf("erased the last: %+v", r)
	}
	d.until("the bytes go", func() bool { return d.count("erased") > 0 })
	if left := d.holding(mark); len(left) > 0 {
		t.Errorf("they are left in %q", left)
	}
	_, err = d.Erase(ctx, "Notes", "never")
	fails(t, err, CodeNotFound)
	_, err = d.Erase(ctx, "Notes", "../never")
	fails(t, err, CodeUsage)
	if got := mdn.DefaultHistoryDays; d.account.HistoryDays() != got {
		t.Error("the settings changed")
	}
}

// TestEraseElsewhereRemovesCopies of the database: of what another device has erased.
func TestEraseElsewhereRemovesCopies(t *testing.T) {
	d := alone(t)
	file := d.cfg.Home.Database() + ".v1"
	must(t, os.WriteFile(file, []byte(mark), 0o600))
	d.keeper.erase([]willow.Digest{{1}})
	d.until("erases", func() bool { return d.count("erased") > 0 })
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the copy is there: %v", err)
	}
}
