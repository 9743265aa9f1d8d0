package consync_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// What follows are peers with a patched program, which was given something and
// goes beyond it. None may change what an honest node has, or get from it what it
// wasn't given.

// corner is where a contributor may write, from its time 100 to before 200.
func corner(ss willow.SubspaceID) willow.Area {
	return willow.Area{
		Subspace: ss, Path: willow.MustPath("files", "x"), Times: willow.TimeRange{Start: 100, End: 200},
	}
}

// contributor makes a device that may read files/x and write in a corner.
func contributor(t *testing.T, n *node, ns willow.NamespaceID, read *meadowcap.Capability) (d key.Device, ss willow.SubspaceID, r, w *meadowcap.Capability) {
	t.Helper()
	d = key.NewDevice()
	ss = willow.SubspaceID(key.NewDevice().Receiver())
	r, err := read.Delegate(n.device, below("files", "x"), d.Receiver())
	must(t, err)
	w, err = n.write[ns].Delegate(n.device, corner(ss), d.Receiver())
	must(t, err)
	return d, ss, r, w
}

// forge signs an entry with a device's key whatever its capability grants.
func forge(d key.Device, c *meadowcap.Capability, e willow.Entry) willow.Authorised {
	return willow.Authorised{Entry: e, Token: willow.Token{Capability: c.Encode(), Signature: d.Sign(willow.AppendEntry(nil, e))}}
}

// TestContributorGoesBeyond: overwriting, writing elsewhere, back-dating, writing
// after the end, pruning by a short path, and using a chain that is somebody else's:
// each ends the session, and nothing of it is stored.
func TestContributorGoesBeyond(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	theirs := n.put(ns, 150, []byte("the owner's"), "files", "x", "theirs")
	d, ss, r, w := contributor(t, n, ns, read)
	entry := func(ss willow.SubspaceID, at willow.Timestamp, path ...string) willow.Entry {
		return willow.Entry{Namespace: ns, Subspace: ss, Path: willow.MustPath(path...), Timestamp: at, PayloadDigest: willow.EmptyDigest}
	}
	_, _, others := member(t, n, ns, read, willow.FullArea) // anybody sees it who has an entry under it
	taken := *others
	taken.Delegations = append(slices.Clone(others.Delegations), meadowcap.Delegation{
		Area: willow.FullArea, Receiver: d.Receiver(), Signature: d.Sign([]byte("whatever")),
	})
	for what, e := range map[string]willow.Authorised{
		"overwrites":        forge(d, w, entry(theirs.Subspace, 150, "files", "x", "theirs")),
		"another corner":    forge(d, w, entry(willow.SubspaceID{1}, 150, "files", "x", "new")),
		"outside the area":  forge(d, w, entry(ss, 150, "files", "y")),
		"prunes from above": forge(d, w, entry(ss, 150, "files")),
		"before its window": forge(d, w, entry(ss, 99, "files", "x", "early")),
		"after its window":  forge(d, w, entry(ss, 200, "files", "x", "late")),
		"takes a chain":     forge(d, &taken, entry(theirs.Subspace, 151, "files", "x", "theirs")),
		"another's chain":   forge(d, others, entry(theirs.Subspace, 151, "files", "x", "theirs")),
		"reads to write":    forge(d, r, entry(ss, 150, "files", "x", "new")),
	} {
		t.Run(what, func(t *testing.T) { thrownOutFor(t, n, ns, d, r, consync.FrameEntry(e, false, nil)) })
	}
	if !n.holds(theirs) {
		t.Error("the owner's file isn't as it was")
	}
}

// thrownOutFor has a device say something after it has joined; the session must end
// with nothing stored.
func thrownOutFor(t *testing.T, n *node, ns willow.NamespaceID, d key.Device, r *meadowcap.Capability, frame []byte) {
	t.Helper()
	before := n.fingerprint(ns)
	a := attack(t, n, d)
	a.join(ns, r)
	a.say(frame)
	a.thrownOut(consync.TypeState)
	if n.fingerprint(ns) != before {
		t.Error("something was stored")
	}
}

// TestContributorsOwnFiles: what it may do works, so the others fail for what they
// do.
func TestContributorsOwnFiles(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	d, ss, r, w := contributor(t, n, ns, read)
	e, err := meadowcap.Sign(d, w, willow.Entry{
		Namespace: ns, Subspace: ss, Path: willow.MustPath("files", "x", "mine"), Timestamp: 199, PayloadDigest: willow.EmptyDigest,
	})
	must(t, err)
	a := attack(t, n, d)
	a.join(ns, r)
	a.say(consync.FrameEntry(e, false, nil))
	eventually(t, "it is stored", func() bool { return n.has(e.Entry) }, n)
}

