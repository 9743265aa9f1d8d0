//go:build headless

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"meadow/core/node"
)

// TestShareBadly makes calls that are wrong: each says so, and nothing changes
// anywhere.
func TestShareBadly(t *testing.T) {
	s := tell(t)
	ada, bob, cleo := s.actor("Ada", "laptop"), s.actor("Bob", "phone"), s.actor("Cleo", "tablet")
	s.meet(ada, bob)
	s.meet(bob, cleo)
	as(ada).do(nil, "space", "create", "Photos")
	as(ada).puts("Photos", "2026/beach.jpg", "the beach")
	for _, bad := range []struct {
		exit int
		code string
		args string
	}{
		{1, node.CodeNotFound, "share Photos --with Nobody --level read"},
		{1, node.CodeNotFound, "share Photos --with Cleo --level read"}, // whom only Bob knows
		{1, node.CodeNotFound, "share Photos --with Ada --level read"},
		{1, node.CodeNotFound, "share Videos --with Bob --level read"},
		{1, node.CodeNotFound, "share Photos/2027 --with Bob --level read"},
		{1, node.CodeNotFound, "share Photos/2026/beach --with Bob --level read"},
		{2, node.CodeUsage, "share Photos/../x --with Bob --level read"},
		{2, node.CodeUsage, "share Photos --with Bob --level full"},
		{2, node.CodeUsage, "share Photos --with Bob"},
		{2, node.CodeUsage, "share Photos --level read"},
		{2, node.CodeUsage, "share Photos --with Bob --level read --until yesterday"},
		{2, node.CodeUsage, "share Photos --with Bob --level read --until soon"},
		{2, node.CodeUsage, "share Photos --with Bob --level read --from tomorrow --until today"},
		{1, node.CodeNotFound, "share change 0123456789abcdef --level write"},
		{2, node.CodeUsage, "share change 0123456789abcdef"},
		{1, node.CodeNotFound, "invite accept 0123456789abcdef"},
		{1, node.CodeNotFound, "invite decline x"},
		{1, node.CodeNotFound, "revoke 0123456789abcdef"},
		{1, node.CodeNotFound, "revoke --person Bob"},
		{1, node.CodeNotFound, "revoke --person Nobody --dry-run"},
		{2, node.CodeUsage, "revoke"},
		{2, node.CodeUsage, "revoke 0123456789abcdef --person Bob"},
	} {
		as(ada).fail(bad.exit, bad.code, "", strings.Fields(bad.args)...)
	}
	as(ada).do(nil, "contact", "block", "Bob")
	as(ada).refused("", "share", "Photos", "--with", "Bob", "--level", "read")
	as(ada).do(nil, "contact", "unblock", "Bob")
	var shares []node.Share
	if as(ada).do(&shares, "shares"); len(shares) > 0 {
		t.Errorf("shares are %+v", shares)
	}

	plain := as(ada).share("Photos/2026", bob, "contribute", "--until", "20d")
	as(bob).accept(plain)
	as(bob).reads("Photos", "2026/beach.jpg", "the beach")
	as(bob).refused("", "share", "Photos/2026", "--with", "Cleo", "--level", "read")
	as(ada).do(nil, "share", "change", plain, "--may-pass-on")
	as(bob).until("he may pass it on", func() bool { return as(bob).invited(plain).MayPassOn })
	for _, args := range []string{
		"share Photos --with Cleo --level read --until 10d",
		"share Photos/2026 --with Cleo --level write --until 10d",
		"share Photos/2026 --with Cleo --level read",
		"share Photos/2026 --with Cleo --level read --until 21d",
	} {
		before := as(bob).rows("Photos")
		if args == "share Photos --with Cleo --level read --until 10d" {
			as(bob).refused("", strings.Fields(args)...)
			continue
		}
		as(bob).refused("", strings.Fields(args)...)
		if !sameRows(before, as(bob).rows("Photos")) {
			t.Errorf("%s changed something", args)
		}
	}
	if as(bob).do(&shares, "shares"); len(shares) > 0 {
		t.Errorf("Bob's shares are %+v", shares)
	}
	s.fails(cleo.at, 1, node.CodeNotFound, "space", "rename", "Photos", "Mine")
	as(bob).refused("", "space", "rename", "Photos", "Mine")
	as(bob).refused("", "space", "delete", "Photos", "--yes")
}

