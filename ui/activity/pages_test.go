package activity

import (
	"context"
	"errors"
	"testing"
	"time"

	"meadow/core/node"
	"meadow/ui/scene"
)

// log is a node's log of many rows, one a minute.
type log struct {
	rows  int64
	asked int
}

func (l *log) Activity(_ context.Context, q node.ActivityQuery) (node.ActivityPage, error) {
	l.asked++
	from := l.rows
	if q.Before != 0 {
		from = q.Before - 1
	}
	page := node.ActivityPage{Rows: []node.ActivityRow{}}
	for id := from; id > 0 && len(page.Rows) < q.Limit; id-- {
		page.Rows = append(page.Rows, node.ActivityRow{
			ID: id, Time: node.Time{Time: scene.At.Add(-time.Duration(l.rows-id) * time.Minute)}, Kind: node.ActivityAdded,
			Device: "Laptop", Space: "Photos", Path: "2026/IMG.jpg", Bytes: id,
		})
	}
	if n := len(page.Rows); n > 0 && page.Rows[n-1].ID > 1 {
		page.Next = node.Count(page.Rows[n-1].ID)
	}
	return page, nil
}

func (l *log) Restore(context.Context, string, string, string) (node.Written, error) {
	return node.Written{}, nil
}

func inline(l *log) *pages {
	p := &pages{changed: func() {}, failed: func(error) {}}
	p.ask = func(q node.ActivityQuery, got func(node.ActivityPage, error)) {
		got(l.Activity(context.Background(), q))
	}
	return p
}

// TestPages reads 100,000 rows to the end and again from anywhere, keeping few.
func TestPages(t *testing.T) {
	const rows = 100_000
	p := inline(&log{rows: rows})
	p.reset(node.ActivityQuery{})
	seen, days := int64(rows), 0
	for i := 0; i < p.length(); i++ {
		switch it := p.at(i); {
		case it.row != nil && it.row.ID != seen:
			t.Fatalf("item %d is row %d, want %d", i, it.row.ID, seen)
		case it.row != nil:
			seen--
		case it.day != "":
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
	for _, i := range []int{0, 70_000, 3, p.length() - 1, 12_345} {
		if it := p.at(i); it.row == nil && it.day == "" {
			t.Errorf("item %d isn't there again", i)
		}
	}
	if first := p.at(1); first.row == nil || first.row.ID != rows {
		t.Errorf("the first row is %+v", first)
	}
}

// TestPagesNews has new rows at the top after a refresh, and other answers that
// come late are dropped.
func TestPagesNews(t *testing.T) {
	l := &log{rows: 1200}
	p := inline(l)
	p.reset(node.ActivityQuery{})
	var late func(node.ActivityPage, error)
	ask := p.ask
	p.ask = func(_ node.ActivityQuery, got func(node.ActivityPage, error)) { late = got }
	p.more()
	p.ask = ask
	l.rows = 1205
	p.refresh()
	if got := p.at(1).row.ID; got != 1205 {
		t.Errorf("the newest is %d", got)
	}
	before := p.length()
	late(l.Activity(context.Background(), node.ActivityQuery{Before: 700, Limit: pageRows}))
	if p.length() != before {
		t.Error("an answer to what was asked before was taken")
	}
}

// TestPagesFail asks once, and again when the log is looked at anew.
func TestPagesFail(t *testing.T) {
	asked, failures := 0, 0
	p := &pages{changed: func() {}, failed: func(error) { failures++ }}
	p.ask = func(_ node.ActivityQuery, got func(node.ActivityPage, error)) {
		asked++
		got(node.ActivityPage{}, errors.New("the disk is gone"))
	}
	p.reset(node.ActivityQuery{})
	p.at(0)
	p.at(0)
	if asked != 1 || failures != 1 {
		t.Errorf("asked %d times, told %d times", asked, failures)
	}
	p.reset(node.ActivityQuery{})
	if asked != 2 {
		t.Error("it wasn't asked again")
	}
}

// TestPagesAgainFail asks once more for rows that were let go, if that has failed.
func TestPagesAgainFail(t *testing.T) {
	p := inline(&log{rows: 10})
	p.reset(node.ActivityQuery{})
	good := p.ask
	p.list[0].items = nil
	p.ask = func(_ node.ActivityQuery, got func(node.ActivityPage, error)) {
		got(node.ActivityPage{}, errors.New("the disk is gone"))
	}
	if it := p.at(1); it.row != nil {
		t.Fatal("rows came of a disk that is gone")
	}
	p.ask = good
	if it := p.at(1); it.row == nil {
		t.Error("the rows stay away")
	}
}
