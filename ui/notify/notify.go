// Package notify decides what a desktop is told while nobody looks at the window: what
// needs the user, each once, and one digest of what came from devices that were away.
//
// The rules: what passes by itself within [settle] isn't told; what comes together is
// told together; between two messages is [apart] at least; what was told isn't told
// again within [again], however often it goes and comes; and what the user has seen in
// the window isn't told at all.
package notify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/home"
	"meadow/ui/words"
)

const (
	settle = 5 * time.Second  // how long something needs the user before it is told
	apart  = 30 * time.Second // between messages
	again  = time.Hour        // until the same may be told again
	calm   = 15 * time.Second // without more coming before a digest is told
	late   = 2 * time.Minute  // a digest waits no longer than that
)

// Notice is one message.
type Notice struct{ Title, Body string }

// Allowed is what the user wants to be told.
type Allowed struct{ Needs, Digest bool }

// Teller follows the news and tells of it. Its methods may be called concurrently.
type Teller struct {
	tell    func(Notice)
	allowed func() Allowed
	wake    chan struct{}

	mu     sync.Mutex           // guards all below
	known  map[string]bool      // what needs the user now
	told   map[string]time.Time // when
	wait   []waiting            // to be told
	digest digest
	last   time.Time // a message
}

// waiting is what is to be told soon.
type waiting struct {
	key    string
	notice Notice
	due    time.Time
}

// digest is what has come.
type digest struct {
	first, last     time.Time
	devices, spaces map[string]bool
	changes         int64
}

// New returns a teller. Tell is called by Run, one message after the other; what is
// allowed is asked before each.
func New(tell func(Notice), allowed func() Allowed) *Teller {
	return &Teller{
		tell: tell, allowed: allowed, wake: make(chan struct{}, 1),
		known: make(map[string]bool), told: make(map[string]time.Time),
	}
}

// Hear takes what is so now. Watched says that the user sees it in the window.
func (t *Teller) Hear(now *frame.Now, watched bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := time.Now()
	present := make(map[string]bool)
	for _, need := range now.Wants() {
		key := keyOf(need)
		present[key] = true
		if !t.known[key] {
			title, body := home.Say(need, now.At)
			t.add(at, key, Notice{title, body})
		}
	}
	t.wait = slices.DeleteFunc(t.wait, func(w waiting) bool { return t.known[w.key] && !present[w.key] }) // it has passed
	t.known = present
	for _, e := range now.Events {
		t.event(at, e)
	}
	maps.DeleteFunc(t.told, func(_ string, when time.Time) bool { return at.Sub(when) >= again })
	if watched {
		t.seen(at)
	}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// seen notes that the user has seen all that there is to tell.
func (t *Teller) seen(at time.Time) {
	for _, w := range t.wait {
		t.told[w.key] = at
	}
	t.wait, t.digest = nil, digest{}
}

func (t *Teller) add(at time.Time, key string, n Notice) {
	if _, told := t.told[key]; !told {
		t.wait = append(t.wait, waiting{key, n, at.Add(settle)})
	}
}

// event takes what is told of something that happens, not of something that is so.
func (t *Teller) event(at time.Time, e node.Event) {
	device, _ := e.Fields["device"].(string)
	switch e.Name {
	case "device_added":
		t.add(at, "added/"+fmt.Sprint(e.Fields["endpoint"]), Notice{
			words.L("{{.Device}} is one of your devices now", "Device", words.Shown(device)),
			words.L("If you didn't add it, remove it at once: it can read what it was given."),
		})
	case "invited", "invite_soon", "share_soon":
		t.shared(at, e)
	case "synced":
		d := &t.digest
		if d.devices == nil {
			*d = digest{first: at, devices: make(map[string]bool), spaces: make(map[string]bool)}
		}
		d.last = at
		d.devices[device] = true
		d.spaces[fmt.Sprint(e.Fields["id"])] = true
		for _, field := range []string{"added", "changed", "removed", "renamed"} {
			n, _ := strconv.ParseInt(fmt.Sprint(e.Fields[field]), 10, 64) // a number, of whatever type
			d.changes += n
		}
	}
}

// shared takes what is told of access between people: an offer, and an end that is near.
func (t *Teller) shared(at time.Time, e node.Event) {
	field := func(name string) string {
		s, _ := e.Fields[name].(string)
		return words.Shown(s)
	}
	if e.Name == "invited" && field("state") == frame.Accepted {
		return // on another device, already
	}
	pairs := []any{"Person", field("person"), "Space", field("space")}
	n := Notice{words.L("{{.Person}} offers you {{.Space}}", pairs...), words.L("Accept or decline it in Meadow.")}
	switch e.Name {
	case "invite_soon":
		n = Notice{words.L("Your access to {{.Space}} ends within a day", pairs...), words.L("What is here by then stays. Ask {{.Person}} if you need it longer.", pairs...)}
	case "share_soon":
		n = Notice{words.L("{{.Person}}'s access to {{.Space}} ends within a day", pairs...), words.L("It ends by itself. Change it if they need it longer.")}
	}
	t.add(at, e.Name+"/"+field("invite")+field("share"), n)
}

// keyOf tells needs from each other.
func keyOf(n frame.Need) string {
	return strings.Join([]string{string(n.Kind), n.Space.ID, n.Device.Endpoint, n.Hold.ID, n.Trouble.Where, n.Notice.Code}, "/")
}

// Run tells until ctx ends.
func (t *Teller) Run(ctx context.Context) {
	for {
		notice, wait := t.next(time.Now())
		if notice != nil {
			t.tell(*notice)
			continue
		}
		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(wait)
		}
		select {
		case <-timer:
		case <-t.wake:
		case <-ctx.Done():
			return
		}
	}
}