// TestCraftedQuestions: whatever ranges a reader asks about, it hears of nothing
// outside its area, byte for byte.
func TestCraftedQuestions(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	inside := make(map[willow.Entry]bool)
	for i := range 50 {
		in := n.put(ns, 100, []byte("public "+name(i)), "files", "x", name(i))
		in.Namespace = willow.NamespaceID{}
		inside[in] = true
		n.put(ns, 100, []byte("SECRET "+name(i)), "files", "SECRET", name(i))
		n.put(ns, 99, []byte("SECRET early "+name(i)), "files", "x", "SECRET", name(i))
	}
	area := below("files", "x")
	area.Times.Start = 100
	d, r, _ := member(t, n, ns, read, area)
	a := attack(t, n, d)
	a.join(ns, r)
	secret := willow.AreaRange(below("files", "SECRET"))
	one := willow.FullRange
	one.PathStart, one.PathEnd, one.PathOpen = willow.MustPath("files", "SECRET"), willow.MustPath("files", "SECRET", name(1)), false
	for _, r := range []willow.Range3D{willow.FullRange, secret, one, willow.AreaRange(below("files"))} {
		a.say(consync.FrameAsk(r))
	}
	a.say(consync.FrameHave(0))
	a.say(consync.FrameSplit(2))
	got := make(map[willow.Entry]bool)
	for ends := 0; ends < 1; {
		typ, body := a.next()
		if bytes.Contains(body, []byte("SECRET")) {
			t.Fatalf("a message of type %#x has a secret", typ)
		}
		switch typ {
		case consync.TypeEntries:
			list, payloads := consync.DecodeEntries(body)
			for i, e := range list {
				got[e] = true
				if !inside[e] || !bytes.HasPrefix(payloads[i], []byte("public")) {
					t.Fatalf("it is sent %v", e)
				}
			}
		case consync.TypeEnd:
			ends++
		}
	}
	if len(got) != len(inside) {
		t.Errorf("it got %d entries, want the %d inside", len(got), len(inside))
	}
}

// TestRefusalsAreAlike: who asks for a payload can't tell what isn't there from
// what isn't held, nor from what isn't for it.
func TestRefusalsAreAlike(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	out := n.put(ns, 1, bytes.Repeat([]byte("out"), 10_000), "out")
	unheld := willow.Entry{
		Namespace: ns, Subspace: subspace, Path: willow.MustPath("x", "unheld"), Timestamp: 1,
		PayloadDigest: willow.Digest{1}, PayloadLength: 30_000,
	}
	signed, err := meadowcap.Sign(n.device, n.write[ns], unheld)
	must(t, err)
	n.insert(0, signed)
	absent := unheld
	absent.Path = willow.MustPath("x", "absent")
	absentOut := out
	absentOut.Path = willow.MustPath("out", "there")
	swapped := unheld
	swapped.PayloadDigest, swapped.PayloadLength = out.PayloadDigest, out.PayloadLength
	d, r, _ := member(t, n, ns, read, below("x"))
	a := attack(t, n, d)
	a.join(ns, r)
	for what, e := range map[string]willow.Entry{
		"outside": out, "not held": unheld, "not there": absent, "neither inside nor there": absentOut,
		"another's digest": swapped,
	} {
		s, err := a.conn.OpenStream(context.Background())
		must(t, err)
		_, err = s.Write(consync.Request(e))
		must(t, err)
		if got, err := io.ReadAll(s); len(got) != 0 || !errors.Is(err, errReset) {
			t.Errorf("%s: %d bytes, %v", what, len(got), err)
		}
	}
}

// TestDigestsOfOthersFiles: who names, in a corner of its own, the digest of a file
// that it never had doesn't get the file, nor learns whether it is here: in the
// space outside its area, or in another space.
func TestDigestsOfOthersFiles(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	elsewhere, _ := n.own()
	contents := bytes.Repeat([]byte("SECRET"), 5000)
	here := n.put(ns, 150, contents, "files", "secret")
	other := n.put(elsewhere, 150, append(contents, "of another space"...), "files", "x", "secret")
	for what, digest := range map[string]willow.Entry{
		"here": here, "in another space": other, "nowhere": {PayloadDigest: willow.Digest{9}, PayloadLength: uint64(len(contents))},
	} {
		d, ss, r, w := contributor(t, n, ns, read)
		e, err := meadowcap.Sign(d, w, willow.Entry{
			Namespace: ns, Subspace: ss, Path: willow.MustPath("files", "x", "lure"), Timestamp: 150,
			PayloadDigest: digest.PayloadDigest, PayloadLength: digest.PayloadLength,
		})
		must(t, err)
		a := attack(t, n, d)
		a.join(ns, r)
		a.say(consync.FrameEntry(e, false, nil))
		missing := uint64(0)
		for missing == 0 {
			missing = consync.Missing(a.hear(consync.TypeState))
		}
		if got := a.fetch(e.Entry); len(got) != 0 {
			t.Errorf("%s: it got %d bytes", what, len(got))
		}
		asked, err := a.conn.AcceptStream(context.Background())
		must(t, err)
		head := make([]byte, 1)
		if _, err := io.ReadFull(asked, head); err != nil {
			t.Errorf("%s: it isn't asked for the file, as who has one would be: %v", what, err)
		}
		asked.CancelWrite(0)
		if n.holds(e.Entry) {
			t.Errorf("%s: the node says that it has the file", what)
		}
		must(t, a.conn.Close(0))
		<-a.victim
	}
}

