package interop

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"meadow/core/meadowcap"
	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

// TestInteropGroupings: orders, what is in what, and what is in both.
func TestInteropGroupings(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	agree := func(what string, mine []string, question ...any) {
		t.Helper()
		theirs, ok := o.ask(t, append([]any{"law", what}, question...)...)
		if !ok {
			theirs = nil
		}
		if !slices.Equal(mine, theirs) {
			t.Errorf("%s %v: %v here, %v there", what, question, mine, theirs)
		}
	}
	one := func(v any) []string { return []string{fmt.Sprint(v)} }
	for range cases {
		p, e, f := d.path(), d.entry(), d.entry()
		q := d.related(p)
		agree("compare-paths", one(p.Compare(q)), pathWord(p), pathWord(q))
		agree("prefix", one(p.IsPrefixOf(q)), pathWord(p), pathWord(q))

		f = d.near(e, f)
		agree("compare-entries", one(e.Compare(f)), entryWords(e), entryWords(f))
		agree("prunes", one(e.Prunes(f)), entryWords(e), entryWords(f))

		a := d.area()
		b := d.beside(a)
		e.Path, e.Timestamp = d.related(a.Path), d.times(b.Times).Start
		agree("area-includes-entry", one(a.Includes(e)), areaWords(a), entryWords(e))
		agree("area-includes-area", one(a.IncludesArea(b)), areaWords(a), areaWords(b))
		agree("area-and-area", ifSo(a.Intersect(b))(areaWords), areaWords(a), areaWords(b))
		agree("range-of-area", rangeWords(willow.AreaRange(a)), areaWords(a))
		after := willow.AreaRange(willow.Area{AnySubspace: true, Path: p, Times: willow.AllTimes})
		agree("path-after", ifSo(after.PathEnd, !after.PathOpen)(pathWords), pathWord(p))

		r, s := d.ranges(), d.ranges()
		s.PathStart = d.related(r.PathStart)
		if !s.Valid() {
			s.PathEnd, s.PathOpen = willow.Path{}, true
		}
		e.Subspace, e.Path = d.id(), d.related(r.PathStart)
		agree("range-includes-entry", one(r.Includes(e)), rangeWords(r), entryWords(e))
		agree("range-and-range", ifSo(r.Intersect(s))(rangeWords), rangeWords(r), rangeWords(s))
	}
}

// TestInteropInterests: areas of interest in common. The crate still has the greatest
// number for no limit on entries, where the specification has 0 since November 2025.
func TestInteropInterests(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	interestWords := func(i willow.AreaOfInterest) []string {
		if i.MaxCount == 0 {
			i.MaxCount = math.MaxUint64
		}
		return append(areaWords(i.Area), numberWord(i.MaxCount), numberWord(i.MaxSize))
	}
	limited := func(a willow.Area) willow.AreaOfInterest {
		i := willow.AreaOfInterest{Area: a, MaxCount: d.number(), MaxSize: d.number()}
		if i.MaxCount == math.MaxUint64 {
			i.MaxCount = 0
		}
		return i
	}
	for range cases {
		i := limited(d.area())
		j := limited(d.beside(i.Area))
		mine := ifSo(i.Intersect(j))(interestWords)
		theirs, _ := o.ask(t, "law", "interest-and-interest", interestWords(i), interestWords(j))
		if !slices.Equal(mine, theirs) {
			t.Errorf("%v and %v: %v here, %v there", i, j, mine, theirs)
		}
	}
}

// TestInteropDefaults: the default entry and its token, and which namespaces are
// communal.
func TestInteropDefaults(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	want := willow.Willow25.Default()
	mine := append(authorisedWords(want), bytesWord(want.Token.Signature[:]))
	if theirs, ok := o.ask(t, "token", "default"); !ok || !slices.Equal(mine, theirs) {
		t.Errorf("the default entry is %v here, %v there", mine, theirs)
	}
	for range cases {
		ns := willow.NamespaceID(d.seed())
		if there := o.yes(t, "key", "communal", ns[:]); there == ns.Owned() {
			t.Errorf("%v has an owner: %v here, communal: %v there", ns, ns.Owned(), there)
		}
	}
}

// ifSo writes a value if there is one.
func ifSo[V any](v V, ok bool) func(words func(V) []string) []string {
	return func(words func(V) []string) []string {
		if !ok {
			return nil
		}
		return words(v)
	}
}

// beside draws an area that often has something in common with a.
func (d draw) beside(a willow.Area) willow.Area {
	b := d.area()
	b.Path = d.related(a.Path)
	if d.bool() {
		b.AnySubspace, b.Subspace = a.AnySubspace, a.Subspace
	}
	if d.bool() {
		b.Times = d.times(a.Times)
	}
	return b
}

