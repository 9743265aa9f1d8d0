package tree_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/zeebo/blake3"
	"pgregory.net/rapid"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// market is a company that does anything in any order.
type market struct {
	*rapid.T
	*company
	texts int
}

var cornerNames = []string{"a", "b", "a/x", "a/y", "b/x.txt", "a (from Bob)", "a (from Carol)/x", "b (from Bob, 2)"}

func (w *market) member() *member {
	return w.all[rapid.IntRange(0, len(w.all)-1).Draw(w.T, "member")]
}

// path is one that somebody sees, or any.
func (w *market) path(m *member) string {
	all := slices.Clone(cornerNames)
	for _, v := range m.list() {
		all = append(all, v.Path)
	}
	return rapid.SampledFrom(all).Draw(w.T, "path")
}

func (w *market) text() string {
	switch rapid.IntRange(0, 9).Draw(w.T, "text") {
	case 0:
		return ""
	case 1:
		return "same"
	}
	w.texts++
	return fmt.Sprint("text ", w.texts)
}

// allowed fails unless an error is one that a user may get.
func (w *market) allowed(err error) {
	for _, allowed := range []error{
		nil, tree.ErrNotAllowed, tree.ErrNotFound, tree.ErrExists, tree.ErrIntoItself, tree.ErrNotFolder, tree.ErrFolder, tree.ErrPath, tree.ErrNoCopy,
	} {
		if errors.Is(err, allowed) {
			return
		}
	}
	w.Fatal(err)
}

func (w *market) write(kind tree.Kind) func(*rapid.T) {
	return func(*rapid.T) {
		m := w.member()
		e := tree.Edit{Path: w.path(m), Kind: kind}
		if kind == tree.File {
			e = m.edit(e.Path, w.text())
		}
		switch rapid.IntRange(0, 3).Draw(w.T, "base") {
		case 0:
			e.Base = &tree.Base{}
		case 1:
			v := m.lookup(w.path(m))
			e.Base = &tree.Base{Timestamp: v.Timestamp, Digest: v.Digest}
		}
		before := len(m.entriesOf())
		_, err := m.view.Write(context.Background(), []tree.Edit{e})
		w.allowed(err)
		if errors.Is(err, tree.ErrNotAllowed) && len(m.entriesOf()) != before {
			w.Fatalf("%s wrote what it may not", m.name)
		}
	}
}

func (w *market) Remove(*rapid.T) {
	m := w.member()
	_, err := m.view.Remove(context.Background(), w.path(m))
	w.allowed(err)
}

func (w *market) Move(*rapid.T) {
	m := w.member()
	_, err := m.view.Move(context.Background(), w.path(m), rapid.SampledFrom(cornerNames).Draw(w.T, "to"))
	w.allowed(err)
}

func (w *market) Deliver(*rapid.T) {
	from, to := w.member(), w.member()
	es := from.entriesOf()
	if from == to || len(es) == 0 {
		return
	}
	payloads := rapid.Bool().Draw(w.T, "payloads")
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(es)-1), 1, 8).Draw(w.T, "entries") {
		to.receive(es[i])
		if payloads {
			to.fetch(from, es[i].Entry)
		}
	}
}

func (w *market) Session(*rapid.T) {
	if from, to := w.member(), w.member(); from != to {
		to.pull(from)
	}
}

func (w *market) Settle(*rapid.T) {
	_, err := w.member().view.Settle(context.Background())
	w.allowed(err)
}

func (w *market) Completed(*rapid.T) { w.member().view.Completed(w.clock) }

func (w *market) Restart(*rapid.T) { w.member().start() }

// Check compares a view with one that is made anew, and with the shared tree.
func (w *market) Check(*rapid.T) {
	m := w.member()
	m.consistent()
	w.same(m)
}

func (w *market) same(m *member) {
	decide := func() { // what waits for details has been looked at
		m.list()
		m.view.Completed(w.clock)
	}
	decide()
	before := m.ids()
	m.again(func() {
		decide()
		if after := m.ids(); !slices.Equal(before, after) {
			w.Fatalf("%s shows\n%q, and made anew\n%q", m.name, before, after)
		}
	})
	shared := tree.New(tree.Config{
		Namespace: namespace, Subspace: subspace, Entries: m.entries, Blobs: m.blobs, Author: blake3.Sum256([]byte(m.name)), Now: m.now,
		Sign: func(context.Context, willow.Entry) (willow.Authorised, error) {
			return willow.Authorised{}, errors.New("no")
		},
		MayWrite: func(willow.Path) bool { return false },
	})
	defer shared.Close()
	for v, err := range shared.List(context.Background(), "") {
		w.allowed(err)
		if m.lookup(v.Path).ID() != v.ID() {
			w.Fatalf("%s doesn't show %s of the shared tree", m.name, v.Path)
		}
	}
	slices.Sort(before)
	if len(slices.Compact(before)) != len(m.list()) {
		w.Fatalf("%s shows something twice: %q", m.name, before)
	}
}

// TestViewInAnyOrder: whatever people do, and however it reaches others, all end with
// one view: that of who has it all at once. It shows all that the shared tree has, and
// nothing twice.
func TestViewInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &market{T: t, company: newCompany(t)}
		t.Repeat(map[string]func(*rapid.T){
			"write": w.write(tree.File), "write again": w.write(tree.File), "write more": w.write(tree.File),
			"folder": w.write(tree.Folder), "tombstone": w.write(tree.Tombstone), "remove": w.Remove, "move": w.Move,
			"deliver": w.Deliver, "deliver more": w.Deliver, "session": w.Session, "settle": w.Settle, "completed": w.Completed,
			"restart": w.Restart, "check": w.Check,
		})
		w.exchange()
		for _, m := range w.all {
			m.consistent()
			m.settled()
			w.same(m)
			if !slices.Equal(m.shown(), w.alice.shown()) {
				t.Fatalf("%s shows\n%q, and %s\n%q", m.name, m.shown(), w.alice.name, w.alice.shown())
			}
		}
	})
}