// TestShareKeys are the names that others build on.
func TestShareKeys(t *testing.T) {
	s := tell(t)
	ada, bob := s.actor("Ada", "laptop"), s.actor("Bob", "phone")
	s.meet(ada, bob)
	as(ada).do(nil, "space", "create", "Photos")
	id := as(ada).share("Photos", bob, "read")
	as(bob).invited(id)
	keysOf(t, "a share", as(ada).bytesOf("shares")[0], "id", "with", "space", "path", "level", "from", "until", "may_pass_on", "state", "holders")
	keysOf(t, "an invitation", as(bob).bytesOf("invite", "list")[0], "id", "from", "space", "path", "level", "until", "says")
	keysOf(t, "a space", as(ada).bytesOf("space", "list")[0], "owner", "level", "until")
	for _, line := range []string{as(ada).says("shares"), as(bob).says("invite", "list")} {
		if !strings.Contains(line, id[:8]) || !strings.Contains(line, "Photos") {
			t.Errorf("said: %s", line)
		}
	}
	as(bob).do(nil, "invite", "decline", id[:8])
	as(ada).until("it is declined", func() bool { return as(ada).shareOf(id).State == node.ShareDeclined })
	if rows := as(bob).rows("Photos"); rows != nil {
		t.Errorf("what was declined is here: %v", rows)
	}
	as(bob).accept(id) // he thinks again
	as(ada).until("it is accepted", func() bool { return as(ada).shareOf(id).State == node.ShareAccepted })
	var mine, his []node.Space
	as(ada).do(&mine, "space", "list")
	as(bob).do(&his, "space", "list")
	if len(mine) != 1 || mine[0].Owner != "" || mine[0].Level != "full" || len(his) != 1 || his[0].Owner != "Ada" || his[0].Level != "read" {
		t.Errorf("spaces: %+v, %+v", mine, his)
	}
	if said := as(bob).says("space", "list"); !strings.Contains(said, "from Ada; you can read it") {
		t.Errorf("space list says %s", said)
	}
	as(ada).puts("Photos", "beach.jpg", "the beach")
	as(bob).reads("Photos", "beach.jpg", "the beach")
	as(bob).do(nil, "invite", "decline", id) // and gives it back
	if as(bob).do(&his, "space", "list"); len(his) > 0 {
		t.Errorf("what was given back is here: %+v", his)
	}
	as(bob).accept(id) // it comes again, with all that it has
	as(bob).reads("Photos", "beach.jpg", "the beach")
	as(ada).do(nil, "revoke", id)
	as(bob).until("the space has ended", func() bool {
		as(bob).do(&his, "space", "list")
		return len(his) == 1 && his[0].Ended
	})
	as(bob).refused("", "space", "rename", "Photos", "Mine")
	if said := as(bob).says("invite", "decline", id); !strings.Contains(said, "gone from this device") {
		t.Errorf("declining what has ended says %s", said)
	}
	if as(bob).do(&his, "space", "list"); len(his) > 0 {
		t.Errorf("what was let go of is here: %+v", his)
	}
	as(bob).refused("", "invite", "decline", id)
}

// TestDeletedWhileShared: whoever was offered a space that is deleted can't have it
// any more, and the one who deletes it is told who had it.
func TestDeletedWhileShared(t *testing.T) {
	s := tell(t)
	ada, bob := s.actor("Ada", "laptop"), s.actor("Bob", "phone")
	s.meet(ada, bob)
	as(ada).do(nil, "space", "create", "Photos")
	as(ada).puts("Photos", "beach.jpg", "the beach")
	if said := as(ada).says("share", "Photos", "--with", "Bob", "--level", "read"); !strings.Contains(said, "Bob can see 1 file now and anything added, until") {
		t.Errorf("it says %s", said)
	}
	id := as(ada).share("Photos", bob, "read")
	as(bob).invited(id)
	as(ada).fail(2, node.CodeUsage, "", "space", "delete", "Photos")
	if said := as(ada).says("space", "delete", "Photos", "--yes"); !strings.Contains(said, "shared with Bob") {
		t.Errorf("it says %s", said)
	}
	if state := as(ada).shareOf(id).State; state != node.ShareEnded {
		t.Errorf("the share is %s", state)
	}
	as(bob).until("it has ended", func() bool { return as(bob).invited(id).State == node.ShareEnded })
	as(bob).fail(1, node.CodeNotAllowed, "", "invite", "accept", id)
}

