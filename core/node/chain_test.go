package node

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// TestChain: three devices of which the first and the last can't reach each other
// (they speak IPv4 and IPv6 only), and the one between them is off half the time.
func TestChain(t *testing.T) {
	if l, err := net.ListenPacket("udp", "[::1]:0"); err != nil {
		t.Skip("no IPv6 here")
	} else {
		l.Close()
	}
	first, middle, last := fresh(t, "Ada", "first"), fresh(t, "", "middle"), fresh(t, "", "last")
	last.listen = netip.MustParseAddrPort("[::1]:0")
	middle.also = []netip.AddrPort{last.listen}
	first.start()
	middle.start()
	last.start()
	pair(t, first, middle)
	middle.inStep("first")
	pair(t, middle, last)
	_, err := first.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	meet := func() {
		t.Helper()
		first.inStep("middle")
		last.inStep("middle")
		middle.inStep("first", "last")
	}
	meet()
	big := func(of string, round int) string { return strings.Repeat(fmt.Sprintln(of, round), 10_000) }
	for round := range 3 {
		first.put("Notes", fmt.Sprint("first/", round), big("first", round))
		last.put("Notes", fmt.Sprint("last/", round), big("last", round))
		middle.close()
		first.put("Notes", "diary of first", big("diary", round))
		last.put("Notes", fmt.Sprint("last, alone/", round), big("alone", round))
		if round > 0 {
			_, err = first.Move(t.Context(), "Notes", fmt.Sprint("last/", round-1), fmt.Sprint("taken/", round-1))
			must(t, err)
			_, err = last.Remove(t.Context(), "Notes", fmt.Sprint("first/", round-1))
			must(t, err)
		}
		middle.start()
		meet()
	}
	middle.close()
	first.put("Notes", "both", "by first")
	last.put("Notes", "both", "by last")
	middle.start()
	meet()
	a, b := listing(t, first), listing(t, last)
	if !bytes.Equal(a, b) {
		t.Errorf("first has\n%s\nlast has\n%s", a, b)
	}
	if got := first.get("Notes", "last, alone/1"); got != big("alone", 1) {
		t.Errorf("%d bytes came from the last", len(got))
	}
	if got := last.get("Notes", "diary of first"); got != big("diary", 2) {
		t.Errorf("%d bytes came from the first", len(got))
	}
	for _, d := range []*device{first, last} {
		cs, err := d.Conflicts(t.Context(), "Notes")
		must(t, err)
		if len(cs) != 1 {
			t.Errorf("conflicts %+v", cs)
		}
		for _, e := range d.told("online") {
			if e.Fields["device"] != "middle" {
				t.Errorf("%v met directly", e.Fields)
			}
		}
	}
}

// listing describes all files of a space, with their versions.
func listing(t *testing.T, d *device) []byte {
	t.Helper()
	files, err := d.List(t.Context(), "Notes", "")
	must(t, err)
	var b bytes.Buffer
	for _, f := range files {
		fmt.Fprintln(&b, f.Path, f.Version, f.Digest, f.Present)
	}
	return b.Bytes()
}

// TestTwoScanners: two devices of the account scan one ticket at once. One of them
// lets the device join, the other is told why it can't; the device is in the
// account once.
func TestTwoScanners(t *testing.T) {
	laptop, desk := paired(t)
	laptop.inStep("desk")
	phone := fresh(t, "", "phone").start()
	show := phone.show(PairShowOptions{})
	ticket := show.next("ticket")
	scans := []*flow{laptop.accept(ticket), desk.accept(ticket)}
	show.next("confirm")
	var winner, loser *flow
	for i, f := range scans {
		if e, ok := <-f.events; ok {
			winner, loser = f, scans[1-i]
			must(t, phone.PairConfirm(t.Context(), e.Fields["code"].(string)))
			break
		}
	}
	if winner == nil {
		t.Fatal("nobody was let in")
	}
	if e, ok := <-loser.events; ok {
		t.Fatalf("the other one goes on with %+v", e)
	}
	fails(t, loser.end(), CodeRefused)
	show.next("paired")
	winner.next("paired")
	must(t, show.end())
	must(t, winner.end())
	for _, d := range []*device{laptop, desk, phone} {
		d.until("all know", func() bool { list, err := d.DeviceList(t.Context()); return err == nil && len(list) == 3 })
	}
	phone.inStep("laptop", "desk")
}