// near makes f often differ from e in little.
func (d draw) near(e, f willow.Entry) willow.Entry {
	f.Path = d.related(e.Path)
	if d.IntN(8) > 0 {
		f.Namespace = e.Namespace
	}
	if d.IntN(4) > 0 {
		f.Subspace = e.Subspace
	}
	if d.bool() {
		f.Timestamp = e.Timestamp
	}
	if d.bool() {
		f.PayloadDigest = e.PayloadDigest
	}
	if d.bool() {
		f.PayloadLength = e.PayloadLength
	}
	return f
}

// TestInteropJoin: whoever gets the same entries, in whatever order, has the same store.
func TestInteropJoin(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	for range cases / 50 {
		all := d.deliveries(t, o)
		d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		theirs := o.join(t, all)
		d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if mine := join(t, all); !slices.EqualFunc(mine, theirs, same) {
			t.Errorf("of %v there are %v here, %v there", all, mine, theirs)
		}
	}
}

// TestInteropJoinOfEquals shows where the crate's store isn't a join: an entry prunes what
// is below it only if it is newer (Data Model, store), but in the crate also
// if it is as new, if it comes later. So what it has depends on the order.
func TestInteropJoinOfEquals(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	c := d.ownedRoot(t, o, meadowcap.Write)
	above := d.sign(t, o, c, willow.Entry{Namespace: c.Namespace, Path: willow.MustPath("a")})
	below := d.sign(t, o, c, willow.Entry{Namespace: c.Namespace, Path: willow.MustPath("a", "b")})
	for _, all := range [][]willow.Authorised{{above, below}, {below, above}} {
		if mine := join(t, all); !slices.EqualFunc(mine, []willow.Authorised{above, below}, same) {
			t.Errorf("of %v there are %v here", all, mine)
		}
	}
	if theirs := o.join(t, []willow.Authorised{above, below}); len(theirs) != 2 {
		t.Errorf("there are %v there", theirs)
	}
	if theirs := o.join(t, []willow.Authorised{below, above}); len(theirs) != 1 {
		t.Errorf("there are %v there: the crate joins now, and TestInteropJoin can have equals", theirs)
	}
}

func same(a, b willow.Authorised) bool {
	return a.Entry == b.Entry && bytes.Equal(a.Token.Capability, b.Token.Capability) && a.Token.Signature == b.Token.Signature
}

// join returns what a store holds after entries of a namespace were inserted, in order.
func join(t *testing.T, all []willow.Authorised) (live []willow.Authorised) {
	t.Helper()
	store := new(storetest.Memory)
	for _, a := range all {
		if _, err := store.Insert(t.Context(), 0, []willow.Incoming{{Authorised: a}}); err != nil {
			t.Fatal(err)
		}
	}
	for a, err := range store.Area(t.Context(), all[0].Entry.Namespace, willow.FullArea) {
		if err != nil {
			t.Fatal(err)
		}
		live = append(live, a)
	}
	return live
}

// join is what a store of the crate's holds.
func (o *oracle) join(t *testing.T, all []willow.Authorised) (live []willow.Authorised) {
	t.Helper()
	ns := all[0].Entry.Namespace
	question := []string{bytesWord(ns[:]), strconv.Itoa(len(all))}
	for _, a := range all {
		question = append(question, authorisedWords(a)...)
	}
	answer, _ := o.ask(t, "law", "join", question)
	for w := (&words{t, answer[len(all):]}); len(w.left) > 0; {
		live = append(live, w.authorised())
	}
	slices.SortFunc(live, func(a, b willow.Authorised) int {
		return cmp.Or(a.Entry.Subspace.Compare(b.Entry.Subspace), a.Entry.Path.Compare(b.Entry.Path))
	})
	return live
}

// deliveries draws entries of a namespace that prune each other, with equal timestamps and
// digests; only at the same path are they as new.
func (d draw) deliveries(t *testing.T, o *oracle) (all []willow.Authorised) {
	c := d.ownedRoot(t, o, meadowcap.Write)
	paths := []willow.Path{d.path()}
	for range 3 {
		if p := d.related(one(d, paths...)); !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	subspaces := [][32]byte{d.id(), d.id()}
	digests := [][32]byte{d.id(), d.id()}
	for range 1 + d.IntN(30) {
		i := d.IntN(len(paths))
		all = append(all, d.sign(t, o, c, willow.Entry{
			Namespace: c.Namespace, Subspace: one(d, subspaces...), Path: paths[i], Timestamp: willow.Timestamp(d.IntN(3)),
			PayloadLength: uint64(d.IntN(3)*len(paths) + i), PayloadDigest: one(d, digests...),
		}))
	}
	return all
}