// TestShareEndsByItself: both are told, and nothing more is served.
func TestShareEndsByItself(t *testing.T) {
	s := tell(t)
	ada, bob := s.actor("Ada", "laptop"), s.actor("Bob", "phone")
	s.meet(ada, bob)
	as(ada).do(nil, "space", "create", "Photos")
	as(ada).puts("Photos", "beach.jpg", "the beach")
	end := time.Now().Add(8 * time.Second).UTC().Format(time.RFC3339Nano)
	id := as(ada).share("Photos", bob, "contribute", "--until", end)
	as(bob).accept(id)
	as(bob).reads("Photos", "beach.jpg", "the beach")
	as(ada).until("it is over", func() bool { return as(ada).shareOf(id).State == node.ShareExpired })
	as(bob).until("it is over", func() bool { return as(bob).invited(id).State == node.ShareExpired })
	as(ada).puts("Photos", "later.jpg", "later")
	as(bob).until("the space has ended", func() bool {
		var his []node.Space
		as(bob).do(&his, "space", "list")
		return len(his) == 1 && his[0].Ended
	})
	as(bob).refused("mine", "put", "Photos", "mine.jpg", "-")
	as(bob).cannotRead("Photos", "later.jpg")
	as(bob).reads("Photos", "beach.jpg", "the beach")
	for who, kind := range map[*actor]string{ada: node.ActivityShareExpired, bob: node.ActivityInviteExpired} {
		who.until("it is in the log", func() bool {
			var rows []node.ActivityRow
			who.do(&rows, "activity", "--kind", kind)
			return len(rows) == 1
		})
	}
	as(bob).fail(1, node.CodeExpired, "", "invite", "accept", id)
	as(ada).do(nil, "share", "change", id, "--until", "30d") // it goes on
	as(bob).reads("Photos", "later.jpg", "later")
}

// TestTakenBackWhileItComes takes a share back while a large file is on its way: the
// rest of it isn't served.
func TestTakenBackWhileItComes(t *testing.T) {
	s := tell(t)
	ada, bob := s.actor("Ada", "laptop", "desk"), s.actor("Bob", "phone")
	s.meet(ada, bob)
	as(ada).do(nil, "space", "create", "Photos")
	as(ada).do(nil, "settings", "--limit-out", "1MiB/s", "--limit-lan", "on")
	as(ada).on(ada.nodes[1]).do(nil, "settings", "--limit-out", "1MiB/s", "--limit-lan", "on")
	_, err := ada.at.Raw(s.ctx, bytes.NewReader(noise(7, 64<<20)), "--json", "put", "Photos", "film.mp4", "-")
	s.must(err)
	id := as(ada).share("Photos", bob, "read")
	as(bob).accept(id)
	arrived := func() (bytes int64) {
		var moving node.Transfers
		as(bob).do(&moving, "transfers")
		for _, in := range moving.In {
			bytes += in.Bytes
		}
		return bytes
	}
	as(bob).until("the film is on its way", func() bool { return arrived() > 0 })
	click := time.Now()
	receipt := as(ada).revoke(id)
	answered := time.Since(click)
	last, served := time.Time{}, int64(0)
	as(ada).until("it is in the audit log what was served", func() bool {
		last, served = time.Time{}, 0
		for _, n := range ada.nodes {
			var rows []node.AuditRow
			as(ada).on(n).do(&rows, "audit", "--kind", node.AuditSent, "--person", "Bob")
			for _, r := range rows {
				if served += r.Bytes; r.Path == "film.mp4" && r.Time.After(last) {
					last = r.Time.Time
				}
			}
		}
		return served > 0
	})
	took := max(last.Sub(click), 0)
	t.Logf("from click to last byte served: %v (the receipt came after %v; %d of %d bytes were served)",
		took.Round(time.Millisecond), answered.Round(time.Millisecond), served, 64<<20)
	if len(receipt.Stopped) != 2 || len(receipt.NotTold) > 0 {
		t.Errorf("the receipt is %+v", receipt)
	}
	if took > 5*time.Second || served >= 64<<20 {
		t.Errorf("the last byte was served %v after the click, %d bytes in all", took, served)
	}
	as(bob).cannotRead("Photos", "film.mp4")
}
