package mdn_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// rejoin gives a device that was cut off another key, and has it belong to no
// account.
func (d *device) rejoin(t *testing.T, name string) {
	t.Helper()
	must(t, d.Leave(t.Context()))
	d.config.Device, d.name = key.NewDevice(), name
	d.restart(t)
	if d.Paired() {
		t.Fatal("it belongs to an account")
	}
}

// readopt does with entries that were set aside what package tree does with files.
func (d *device) readopt(t *testing.T, ns willow.NamespaceID, before time.Time) {
	t.Helper()
	area := willow.Area{Subspace: willow.SubspaceID(ns), Path: willow.MustPath("files"), Times: willow.AllTimes}
	newest := map[willow.Path]willow.Authorised{}
	note := func(e willow.Authorised) {
		old, ok := newest[e.Entry.Path]
		if len(e.Entry.Path.Components()) > 1 && e.Entry.Timestamp < willow.TimestampOf(before) && (!ok || e.Entry.Compare(old.Entry) > 0) {
			newest[e.Entry.Path] = e
		}
	}
	for e, err := range d.config.Entries.Aside(t.Context(), ns, area) {
		must(t, err)
		note(e)
	}
	for e, err := range d.config.Entries.History(t.Context(), ns, area, false) {
		must(t, err)
		if !d.Counts(e.Token.Capability) {
			note(e.Authorised)
		}
	}
	for path, e := range newest {
		if _, there, err := d.config.Entries.Get(t.Context(), ns, willow.SubspaceID(ns), path); there || err != nil {
			must(t, err)
			continue
		}
		e.Entry.Timestamp += 2
		again, err := d.Sign(t.Context(), e.Entry)
		must(t, err)
		_, err = d.config.Entries.Insert(t.Context(), 0, []willow.Incoming{{Authorised: again}})
		must(t, err)
	}
}

// TestThief is the worst that can happen, in many orders of deliveries: the first
// device is stolen, removes the second, adds a device of the thief's and prunes
// everything at the end of time; the second removes the first; the words are used on
// a third; the second comes back under a new key. In the end all honest devices have
// all that was there before the theft, and the thief's have nothing.
func TestThief(t *testing.T) {
	runs := uint64(6)
	if n, err := strconv.ParseUint(os.Getenv("MEADOW_SOAK"), 10, 64); err == nil {
		runs = 100 * n
	}
	for seed := range runs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			newTheft(t, rand.New(rand.NewPCG(seed, 5))).play()
		})
	}
}

type theft struct {
	*testing.T
	r                          *rand.Rand
	first, second, evil, third *device
	notes                      mdn.SpaceInfo
	words                      mdn.Words
	keys                       mdn.Keys
	stolen                     time.Time
	recovered, refounded       bool
}

func newTheft(t *testing.T, r *rand.Rand) *theft {
	s := &theft{T: t, r: r}
	s.first, s.words = create(t, "Ann", "first")
	s.notes = space(t, s.first, "notes")
	s.second, s.evil, s.third = newDevice(t, "second"), newDevice(t, "evil"), newDevice(t, "third")
	pair(t, s.first, s.second)
	for _, d := range []*device{s.first, s.second} {
		must(t, write(t, d, s.notes.ID, "by "+d.name))
	}
	meet(t, s.first, s.second)
	s.stolen = time.Now().Add(time.Hour)
	for _, d := range []*device{s.first, s.second, s.evil, s.third} {
		d.later(t, 2*time.Hour)
	}
	return s
}

// play does what the thief and the owner do, each in their order, and between that
// devices meet at random.
func (s *theft) play() {
	thief := []func(){s.removesSecond, s.addsEvil, s.prunes}
	s.r.Shuffle(len(thief)-1, func(i, j int) { thief[i], thief[j] = thief[j], thief[i] }) // it can't decide once all is pruned
	owner := []func(){s.removesFirst, s.recovers}
	for len(thief)+len(owner) > 0 {
		s.someMeet()
		if len(owner) == 0 || len(thief) > 0 && s.r.IntN(2) == 0 {
			thief[0]()
			thief = thief[1:]
		} else {
			owner[0]()
			owner = owner[1:]
		}
	}
	s.someMeet()
	s.secondReturns()
	s.someMeet()
	s.check()
}

func (s *theft) someMeet() {
	all := []*device{s.first, s.second, s.evil}
	if s.recovered {
		all = append(all, s.third)
	}
	for range s.r.IntN(4) {
		x, y := all[s.r.IntN(len(all))], all[s.r.IntN(len(all))]
		if x != y && x.Paired() && y.Paired() {
			meet(s.T, x, y)
			s.Logf("%s meets %s", x.name, y.name)
		}
		if s.recovered && !s.refounded {
			_, err := s.third.Reclaim(s.Context(), s.keys)
			must(s.T, err)
		}
	}
}

