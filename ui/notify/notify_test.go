package notify_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/notify"
	"meadow/ui/scene"
	"meadow/ui/words"
)

// desk is a teller at work and what it has told.
type desk struct {
	*notify.Teller
	node *scene.Node
	end  func()

	mu      sync.Mutex // guards all below
	all     []string
	allowed notify.Allowed
}

// told takes what was told since it was called last.
func (d *desk) told() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := d.all
	d.all = nil
	return all
}

func (d *desk) allow(a notify.Allowed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.allowed = a
}

func open() *desk {
	d := &desk{allowed: notify.Allowed{Needs: true, Digest: true}, node: scene.New(scene.Empty)}
	d.Teller = notify.New(func(n notify.Notice) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.all = append(d.all, n.Title+": "+n.Body)
	}, func() notify.Allowed {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.allowed
	})
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Run(ctx)
	}()
	d.end = func() {
		end()
		<-done
	}
	return d
}

func (d *desk) hear(watched bool, events ...node.Event) {
	d.Hear(&frame.Now{At: scene.At, Status: d.node.State, Holds: d.node.Holds, Events: events}, watched)
}

// says waits and compares what was told since it was called last.
func (d *desk) says(t *testing.T, wait time.Duration, want ...string) {
	t.Helper()
	time.Sleep(wait)
	synctest.Wait()
	if told := d.told(); !slices.Equal(told, want) {
		t.Errorf("it told %q, want %q", told, want)
	}
}

func trouble(where string) node.Trouble {
	return node.Trouble{Where: where, What: "the disk " + where + " is full"}
}

func synced(device, space string, changes int) node.Event {
	return node.Event{Name: "synced", Fields: map[string]any{"device": device, "id": space, "added": changes, "changed": int64(1)}}
}

var full = "The disk /a is full: Since " + words.When(scene.At, scene.At) + ", at /a. Meadow goes on by itself when this is solved."

// TestNeeds: what needs the user is told once, if it lasts, and together.
func TestNeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open()
		defer d.end()
		d.hear(false)
		d.says(t, time.Minute)
		a := trouble("/a")
		a.Since = node.Time{Time: scene.At}
		d.node.State.Trouble = []node.Trouble{a}
		d.hear(false)
		d.says(t, 4*time.Second)
		d.says(t, 2*time.Second, full)
		for range 100 { // it lasts
			d.hear(false)
		}
		d.says(t, 2*time.Hour)

		d.node.State.Trouble = nil
		d.hear(false)
		d.node.State.Trouble = []node.Trouble{trouble("/b")}
		d.hear(false)
		time.Sleep(2 * time.Second)
		d.node.State.Trouble = nil
		d.hear(false)
		d.says(t, time.Hour) // /b has passed before it was told

		d.node.State.Trouble = []node.Trouble{a, trouble("/b"), trouble("/c")}
		d.hear(false)
		d.says(t, time.Minute, "The disk /a is full: And 2 more things need you.")
	})
}

// TestNoFlood: what goes and comes is told once an hour, and messages are apart.
func TestNoFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open()
		defer d.end()
		began := time.Now()
		for i := 0; time.Since(began) < 3*time.Hour; i++ {
			d.node.State.Trouble = nil
			if i%2 == 0 {
				d.node.State.Trouble = []node.Trouble{trouble("/a")}
			}
			d.hear(false)
			time.Sleep(10 * time.Second)
		}
		if n := len(d.told()); n < 3 || n > 4 {
			t.Errorf("in three hours of flapping it told %d times", n)
		}
		for i := range 100 { // another trouble every second
			d.node.State.Trouble = append(d.node.State.Trouble, trouble(fmt.Sprint("/", i)))
			d.hear(false)
			time.Sleep(time.Second)
		}
		if n := len(d.told()); n > 5 {
			t.Errorf("a hundred troubles in a hundred seconds are %d messages", n)
		}
	})
}

// TestSeen: what the user sees in the window isn't told, then or later.
func TestSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open()
		defer d.end()
		d.node.State.Trouble = []node.Trouble{trouble("/a")}
		d.hear(true, synced("Laptop", "1", 5))
		d.says(t, time.Hour)
		d.hear(false)
		d.says(t, time.Hour)
		d.node.State.Trouble = append(d.node.State.Trouble, trouble("/b"))
		d.hear(false, synced("Laptop", "1", 5))
		time.Sleep(time.Second)
		d.hear(true) // the user looks in between
		d.says(t, time.Hour)
	})
}

// TestDigest: what devices bring that were away is one message.
func TestDigest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open()
		defer d.end()
		for i := range 3 {
			d.hear(false, synced("Laptop", fmt.Sprint(i), 165))
			time.Sleep(10 * time.Second)
		}
		d.says(t, time.Minute, "Back in step with Laptop: 498 changes came in 3 spaces.")
		began := time.Now()
		for time.Since(began) < 10*time.Minute { // one that never stops
			d.hear(false, synced("Laptop", "1", 1), synced("Desk", "1", 1))
			time.Sleep(time.Second)
		}
		if told := d.told(); len(told) < 4 || len(told) > 6 {
			t.Errorf("ten minutes are %d digests: %q", len(told), told)
		}
	})
}

// TestNewDevice: a device that was added elsewhere is told of.
func TestNewDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open()
		defer d.end()
		added := node.Event{Name: "device_added", Fields: map[string]any{"device": "Phone", "endpoint": "e1"}}
		d.hear(false, added)
		d.says(t, time.Minute, "Phone is one of your devices now: If you didn't add it, remove it at once: it can read what it was given.")
	})
}

// TestShared tells of what is offered, once, and of ends that are near.
func TestShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open()
		defer d.end()
		event := func(name, state string) node.Event {
			return node.Event{Name: name, Fields: map[string]any{"person": "An\u202ea", "space": "Photos", "invite": name, "state": state}}
		}
		d.hear(false, event("invited", "offered"))
		d.says(t, time.Minute, "An\\u202ea offers you Photos: Accept or decline it in Meadow.")
		d.hear(false, event("invited", "offered"), event("invite_soon", "accepted"))
		d.says(t, time.Hour, "Your access to Photos ends within a day: What is here by then stays. Ask An\\u202ea if you need it longer.")
		d.hear(false, event("share_soon", "accepted"))
		d.says(t, time.Hour, "An\\u202ea's access to Photos ends within a day: It ends by itself. Change it if they need it longer.")
		d.hear(false, node.Event{Name: "invited", Fields: map[string]any{"invite": "other", "state": "accepted"}})
		d.says(t, time.Hour)
	})
}

// TestNotWanted: what the user doesn't want to be told isn't, and isn't told later.
func TestNotWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open()
		defer d.end()
		d.allow(notify.Allowed{})
		d.node.State.Trouble = []node.Trouble{trouble("/a")}
		d.hear(false, synced("Laptop", "1", 5))
		d.says(t, time.Hour)
		d.allow(notify.Allowed{Needs: true, Digest: true})
		d.hear(false)
		d.says(t, time.Hour)
	})
}
