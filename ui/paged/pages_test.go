package paged

import (
	"errors"
	"testing"
	"time"

	"meadow/ui/scene"
)

// log is a node's log of many rows, one a minute.
type log struct {
	rows  int64
	asked int
}

type row struct {
	id int64
	at time.Time
}

func (l *log) page(before int64) (rows []row, next int64, err error) {
	l.asked++
	from := l.rows
	if before != 0 {
		from = before - 1
	}
	for id := from; id > 0 && len(rows) < PageRows; id-- {
		rows = append(rows, row{id, scene.At.Add(-time.Duration(l.rows-id) * time.Minute)})
	}
	if n := len(rows); n > 0 && rows[n-1].id > 1 {
		next = rows[n-1].id
	}
	return rows, next, nil
}

func inline(l *log) *Pages[row] {
	return &Pages[row]{
		Changed: func() {}, Failed: func(error) {}, Time: func(r *row) time.Time { return r.at },
		Ask: func(before int64, got func([]row, int64, error)) { got(l.page(before)) },
	}
}

// TestPages reads 100,000 rows to the end and again from anywhere, keeping few.
func TestPages(t *testing.T) {
	const rows = 100_000
	p := inline(&log{rows: rows})
	p.Reset()
	seen, days := int64(rows), 0
	for i := 0; i < p.Length(); i++ {
		switch it := p.At(i); {
		case it.Row != nil && it.Row.id != seen:
			t.Fatalf("item %d is row %d, want %d", i, it.Row.id, seen)
		case it.Row != nil:
			seen--
		case it.Day != "":
			days++
		default:
			t.Fatalf("item %d is nothing", i)
		}
	}
	if want := rows/(24*60) + 1; seen != 0 || days != want {
		t.Errorf("%d rows weren't seen, %d days, want %d", seen, days, want)
	}
	kept := 0
	for _, pg := range p.list {
		if pg.items != nil {
			kept++
		}
	}
	if kept > pagesKept {
		t.Errorf("the rows of %d pages are kept", kept)
	}
	for _, i := range []int{0, 70_000, 3, p.Length() - 1, 12_345} {
		if it := p.At(i); it.Row == nil && it.Day == "" {
			t.Errorf("item %d isn't there again", i)
		}
	}
	if first := p.At(1); first.Row == nil || first.Row.id != rows {
		t.Errorf("the first row is %+v", first)
	}
}

// TestPagesNews has new rows at the top after a refresh, and other answers that
// come late are dropped.
func TestPagesNews(t *testing.T) {
	l := &log{rows: 1200}
	p := inline(l)
	p.Reset()
	var late func([]row, int64, error)
	ask := p.Ask
	p.Ask = func(_ int64, got func([]row, int64, error)) { late = got }
	p.More()
	p.Ask = ask
	l.rows = 1205
	p.Refresh()
	if got := p.At(1).Row.id; got != 1205 {
		t.Errorf("the newest is %d", got)
	}
	before := p.Length()
	late(l.page(700))
	if p.Length() != before {
		t.Error("an answer to what was asked before was taken")
	}
}

// TestPagesFail asks once, and again when the log is looked at anew.
func TestPagesFail(t *testing.T) {
	asked, failures := 0, 0
	p := &Pages[row]{Changed: func() {}, Failed: func(error) { failures++ }, Time: func(r *row) time.Time { return r.at }}
	p.Ask = func(_ int64, got func([]row, int64, error)) {
		asked++
		got(nil, 0, errors.New("the disk is gone"))
	}
	p.Reset()
	p.At(0)
	p.At(0)
	if asked != 1 || failures != 1 {
		t.Errorf("asked %d times, told %d times", asked, failures)
	}
	p.Reset()
	if asked != 2 {
		t.Error("it wasn't asked again")
	}
}

// TestPagesAgainFail asks once more for rows that were let go, if that has failed.
func TestPagesAgainFail(t *testing.T) {
	p := inline(&log{rows: 10})
	p.Reset()
	good := p.Ask
	p.list[0].items = nil
	p.Ask = func(_ int64, got func([]row, int64, error)) {
		got(nil, 0, errors.New("the disk is gone"))
	}
	if it := p.At(1); it.Row != nil {
		t.Fatal("rows came of a disk that is gone")
	}
	p.Ask = good
	if it := p.At(1); it.Row == nil {
		t.Error("the rows stay away")
	}
}