// TestReaderWithoutLeave: a chain that is valid but that the policy doesn't serve,
// because who passed it on might not, gets statements at most.
func TestReaderWithoutLeave(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	e := n.put(ns, 1, []byte("secret"), "x")
	middle, r, _ := member(t, n, ns, read, willow.FullArea)
	d := key.NewDevice()
	on, err := r.Delegate(middle, below("x"), d.Receiver())
	must(t, err)
	n.serves(ns, below("x"), false)
	events := n.record()
	a := attack(t, n, d)
	a.say(consync.FrameInterests(a.conn, ns))
	a.hear(consync.TypeHello)
	a.hear(consync.TypeInterests)
	a.hear(consync.TypeRead)
	a.say(consync.FrameRead(on.Encode()))
	hash := a.hear(consync.TypeSetHash)
	a.say(consync.FrameSetHash([32]byte(hash[1:])))
	a.say(consync.FrameState(willow.Fingerprint{1}))
	if got := a.fetch(e); len(got) != 0 {
		t.Errorf("it got %q", got)
	}
	eventually(t, "it is noted", func() bool { return len(eventsOf[consync.Refused](events)) > 0 }, n)
	a.say(consync.FrameHave(0))
	a.thrownOut()
}

// TestGuessedAreas: who knows a namespace, and names another area of it than the
// node does with this peer, hears what a stranger hears.
func TestGuessedAreas(t *testing.T) {
	n := newNode(t)
	ns, read := n.ownOnly()
	n.put(ns, 1, []byte("secret"), "x", "y", "z")
	n.interestIn(ns, read, below("x", "y"))
	d, _, _ := member(t, n, ns, read, willow.FullArea)
	later := below("x", "y")
	later.Times.Start = 1
	a := attack(t, n, d)
	a.say(consync.FrameInterestsIn(a.conn, ns, willow.FullArea, below("x"), below("x", "y", "z"), below("y"), later))
	a.hear(consync.TypeHello)
	a.hear(consync.TypeInterests)
	a.say(consync.FrameStop(0))
	a.thrownOut()
}

// TestDeadWriters: an entry under a chain that has died doesn't count, whoever
// brings it.
func TestDeadWriters(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	n.put(ns, 1, []byte("the owner's"), "x")
	gone, _, w := member(t, n, ns, read, willow.FullArea)
	e, err := meadowcap.Sign(gone, w, willow.Entry{
		Namespace: ns, Subspace: subspace, Path: willow.MustPath("x"), Timestamp: 1 << 62, PayloadDigest: willow.EmptyDigest,
	})
	must(t, err)
	n.kill(ns, gone.Receiver())
	before := n.fingerprint(ns)
	d, r, _ := member(t, n, ns, read, willow.FullArea)
	a := attack(t, n, d)
	a.join(ns, r)
	a.say(consync.FrameEntry(e, false, nil))
	aside := func() (count int) {
		for _, err := range n.store.Aside(context.Background(), ns, willow.FullArea) {
			must(t, err)
			count++
		}
		return count
	}
	for deadline := time.Now().Add(30 * time.Second); aside() == 0 && time.Now().Before(deadline); {
		a.say(consync.FrameAsk(willow.FullRange))
		for typ := byte(0); typ != consync.TypeHave; {
			typ, _ = a.next()
		}
	}
	if n.fingerprint(ns) != before || aside() != 1 {
		t.Errorf("it counts; %d entries are set aside", aside())
	}
}

// TestFloods: interests, capabilities and stops without end are cut off.
func TestFloods(t *testing.T) {
	n := newNode(t)
	ns, read := n.own()
	d, r, _ := member(t, n, ns, read, willow.FullArea)
	filler := make([]byte, 32*1024)
	for what, next := range map[string]func(i int) []byte{
		"interests": func(i int) []byte {
			for j := 0; j < len(filler); j += 32 {
				filler[j], filler[j+1], filler[j+2] = byte(i), byte(j/32), byte(j/32>>8)
			}
			return consync.FrameEcho(filler)
		},
		"capabilities": func(int) []byte { return consync.FrameRead(r.Encode()) },
		"stops": func(int) []byte {
			return append(consync.FrameStop(0), consync.FrameState(willow.Fingerprint{1})...)
		},
	} {
		t.Run(what, func(t *testing.T) {
			a := attack(t, n, d)
			a.join(ns, r)
			go func() { _, _ = io.Copy(io.Discard, a.control) }()
			for i := 0; ; i++ {
				if _, err := a.control.Write(next(i)); err != nil {
					break
				}
			}
			if err := <-a.victim; !errors.Is(err, consync.ErrLimit) {
				t.Errorf("session ended with %v, want a limit", err)
			}
		})
	}
}
