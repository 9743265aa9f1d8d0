package folder

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"meadow/core/folder/tree"
)

func TestRacy(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 500, time.UTC)
	at := func(d time.Duration) int64 { return now.Add(d).UnixNano() }
	whole := func(d time.Duration) int64 { return now.Add(d).Truncate(time.Second).UnixNano() }
	for name, c := range map[string]struct {
		stat         stat
		remote, seen bool
		want         time.Duration
	}{
		"just now":                    {stat{ctimeNS: at(-time.Millisecond)}, false, false, 2 * raceWindow},
		"a while ago":                 {stat{ctimeNS: at(-time.Second)}, false, false, 0},
		"mtime in the future":         {stat{ctimeNS: at(-time.Second), mtimeNS: at(20 * 365 * 24 * time.Hour)}, false, false, 0},
		"mtime in the past":           {stat{ctimeNS: at(0), mtimeNS: at(-time.Hour)}, false, false, 2 * raceWindow},
		"the clock went back":         {stat{ctimeNS: at(time.Hour)}, false, false, 0},
		"the clock went back a bit":   {stat{ctimeNS: at(time.Millisecond)}, false, false, 2 * raceWindow},
		"coarse":                      {stat{ctimeNS: whole(-time.Second)}, false, false, 2 * coarseWindow},
		"coarse, long ago":            {stat{ctimeNS: whole(-time.Minute)}, false, false, 0},
		"no ctime":                    {stat{mtimeNS: at(-time.Millisecond)}, false, false, 2 * raceWindow},
		"no ctime, coarse":            {stat{mtimeNS: whole(-time.Second)}, false, false, 2 * coarseWindow},
		"a server's clock":            {stat{ctimeNS: at(time.Minute)}, true, false, 2 * coarseWindow},
		"a server's clock, seen":      {stat{ctimeNS: at(time.Minute)}, true, true, 0},
		"a server's clock, long ago":  {stat{ctimeNS: at(-time.Hour)}, true, false, 0},
		"seen, but still just now":    {stat{ctimeNS: at(-time.Millisecond)}, false, true, 2 * raceWindow},
		"the clock was set long ago":  {stat{ctimeNS: at(-20 * 365 * 24 * time.Hour)}, false, false, 0},
		"the clock was years ahead":   {stat{ctimeNS: at(20 * 365 * 24 * time.Hour)}, false, false, 0},
		"years ahead, in whole years": {stat{ctimeNS: whole(20 * 365 * 24 * time.Hour)}, false, false, 0},
	} {
		if got := c.stat.racy(now, c.remote, c.seen); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// newIdle makes a Folder on a directory that nothing runs for.
func newIdle(t *testing.T) (f *Folder, ds *dirs, top string) {
	t.Helper()
	top = t.TempDir()
	f, err := New(Config{Dir: top})
	if err != nil {
		t.Fatal(err)
	}
	f.watch = &watcher{blind: newBlind()}
	if ds, err = openDirs(top); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ds.close)
	return f, ds, top
}

// TestFolderVanishesDuringALook removes a folder that is open for a look, so that
// its listing fails though opening it did not.
func TestFolderVanishesDuringALook(t *testing.T) {
	f, ds, top := newIdle(t)
	sub := filepath.Join(top, "sub")
	vanish := func() *dir {
		t.Helper()
		if err := os.Mkdir(sub, 0o777); err != nil {
			t.Fatal(err)
		}
		ds.forget("sub")
		d, err := ds.dir("sub")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(sub); err != nil {
			t.Fatal(err)
		}
		return d
	}
	t.Run("walk", func(t *testing.T) {
		vanish()
		f.rows["sub/f"] = Row{Path: "sub/f", Kind: uint8(tree.File)}
		w := f.newWalker(ds)
		if err := w.walk(t.Context(), "sub"); err != nil {
			t.Error(err)
		}
		if fd := w.finish(); len(fd.issues) > 0 || len(fd.gone) > 0 {
			t.Errorf("issues %v, gone %v", fd.issues, fd.gone)
		}
		delete(f.rows, "sub/f")
	})
	t.Run("empty", func(t *testing.T) {
		vanish()
		in := &intake{f: f, ds: ds}
		empty := map[string]found{}
		if err := in.maybeEmpty("sub", empty); err != nil || len(empty) > 0 {
			t.Errorf("%v, %v", empty, err)
		}
	})
	t.Run("plan", func(t *testing.T) {
		d := vanish()
		d.exact = false // names have to be listed
		pl := newPlan()
		if err := pl.compare(f, ds, &job{path: "sub/f", want: tree.Version{Kind: tree.File}}); err != nil {
			t.Error(err)
		}
		if len(pl.bad) > 0 || len(pl.creates) != 1 {
			t.Errorf("bad %v, creates %d", pl.bad, len(pl.creates))
		}
	})
	t.Run("prune", func(t *testing.T) {
		vanish()
		if removed, err := f.pruneOne(t.Context(), ds, "sub"); removed || err != nil {
			t.Error(removed, err)
		}
	})
	t.Run("spelling", func(t *testing.T) {
		d := vanish()
		d.exact = false
		if err := d.spelled("f"); !os.IsNotExist(err) {
			t.Error(err)
		}
	})
}

// TestRestlessState goes through the states of a file that changes at each look.
func TestRestlessState(t *testing.T) {
	f, _, _ := newIdle(t)
	log := content{found: found{path: "log", stat: stat{size: 1}}}
	f.stirred(log)
	if f.isRestless("log") || len(f.State().Unreadable) > 0 {
		t.Error("restless at once")
	}
	f.restless["log"] = time.Now().Add(-restlessAfter)
	f.stirred(log)
	if !f.isRestless("log") || len(f.State().Unreadable) != 1 {
		t.Errorf("after a while: %+v", f.State())
	}
	f.calm(content{found: found{path: "log"}, prefix: true})
	if f.isRestless("log") || len(f.State().Unreadable) > 0 {
		t.Errorf("after a part was read: %+v", f.State())
	}
	f.calm(content{found: found{path: "log"}})
	if len(f.restless) > 0 {
		t.Error("it is remembered")
	}
}
