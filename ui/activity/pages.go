package activity

import (
	"sort"
	"time"

	"meadow/core/node"
	"meadow/ui/words"
)

// How the log is read.
const (
	pageRows  = 500
	pagesKept = 12 // with their rows; the others are asked for again when they are seen
	lookAhead = 60 // items before the end at which the next page is asked for
)

// item is a line of the log: a day, or a row; neither while it isn't known yet.
type item struct {
	day string
	row *node.ActivityRow
}

// pages is the log as far as it has been read, newest first, by pages. It keeps the
// rows of those pages that were seen last. All of it is for one goroutine.
type pages struct {
	ask     func(q node.ActivityQuery, got func(node.ActivityPage, error))
	changed func() // there is more, or other rows
	failed  func(error)

	query  node.ActivityQuery
	list   []*page
	next   int64 // where the next page begins; 0: there is none
	asking bool  // for the next page
	turn   int   // of the query: answers to earlier ones don't count
	uses   int
	loaded bool // the first page has come
}

// page is some rows, and the days that begin among them.
type page struct {
	before int64 // what to ask for to get it again
	items  []item
	start  int // of its first item among all
	count  int
	used   int
	asking bool
	last   string // the day of its last row
}

// reset begins anew with another question.
func (p *pages) reset(q node.ActivityQuery) {
	q.Limit = pageRows
	p.query, p.list, p.next, p.asking, p.loaded = q, nil, 0, false, false
	p.turn++
	p.more()
}

// length is how many items there are so far, one more if there are others to come.
func (p *pages) length() int {
	n := p.end()
	if p.next != 0 {
		n++
	}
	return n
}

func (p *pages) end() int {
	if len(p.list) == 0 {
		return 0
	}
	last := p.list[len(p.list)-1]
	return last.start + last.count
}

// at returns an item. If its page isn't here, it is asked for.
func (p *pages) at(i int) item {
	if p.next != 0 && i >= p.end()-lookAhead {
		p.more()
	}
	if i >= p.end() || i < 0 {
		return item{}
	}
	found := sort.Search(len(p.list), func(n int) bool { return p.list[n].start > i }) - 1
	pg := p.list[found]
	p.uses++
	pg.used = p.uses
	if pg.items == nil {
		p.again(found)
		if pg.items == nil {
			return item{}
		}
	}
	if i-pg.start >= len(pg.items) {
		return item{} // rows have gone since it was counted
	}
	return pg.items[i-pg.start]
}

// more asks for the next page.
func (p *pages) more() {
	if p.asking || p.loaded && p.next == 0 {
		return
	}
	p.asking = true
	q, turn := p.query, p.turn
	q.Before = p.next
	p.ask(q, func(got node.ActivityPage, err error) {
		if turn != p.turn {
			return
		}
		if p.loaded = true; err != nil { // it is asked again when the log is looked at anew
			p.failed(err)
			return
		}
		p.asking = false
		day := ""
		if n := len(p.list); n > 0 {
			day = p.list[n-1].last
		}
		pg := &page{before: q.Before, start: p.end()}
		pg.set(got.Rows, day)
		pg.count = len(pg.items)
		p.uses++
		pg.used = p.uses
		p.list, p.next = append(p.list, pg), int64(got.Next)
		p.forget()
		p.changed()
	})
}

// again asks once more for the rows of a page that were let go.
func (p *pages) again(n int) {
	pg := p.list[n]
	if pg.asking {
		return
	}
	pg.asking = true
	q, turn := p.query, p.turn
	q.Before = pg.before
	p.ask(q, func(got node.ActivityPage, err error) {
		if turn != p.turn {
			return
		}
		pg.asking = false // after an error it is asked again when it is seen again
		if err != nil {
			p.failed(err)
			return
		}
		day := ""
		if n > 0 {
			day = p.list[n-1].last
		}
		pg.set(got.Rows, day)
		p.forget()
		p.changed()
	})
}

// refresh looks what is new. What is shown stays until that is known.
func (p *pages) refresh() {
	q, turn := p.query, p.turn
	p.ask(q, func(got node.ActivityPage, err error) {
		if turn != p.turn {
			return
		}
		if err != nil {
			p.failed(err)
			return
		}
		p.list, p.next, p.asking, p.loaded = nil, int64(got.Next), false, true
		p.turn++ // what is on its way is about what was
		pg := &page{}
		pg.set(got.Rows, "")
		pg.count = len(pg.items)
		p.list = []*page{pg}
		p.changed()
	})
}

// forget lets go of the rows of pages that weren't seen for long.
func (p *pages) forget() {
	var kept []*page
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
func (pg *page) set(rows []node.ActivityRow, day string) {
	pg.items = make([]item, 0, len(rows)+4)
	for i := range rows {
		if d := words.Day(rows[i].Time.Time); d != day {
			day = d
			pg.items = append(pg.items, item{day: d})
		}
		pg.items = append(pg.items, item{row: &rows[i]})
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
