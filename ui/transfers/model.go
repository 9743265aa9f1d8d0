package transfers

import (
	"path"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// rowsShown is how many files of one direction have a row of their own; the rest is
// told in sums.
const rowsShown = 20

// model is what the screen shows of what moves.
type model struct {
	in, out side
	nothing bool // nothing moves, and nothing waits
}

// side is one direction.
type side struct {
	rows  []row
	rate  string // of all, "" if nothing moves
	total string // how much is to come and how long it takes
}

// row is a file on its way, one that comes next, a sum, or what waits.
type row struct {
	icon   fyne.ThemeIconName
	tone   look.Tone
	title  string
	detail string
	rate   string
	left   string
	done   float64 // negative: without a bar
	place  frame.Place
}

func newModel(t node.Transfers, now time.Time) model {
	m := model{
		in:  side{rows: moving(t.In, false)},
		out: side{rows: moving(t.Out, true)},
	}
	m.in.rows = append(m.in.rows, sums(t, len(m.in.rows))...)
	for _, w := range t.Waiting {
		if w.Out {
			m.out.rows = append(m.out.rows, waiting(w, now))
		} else {
			m.in.rows = append(m.in.rows, waiting(w, now))
		}
	}
	m.in.rate, m.out.rate = rate(t.RateIn), rate(t.RateOut)
	m.in.total = total(t.In, t.Queued, t.RateIn)
	m.out.total = total(t.Out, nil, t.RateOut)
	m.nothing = len(m.in.rows)+len(m.out.rows) == 0
	return m
}

// moving are the files on their way, and those that come next as far as there is
// room.
func moving(list []node.Transfer, out bool) (rows []row) {
	for _, t := range list {
		if !t.Since.IsZero() || len(rows) < rowsShown {
			rows = append(rows, file(t, out))
		}
	}
	return rows
}

func file(t node.Transfer, out bool) row {
	r := row{
		icon: look.IconDownload, title: words.Shown(path.Base(t.Path)), done: -1,
		place: frame.Place{Screen: frame.Space, Space: t.SpaceID, Path: t.Path},
	}
	if out {
		r.icon = look.IconUpload
	}
	facts := []string{words.Shown(t.Space)}
	if t.Device != "" {
		facts = append(facts, words.Shown(t.Device))
	}
	if t.Since.IsZero() {
		r.icon = look.IconClock
		r.detail, r.left = strings.Join(append([]string{words.Size(t.Total)}, facts...), " · "), words.L("comes next")
		return r
	}
	done := words.L("{{.Done}} of {{.Size}}", "Done", words.Size(t.Bytes), "Size", words.Size(t.Total))
	r.detail = strings.Join(append([]string{done}, facts...), " · ")
	r.rate = rate(t.Rate)
	r.done = float64(t.Bytes) / float64(max(t.Total, 1))
	if t.Left != nil {
		r.left = words.L("{{.Time}} left", "Time", words.Left(time.Duration(*t.Left)*time.Second))
	}
	return r
}

func rate(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	return words.Rate(bytes)
}

// sums are what is to come beyond the rows that are shown, by space.
func sums(t node.Transfers, shown int) (rows []row) {
	type sum struct{ files, bytes int64 }
	left := make(map[string]sum)
	var order []node.Queued
	for _, q := range t.Queued {
		s, known := left[q.SpaceID]
		if !known {
			order = append(order, q)
		}
		left[q.SpaceID] = sum{s.files + q.Files, s.bytes + q.Bytes}
	}
	for _, next := range t.In {
		if next.Since.IsZero() && shown > 0 {
			s := left[next.SpaceID]
			left[next.SpaceID] = sum{s.files - 1, s.bytes - next.Total}
		}
		shown--
	}
	for _, q := range order {
		s := left[q.SpaceID]
		if s.files <= 0 {
			continue
		}
		rows = append(rows, row{
			icon: look.IconSpace, done: -1, title: words.N("{{.Count}} more file", "{{.Count}} more files", s.files),
			detail: strings.Join([]string{words.Size(max(s.bytes, 0)), words.Shown(q.Space)}, " · "), left: words.L("comes next"),
			place: frame.Place{Screen: frame.Space, Space: q.SpaceID},
		})
	}
	return rows
}

// waiting is something that nothing moves of, and why.
func waiting(w node.Waiting, now time.Time) row {
	r := row{
		icon: look.IconClock, done: -1, detail: words.L("Waiting because {{.Why}}", "Why", why(w, now)),
		title: words.N("{{.Count}} file of {{.Space}}", "{{.Count}} files of {{.Space}}", w.Files, "Space", words.Shown(w.Space)),
		place: frame.Place{Screen: frame.Space, Space: w.SpaceID},
	}
	if w.Files == 0 {
		r.title = words.Shown(w.Space)
	}
	if w.Bytes > 0 {
		r.rate = words.Size(w.Bytes)
	}
	if w.Endpoint != "" {
		r.place = frame.Place{Screen: frame.Devices, Item: string(w.Endpoint)}
	}
	if w.Code == node.WaitingTrouble || w.Code == node.WaitingStopped {
		r.icon, r.tone = look.IconWarning, look.ToneDanger
	}
	return r
}

// why ends a sentence.
func why(w node.Waiting, now time.Time) string {
	if say, ok := reasons[w.Code]; ok {
		until := ""
		if w.Until != nil {
			until = words.When(w.Until.Time, now)
		}
		return say(reason{words.Shown(string(w.Device)), until, w.Out})
	}
	return words.Shown(w.Reason) // a sentence of the core's, as of a full disk
}

// reason is what reasons say something of; texts that aren't known are empty.
type reason struct {
	device, until string
	out           bool
}

// reasons are the codes' own words.
var reasons = map[string]func(reason) string{
	node.WaitingPaused: func(r reason) string {
		if r.until == "" {
			return words.L("you paused syncing")
		}
		return words.L("you paused syncing until {{.Time}}", "Time", r.until)
	},
	node.WaitingStopped: func(reason) string { return words.L("a copy of this device is at work elsewhere") },
	node.WaitingAway: func(r reason) string {
		if r.device == "" {
			return words.L("no device that has it is connected")
		}
		return words.L("{{.Device}} isn't connected", "Device", r.device)
	},
	node.WaitingAlone:    func(reason) string { return words.L("no other device is connected") },
	node.WaitingNotThere: func(reason) string { return words.L("the devices that are connected don't have it either") },
	node.WaitingAsked: func(r reason) string {
		if r.until == "" {
			return words.L("it was asked for in vain; it is asked for again soon")
		}
		return words.L("it was asked for in vain; it is asked for again {{.Time}}", "Time", r.until)
	},
	node.WaitingTurn: func(reason) string { return words.L("other files come first") },
	node.WaitingHeld: func(reason) string { return words.L("a disk that has it is missing on this device") },
	node.WaitingSlow: func(r reason) string {
		if r.out {
			return words.L("{{.Device}} asked for it, and takes nothing now", "Device", r.device)
		}
		return words.L("{{.Device}} was asked, and nothing has come yet", "Device", r.device)
	},
	node.WaitingNotHere:  func(reason) string { return words.L("this device doesn't have it either") },
	node.WaitingNotAsked: func(r reason) string { return words.L("{{.Device}} hasn't asked for it yet", "Device", r.device) },
}

// total says how much is to come, and how long that takes.
func total(list []node.Transfer, queued []node.Queued, rate int64) string {
	var bytes int64
	for _, t := range list {
		if !t.Since.IsZero() {
			bytes += t.Total - t.Bytes
		}
	}
	for _, q := range queued {
		bytes += q.Bytes
	}
	switch {
	case bytes <= 0:
		return ""
	case rate <= 0:
		return words.L("{{.Size}} to go", "Size", words.Size(bytes))
	}
	return words.L("{{.Size}} to go, {{.Time}} left", "Size", words.Size(bytes), "Time",
		words.Left(time.Duration(float64(bytes)/float64(rate)*float64(time.Second))))
}
