//go:build headless

package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

func TestTenThousandFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 files take a while; not with -short")
	}
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Photos", nodes...)
	content := make([]byte, 4096)
	for i := range 10_000 {
		rng := rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, i)))
		_, _ = rng.Read(content) // never fails
		s.write(dirs[0], fmt.Sprintf("d%03d/f%05d", i/100, i), string(content))
	}
	s.inStep(nodes[0], nodes[1])
	s.same(dirs...)
	var spaces []node.Space
	s.must(nodes[1].Do(s.ctx, &spaces, "space", "list"))
	if spaces[0].Entries < 10_000 || spaces[0].MissingBytes != 0 {
		t.Errorf("desk's space: %+v", spaces[0])
	}
}

// sent returns the payload bytes that a node has sent in sessions that ended.
func (s *story) sent(n *stage.Node) (sum int64) {
	s.Helper()
	events, err := n.Stream(s.ctx, "events")
	s.must(err)
	for {
		e, err := events.Next()
		if e == nil {
			break
		}
		_ = err // every event is welcome
		if e["event"] == "offline" {
			bytes, _ := e["payload_sent"].(float64)
			sum += int64(bytes)
		}
	}
	events.End()
	return sum
}

func TestReceiverKilledInBigFile(t *testing.T) {
	if testing.Short() {
		t.Skip("1 GiB takes a while; not with -short")
	}
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Films", nodes...)
	const length = 1 << 30
	film := filepath.Join(dirs[0], "film.mkv")
	s.must(writeRandom(film, length))
	for _, percent := range []int64{30, 60, 99} {
		s.waitMissing(nodes[1], length*(100-percent)/100)
		nodes[1].Kill()
		if _, err := os.Stat(filepath.Join(dirs[1], "film.mkv")); err == nil && percent < 99 {
			t.Errorf("at %d %%: something is under the final name", percent)
		}
		s.must(nodes[1].Start(s.ctx))
	}
	s.inStep(nodes[0], nodes[1])
	if sum(t, film) != sum(t, filepath.Join(dirs[1], "film.mkv")) {
		t.Error("the films differ")
	}
	s.must(nodes[1].Stop())
	s.waitOffline(nodes[0])
	if again := s.sent(nodes[0]) - length; again > 3*(16<<20) {
		t.Errorf("%d bytes were sent again after three kills", again)
	}
}

// waitMissing waits until a node lacks at most so many bytes.
func (s *story) waitMissing(n *stage.Node, most int64) {
	s.Helper()
	for {
		var spaces []node.Space
		s.must(n.Do(s.ctx, &spaces, "space", "list"))
		if len(spaces) == 1 && spaces[0].Entries > 0 && spaces[0].MissingBytes <= most {
			return
		}
		if s.ctx.Err() != nil {
			s.Fatalf("still waiting for %d missing bytes: %+v", most, spaces)
		}
	}
}

func (s *story) waitOffline(n *stage.Node) {
	s.Helper()
	for {
		var status node.Status
		s.must(n.Do(s.ctx, &status, "status"))
		if status.State == "offline" {
			break
		}
	}
	s.sessionsTold(n)
}

func writeRandom(file string, length int) error {
	f, err := os.CreateTemp(filepath.Dir(filepath.Dir(file)), "random")
	if err != nil {
		return err
	}
	rng := rand.NewChaCha8([32]byte{1})
	chunk := make([]byte, 1<<20)
	for range length / len(chunk) {
		_, _ = rng.Read(chunk) // never fails
		if _, err := f.Write(chunk); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

func sum(t *testing.T, file string) [32]byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Error(err)
		return [32]byte{}
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Error(err)
	}
	return [32]byte(h.Sum(nil))
}

// show shows a ticket on the joining node.
func (s *story) show(n *stage.Node, args ...string) (*stage.Stream, string) {
	s.Helper()
	show, err := n.Stream(s.ctx, append([]string{"pair", "show"}, args...)...)
	s.must(err)
	return show, s.ticket(show)
}

func (s *story) ticket(show *stage.Stream) string {
	s.Helper()
	e, err := show.Next("ticket")
	s.must(err)
	return fmt.Sprint(e["ticket"])
}

func TestPairingRefused(t *testing.T) {
	s := tell(t)
	laptop := s.account("laptop")[0]
	desk := s.node("desk")
	s.must(desk.InitJoin(s.ctx))
	s.must(desk.Start(s.ctx))
	other := s.node("other")
	_, err := other.Init(s.ctx, "Eve")
	s.must(err)
	s.must(other.Start(s.ctx))
	var status node.Status
	s.must(laptop.Do(s.ctx, &status, "status"))

	show, ticket := s.show(desk, "--custodian", *status.Custodian)

	// A wrong code kills the ticket.
	accept, err := laptop.Stream(s.ctx, "pair", "accept", ticket)
	s.must(err)
	code, err := accept.Next("code")
	s.must(err)
	_, err = show.Next("confirm")
	s.must(err)
	wrong := "000000"
	if code["code"] == wrong {
		wrong = "000001"
	}
	s.fails(desk, 1, node.CodeRefused, "pair", "confirm", "--code", wrong)
	_, err = show.Next("refused")
	s.must(err)
	if _, err := accept.Next("error"); err != nil || accept.End() != 1 {
		t.Errorf("accept after a wrong code: %v", err)
	}
	used := ticket
	ticket = s.ticket(show)

	// A used ticket doesn't work again, nor does a made-up one.
	s.fails(laptop, 1, node.CodeRefused, "pair", "accept", used)
	s.fails(laptop, 2, node.CodeUsage, "pair", "accept", "mdnpair1nonsense")

	// Another account than the one asked for.
	s.fails(other, 1, node.CodeRefused, "pair", "accept", ticket)
	_, err = show.Next("refused")
	s.must(err)
	ticket = s.ticket(show)

	// The user says no.
	accept, err = laptop.Stream(s.ctx, "pair", "accept", ticket)
	s.must(err)
	_, err = accept.Next("code")
	s.must(err)
	_, err = show.Next("confirm")
	s.must(err)
	s.must(desk.Do(s.ctx, nil, "pair", "refuse"))
	_, err = show.Next("refused")
	s.must(err)
	if _, err := accept.Next("error"); err != nil || accept.End() != 1 {
		t.Errorf("accept after a refusal: %v", err)
	}
	show.Interrupt()
	show.End()

	// Nothing was stored on either side.
	s.must(desk.Do(s.ctx, &status, "status"))
	if status.State != "unpaired" || status.Custodian != nil {
		t.Errorf("desk: %+v", status)
	}
	s.must(laptop.Do(s.ctx, &status, "status"))
	if len(status.Devices) != 1 {
		t.Errorf("laptop: %+v", status)
	}
}

func TestTicketExpires(t *testing.T) {
	if testing.Short() {
		t.Skip("a ticket's minute; not with -short")
	}
	s := tell(t)
	laptop := s.account("laptop")[0]
	desk := s.node("desk")
	s.must(desk.InitJoin(s.ctx))
	s.must(desk.Start(s.ctx))
	show, first := s.show(desk)
	second := s.ticket(show)
	s.fails(laptop, 1, node.CodeExpired, "pair", "accept", first)
	s.fails(laptop, 1, node.CodeExpired, "pair", "accept", first)
	accept, err := laptop.Stream(s.ctx, "pair", "accept", second)
	s.must(err)
	if _, err := accept.Next("code"); err != nil {
		t.Error(err)
	}
}