// next is what is to be told now, or how long to wait before asking again; 0 is until
// there is news.
func (t *Teller) next(at time.Time) (*Notice, time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	due, ok := t.due()
	if !ok {
		return nil, 0
	}
	if !t.last.IsZero() && due.Before(t.last.Add(apart)) {
		due = t.last.Add(apart)
	}
	if wait := due.Sub(at); wait > 0 {
		return nil, wait
	}
	allowed := t.allowed()
	n := t.needs(at)
	if n != nil && !allowed.Needs {
		n = nil
	}
	if n == nil && t.digest.devices != nil && !t.digest.due().After(at) {
		if n = t.digest.notice(); !allowed.Digest {
			n = nil
		}
		t.digest = digest{}
	}
	if n == nil {
		return nil, time.Nanosecond // what isn't wanted is out of the way, look again
	}
	t.last = at
	return n, 0
}

// due is when the first thing is to be told.
func (t *Teller) due() (due time.Time, ok bool) {
	for _, w := range t.wait {
		if !ok || w.due.Before(due) {
			due, ok = w.due, true
		}
	}
	if t.digest.devices != nil && (!ok || t.digest.due().Before(due)) {
		due, ok = t.digest.due(), true
	}
	return due, ok
}

// needs takes all that needs the user and hasn't been told, if one of it is due.
func (t *Teller) needs(at time.Time) *Notice {
	if !slices.ContainsFunc(t.wait, func(w waiting) bool { return !w.due.After(at) }) {
		return nil
	}
	all := t.wait
	t.wait = nil
	for _, w := range all {
		t.told[w.key] = at
	}
	n := all[0].notice
	if more := len(all) - 1; more > 0 {
		n.Body = words.N("And {{.Count}} more thing needs you.", "And {{.Count}} more things need you.", int64(more))
	}
	return &n
}

func (d digest) due() time.Time {
	if calmly, latest := d.last.Add(calm), d.first.Add(late); latest.Before(calmly) {
		return latest
	}
	return d.last.Add(calm)
}

func (d digest) notice() *Notice {
	names := slices.Sorted(maps.Keys(d.devices))
	changes := words.N("{{.Count}} change", "{{.Count}} changes", d.changes)
	return &Notice{
		Title: words.L("Back in step with {{.Devices}}", "Devices", frame.Names(names)),
		Body: words.N("{{.Changes}} came in {{.Count}} space.", "{{.Changes}} came in {{.Count}} spaces.",
			int64(len(d.spaces)), "Changes", changes),
	}
}
