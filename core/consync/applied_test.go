package consync_test

import (
	"testing"
	"time"

	"meadow/core/consync"
	"meadow/core/willow"
)

// A commit can be read a moment before anyone is told of it. A state that is
// taken then must not say that it is applied.
func TestCommitIsNotAppliedBeforeItIsTold(t *testing.T) {
	a, b := newNode(t, (*consync.Engine).Eager), newNode(t)
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	connect(t, a, b)
	inStep(t, ns, a, b)

	news := make(chan struct{}, 1)
	defer b.engine.Subscribe(func(consync.Event) {
		select {
		case news <- struct{}{}:
		default:
		}
	})()
	told := func(willow.Change) {
		a.engine.Touch(ns)                            // has the state taken
		slow := time.NewTimer(200 * time.Millisecond) // as long as telling takes here
		for waiting := true; waiting; {
			select {
			case <-news:
			case <-slow.C:
				waiting = false
			}
			if p, _ := b.peer(a); p.InStep() {
				t.Error("b says that a is in step, which hasn't applied the entry")
			}
		}
		a.mu.Lock()
		a.touched[ns] = true
		a.mu.Unlock()
	}
	a.told.Store(&told)
	b.put(ns, 1, []byte("news"), "news")
	eventually(t, "a tells its state", func() bool {
		p, _ := b.peer(a)
		n := p.Namespaces[ns]
		return n.Ours == n.Theirs && n.OursCurrent && !n.TheirsApplied
	}, b)
	a.told.Store(nil)
	a.mu.Lock()
	a.touched[ns] = false
	a.mu.Unlock()
	a.engine.Touch(ns)
	inStep(t, ns, a, b)
}
