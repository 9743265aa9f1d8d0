package node

import (
	"bytes"
	"testing"

	"meadow/storage"
)

// line makes a lineage from the first bytes of ids, the newest first.
func line(last uint64, ids ...byte) lineage {
	l := lineage{last: last}
	for _, id := range ids {
		l.ids = append(l.ids, runID{id})
	}
	return l
}

func TestLineageText(t *testing.T) {
	golden := lineage{18, []runID{{1, 2, 3, 4, 5, 6}, {0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa}}}
	const text = "18.AQIDBAUG__79_Pv6"
	if b, err := golden.MarshalText(); err != nil || string(b) != text {
		t.Errorf("%s, %v; want %s", b, err, text)
	}
	for _, bad := range []string{
		"", "1", ".", "0.AQIDBAUG", "1.", "1.AQIDBAU", "1.AQIDBAUG__79_Pv6", "-1.AQIDBAUG", "1.AQIDBAUG=", "1.AQID BAUG",
		"18446744073709551615.AQIDBAUG", "1." + string(bytes.Repeat([]byte("A"), 10_000)),
	} {
		l := golden
		if err := l.UnmarshalText([]byte(bad)); err == nil || l.last != 18 {
			t.Errorf("%q is read as %+v, %v", bad, l, err)
		}
	}
}

func FuzzLineage(f *testing.F) {
	f.Add([]byte("18.AQIDBAUG__79_Pv6"))
	f.Add([]byte("0."))
	f.Fuzz(func(t *testing.T, b []byte) {
		var l lineage
		if l.UnmarshalText(b) != nil {
			return
		}
		again, err := l.MarshalText()
		var m lineage
		if err != nil || m.UnmarshalText(again) != nil || m.last != l.last || len(m.ids) != len(l.ids) || len(l.ids) > lineageKept {
			t.Errorf("%q is written as %q, %v", b, again, err)
		}
		if _, forked := l.fork(m); forked || !l.ahead(m) || !m.ahead(l) || l.over(m) {
			t.Errorf("%q doesn't follow on itself", b)
		}
	})
}

func TestLineagesCompared(t *testing.T) {
	for name, c := range map[string]struct {
		known, shown  lineage
		ahead, forked bool
	}{
		"first met":             {lineage{}, line(7, 7, 6), true, false},
		"the same run":          {line(7, 7, 6), line(7, 7, 6), true, false},
		"later runs":            {line(7, 7, 6), line(9, 9, 8, 7), true, false},
		"much later":            {line(7, 7, 6), line(90, 90, 89), true, false},
		"another at the same":   {line(7, 7, 6), line(7, 99, 6), false, true},
		"another before":        {line(7, 7, 6), line(9, 9, 8, 99, 6), false, true},
		"restored, not started": {line(7, 7, 6), line(6, 6, 5), false, false},
		"restored, started":     {line(7, 7, 6, 5), line(6, 99, 5), false, true},
		"long ago":              {line(90, 90, 89), line(7, 7, 6), false, false},
		"nothing shown":         {line(7, 7), lineage{}, false, false},
	} {
		if got := c.shown.ahead(c.known); got != c.ahead {
			t.Errorf("%s: ahead is %v", name, got)
		}
		_, forked := c.known.fork(c.shown)
		if _, back := c.shown.fork(c.known); forked != c.forked || back != c.forked {
			t.Errorf("%s: forked is %v, %v", name, forked, back)
		}
		if forked && c.known.over(c.shown) == c.shown.over(c.known) {
			t.Errorf("%s: no one of the two is taken", name)
		}
	}
}

func TestRunsAreCounted(t *testing.T) {
	db, err := storage.Open(t.Context(), t.TempDir()+"/meadow.db", quiet())
	must(t, err)
	defer db.Close()
	var before lineage
	for i := range uint64(lineageKept + 3) {
		l, err := beginRun(t.Context(), db.Local())
		must(t, err)
		if l.last != i+1 || len(l.ids) != int(min(i+1, lineageKept)) || !l.ahead(before) || before.last > 0 && before.ahead(l) {
			t.Fatalf("run %d: %+v after %+v", i+1, l, before)
		}
		before = l
	}
	must(t, db.Local().PutValues(t.Context(), map[string][]byte{keyRuns: []byte("many")}))
	if _, err := beginRun(t.Context(), db.Local()); err == nil {
		t.Error("a count that can't be read was begun anew")
	}
}
