package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/qr"
)

func TestJoinScreenAlone(t *testing.T) {
	d := fresh(t, "", "desk").start()
	fails(t, d.PairConfirm(t.Context(), "123456"), CodeNotFound)
	fails(t, d.PairRefuse(t.Context()), CodeNotFound)
	fails(t, d.PairShow(t.Context(), PairShowOptions{Custodian: "abc"}, nil), CodeUsage)
	fails(t, d.PairAccept(t.Context(), PairAcceptOptions{Ticket: "x"}, nil), CodeNotPaired)
	show := d.show(PairShowOptions{})
	show.next("ticket")
	fails(t, d.PairShow(t.Context(), PairShowOptions{}, nil), CodeExists)
	fails(t, d.PairConfirm(t.Context(), "123456"), CodeNotFound) // nothing is asked yet
	show.cancel()
	if err := show.end(); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	again := d.show(PairShowOptions{Timeout: 10 * time.Millisecond})
	again.next("ticket")
	fails(t, again.end(), CodeTimeout)
	gone := errors.New("the caller is gone")
	err := d.PairShow(t.Context(), PairShowOptions{}, func(Event) error { return gone })
	if !errors.Is(err, gone) {
		t.Errorf("ended with %v", err)
	}
}

func TestPairPicture(t *testing.T) {
	laptop, desk := alone(t), fresh(t, "", "desk").start()
	dir := t.TempDir()
	file := filepath.Join(dir, "ticket.png")
	shows := func(e Event) os.FileInfo {
		t.Helper()
		f, err := os.Open(file)
		must(t, err)
		defer f.Close()
		text, err := qr.Decode(f)
		must(t, err)
		if text != e.Fields["ticket"] || e.Fields["qr"] != file {
			t.Errorf("the picture shows %q, the event says %v", text, e.Fields)
		}
		info, err := f.Stat()
		must(t, err)
		return info
	}
	show := desk.show(PairShowOptions{QRFile: file})
	ticket := show.next("ticket")
	first := shows(ticket)
	if first.Mode().Perm() != 0o600 {
		t.Errorf("others may read the ticket: %v", first.Mode())
	}
	accept := laptop.accept(ticket)
	accept.next("code")
	show.next("confirm")
	must(t, desk.PairRefuse(t.Context()))
	fails(t, accept.end(), CodeRefused)
	if e := show.next("refused"); e.Fields["code"] != "refused" {
		t.Errorf("refused: %v", e.Fields)
	}
	if second := shows(show.next("ticket")); os.SameFile(first, second) {
		t.Error("the picture was overwritten in place")
	}
	show.cancel()
	_ = show.end()
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("left %q", left)
	}
	// One that can't be written ends the call.
	fails(t, desk.PairShow(t.Context(), PairShowOptions{QRFile: filepath.Join(file, "x.png")},
		func(Event) error { return nil }), CodeIO)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestScreenClosedWhileAsking: the other device hears at once, whoever answers
// too late isn't left waiting, and nothing is stored.
func TestScreenClosedWhileAsking(t *testing.T) {
	laptop, desk := alone(t), fresh(t, "", "desk").start()
	for range 3 {
		show := desk.show(PairShowOptions{})
		accept := laptop.accept(show.next("ticket"))
		code := accept.next("code").Fields["code"].(string)
		show.next("confirm")
		late := make(chan error, 1)
		begin := make(chan struct{})
		go func() {
			<-begin
			late <- desk.PairConfirm(t.Context(), "x"+code[1:]) // never right
		}()
		close(begin)
		show.cancel()
		_ = show.end()
		fails(t, accept.end(), CodeRefused)
		if err := <-late; err == nil {
			t.Error("a wrong code was taken")
		}
		if desk.account.Paired() || len(laptop.account.Devices()) != 1 {
			t.Fatal("something was stored")
		}
		if desk.restsNow() {
			return // three wrong codes
		}
	}
}

func (d *device) restsNow() bool {
	_, err := d.pairing.tickets.Issue(nil)
	var rest *mdn.RestError
	return errors.As(err, &rest)
}

// TestAskAfterScreenClosed: an offer that comes when its screen has just closed.
func TestAskAfterScreenClosed(t *testing.T) {
	s := newTicketScreen("")
	close(s.closed)
	a, err := s.ask(t.Context(), confirm{})
	if err != nil || a.ok {
		t.Errorf("answered %+v, %v", a, err)
	}
	if s.reply(typed{}) {
		t.Error("it still asks")
	}
	// An answer at the same moment as the end is returned to whoever gave it.
	ctx, cancel := context.WithCancel(t.Context())
	for range 200 {
		s := newTicketScreen("")
		answer := typed{done: make(chan error, 1), code: "1", ok: true}
		replied := make(chan bool, 1)
		go func() {
			<-s.news
			go cancel()
			replied <- s.reply(answer)
		}()
		got, _ := s.ask(ctx, confirm{})
		if <-replied && got.done != answer.done {
			t.Fatal("an answer was lost")
		}
		ctx, cancel = context.WithCancel(t.Context())
	}
	cancel()
}

func TestThreeWrongCodes(t *testing.T) {
	laptop, desk := alone(t), fresh(t, "", "desk").start()
	show := desk.show(PairShowOptions{})
	for range 3 {
		accept := laptop.accept(show.next("ticket"))
		accept.next("code")
		show.next("confirm")
		fails(t, desk.PairConfirm(t.Context(), "wrong"), CodeRefused)
		show.next("refused")
		fails(t, accept.end(), CodeRefused)
	}
	fails(t, show.end(), CodeTooMany)
	fails(t, desk.PairShow(t.Context(), PairShowOptions{}, nil), CodeTooMany)
}

func TestPairingEndsWithTheNode(t *testing.T) {
	laptop, desk := alone(t), fresh(t, "", "desk").start()
	show := desk.show(PairShowOptions{})
	accept := laptop.accept(show.next("ticket"))
	accept.next("code")
	show.next("confirm")
	desk.close()
	fails(t, show.end(), CodeNotRunning)
	fails(t, accept.end(), CodeRefused)
}

func TestPairAgain(t *testing.T) {
	_, desk := paired(t)
	fails(t, desk.PairShow(t.Context(), PairShowOptions{}, nil), CodeAlreadyPaired)
}