func (s *theft) removesSecond() {
	_, err := s.first.RemoveDevice(s.Context(), s.second.receiver(), mdn.RemoveOptions{Anyway: true})
	s.Logf("first removes second: %v", err)
}

func (s *theft) addsEvil() {
	o := (&attempt{account: s.first, joining: s.evil}).run(s.T)
	s.Logf("first adds evil: %v", o.accErr)
	if o.joinErr == nil {
		must(s.T, write(s.T, s.evil, s.notes.ID, "planted"))
	}
}

func (s *theft) prunes() {
	for _, ns := range []willow.NamespaceID{s.notes.ID, s.first.Home(), s.first.Identity()} {
		for _, d := range []*device{s.first, s.evil} {
			if d.Paired() && d.MayWrite(ns, willow.SubspaceID(ns), willow.Path{}) {
				d.prune(s.T, ns)
				s.Logf("%s prunes", d.name)
				break
			}
		}
	}
}

func (s *theft) removesFirst() {
	_, err := s.second.RemoveDevice(s.Context(), s.first.receiver(), mdn.RemoveOptions{Since: s.stolen})
	s.Logf("second removes first: %v", err)
}

func (s *theft) recovers() {
	k, err := s.third.Recover(s.Context(), s.words, "third", "linux")
	must(s.T, err)
	s.keys, s.recovered = k, true
	s.Log("the words are used")
}

// secondReturns is what the owner does once both devices are on their desk.
func (s *theft) secondReturns() {
	for range 3 {
		meet(s.T, s.second, s.third)
		_, err := s.third.Reclaim(s.Context(), s.keys)
		must(s.T, err)
	}
	s.refound()
	meet(s.T, s.second, s.third)
	if !s.second.Removed() {
		s.Fatal("the second doesn't know that it is out")
	}
	s.second.rejoin(s.T, "again")
	pair(s.T, s.third, s.second)
	for range 3 {
		meet(s.T, s.second, s.third)
		_, err := s.third.Reclaim(s.Context(), s.keys)
		must(s.T, err)
	}
	s.refound() // in what only the second had
	meet(s.T, s.second, s.third)
	s.second.readopt(s.T, s.notes.ID, s.stolen)
	meet(s.T, s.second, s.third)
}

func (s *theft) refound() {
	all := []willow.NamespaceID{s.third.Identity(), s.third.Home()}
	for _, st := range s.third.Statements(s.third.Home()) {
		if seed, ok := st.Body.(mdn.Seed); ok {
			all = append(all, seed.Space)
		}
	}
	_, err := s.third.Refound(s.Context(), s.keys, all, mdn.RefoundOptions{Since: s.stolen})
	must(s.T, err)
	s.refounded = true
}

func (s *theft) check() {
	all := []*device{s.first, s.second, s.evil, s.third}
	for range 2 {
		meet(s.T, all...)
		for _, d := range []*device{s.second, s.third} {
			must(s.T, d.Tend(s.Context()))
		}
	}
	for _, d := range []*device{s.second, s.third} {
		expect(s.T, d, "third again", "notes")
		if d.Name() != "Ann" || !d.Full() {
			s.Errorf("%s: %s, full %v", d.name, d.Name(), d.Full())
		}
		for _, o := range []*device{s.first, s.evil} {
			if o.Paired() && len(interests(s.T, o, d)) > 0 {
				s.Errorf("%s serves %s", d.name, o.name)
			}
		}
		must(s.T, write(s.T, d, s.notes.ID, "goes on "+d.name))
	}
	meet(s.T, all...)
	x, y := s.second.paths(s.T, s.notes.ID), s.third.paths(s.T, s.notes.ID)
	wants(s.T, "files", x, "by first, by second, goes on again, goes on third")
	wants(s.T, "the two", x, y)
	for _, ns := range []willow.NamespaceID{s.notes.ID, s.third.Home(), s.third.Identity()} {
		wants(s.T, "statements", s.second.hash(ns), s.third.hash(ns))
	}
}

// paths lists what counts of a space.
func (d *device) paths(t *testing.T, ns willow.NamespaceID) (list string) {
	t.Helper()
	area := willow.Area{Subspace: willow.SubspaceID(ns), Path: willow.MustPath("files"), Times: willow.AllTimes}
	for e, err := range d.config.Entries.Area(t.Context(), ns, area) {
		must(t, err)
		if parts := e.Entry.Path.Components(); len(parts) > 1 {
			if list != "" {
				list += ", "
			}
			list += parts[1]
		}
	}
	return list
}
