// Package paged shows a log that is too long to be held: it reads pages as they are
// seen, keeps some, and sets the days between the rows.
package paged

import (
	"sort"
	"time"

	"meadow/ui/words"
)

// How the log is read.
const (
	PageRows  = 500
	pagesKept = 12 // with their rows; the others are asked for again when they are seen
	lookAhead = 60 // items before the end at which the next page is asked for
)

// Item is a line of the log: a day, or a row; neither while it isn't known yet.
type Item[R any] struct {
	Day string
	Row *R
}

// Pages is a log as far as it has been read, newest first, by pages. It keeps the
// rows of those pages that were seen last. All of it is for one goroutine.
type Pages[R any] struct {
	// Ask asks for at most PageRows rows that are older than before, 0 for the newest;
	// got is called once, with what Before has to be for the next ones, 0 at the end.
	Ask     func(before int64, got func(rows []R, next int64, err error))
	Time    func(*R) time.Time
	Changed func() // there is more, or other rows
	Failed  func(error)

	list   []*page[R]
	asked  bool
	next   int64 // where the next page begins; 0: there is none
	asking bool  // for the next page
	turn   int   // of the question: answers to earlier ones don't count
	uses   int
	loaded bool // the first page has come
}

// page is some rows, and the days that begin among them.
type page[R any] struct {
	before int64 // what to ask for to get it again
	items  []Item[R]
	start  int // of its first item among all
	count  int
	used   int
	asking bool
	last   string // the day of its last row
}

// Reset begins anew, with what Ask asks then.
func (p *Pages[R]) Reset() {
	p.asked, p.list, p.next, p.asking, p.loaded = true, nil, 0, false, false
	p.turn++
	p.More()
}

// Asked reports whether anything has been asked yet.
func (p *Pages[R]) Asked() bool { return p.asked }

// Loaded reports whether there was an answer.
func (p *Pages[R]) Loaded() bool { return p.loaded }

// Whole reports whether there is nothing more to come.
func (p *Pages[R]) Whole() bool { return p.loaded && p.next == 0 }

// Length is how many items there are so far, one more if there are others to come.
func (p *Pages[R]) Length() int {
	n := p.end()
	if p.next != 0 {
		n++
	}
	return n
}

func (p *Pages[R]) end() int {
	if len(p.list) == 0 {
		return 0
	}
	last := p.list[len(p.list)-1]
	return last.start + last.count
}

// At returns an item. If its page isn't here, it is asked for.
func (p *Pages[R]) At(i int) Item[R] {
	if p.next != 0 && i >= p.end()-lookAhead {
		p.More()
	}
	if i >= p.end() || i < 0 {
		return Item[R]{}
	}
	found := sort.Search(len(p.list), func(n int) bool { return p.list[n].start > i }) - 1
	pg := p.list[found]
	p.uses++
	pg.used = p.uses
	if pg.items == nil {
		p.again(found)
		if pg.items == nil {
			return Item[R]{}
		}
	}
	if i-pg.start >= len(pg.items) {
		return Item[R]{} // rows have gone since it was counted
	}
	return pg.items[i-pg.start]
}

// More asks for the next page.
func (p *Pages[R]) More() {
	if p.asking || p.loaded && p.next == 0 {
		return
	}
	p.asking = true
	before, turn := p.next, p.turn
	p.Ask(before, func(rows []R, next int64, err error) {
		if turn != p.turn {
			return
		}
		if p.loaded = true; err != nil { // it is asked again when the log is looked at anew
			p.Failed(err)
			return
		}
		p.asking = false
		day := ""
		if n := len(p.list); n > 0 {
			day = p.list[n-1].last
		}
		pg := &page[R]{before: before, start: p.end()}
		pg.set(rows, day, p.Time)
		pg.count = len(pg.items)
		p.uses++
		pg.used = p.uses
		p.list, p.next = append(p.list, pg), next
		p.forget()
		p.Changed()
	})
}

// again asks once more for the rows of a page that were let go.
func (p *Pages[R]) again(n int) {
	pg := p.list[n]
	if pg.asking {
		return
	}
	pg.asking = true
	turn := p.turn
	p.Ask(pg.before, func(rows []R, _ int64, err error) {
		if turn != p.turn {
			return
		}
		pg.asking = false // after an error it is asked again when it is seen again
		if err != nil {
			p.Failed(err)
			return
		}
		day := ""
		if n > 0 {
			day = p.list[n-1].last
		}
		pg.set(rows, day, p.Time)
		p.forget()
		p.Changed()
	})
}

// Refresh looks what is new. What is shown stays until that is known.
func (p *Pages[R]) Refresh() {
	turn := p.turn
	p.Ask(0, func(rows []R, next int64, err error) {
		if turn != p.turn {
			return
		}
		if err != nil {
			p.Failed(err)
			return
		}
		p.list, p.next, p.asking, p.loaded = nil, next, false, true
		p.turn++ // what is on its way is about what was
		pg := &page[R]{}
		pg.set(rows, "", p.Time)
		pg.count = len(pg.items)
		p.list = []*page[R]{pg}
		p.Changed()
	})
}

// forget lets go of the rows of pages that weren't seen for long.
func (p *Pages[R]) forget() {
	var kept []*page[R]
	for _, pg := range p.list {
		if pg.items != nil {
			kept = append(kept, pg)
		}
	}
	if len(kept) <= pagesKept {
		return
	}
	sort.Slice(kept, func(a, b int) bool { return kept[a].used > kept[b].used })
	for _, pg := range kept[pagesKept:] {
		pg.items = nil
	}
}

// set fills a page with rows that come after those of a day.
func (pg *page[R]) set(rows []R, day string, at func(*R) time.Time) {
	pg.items = make([]Item[R], 0, len(rows)+4)
	for i := range rows {
		if d := words.Day(at(&rows[i])); d != day {
			day = d
			pg.items = append(pg.items, Item[R]{Day: d})
		}
		pg.items = append(pg.items, Item[R]{Row: &rows[i]})
	}
	pg.last = day
}

// dayName is a day as one says it.
func dayName(day string, now time.Time) string {
	switch day {
	case words.Day(now):
		return words.L("Today")
	case words.Day(now.AddDate(0, 0, -1)):
		return words.L("Yesterday")
	}
	return day
}
