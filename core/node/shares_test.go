package node

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

func TestSharesSay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.Local)
	until := &Time{time.Date(2026, 11, 27, 18, 0, 0, 0, time.Local)}
	next := &Time{time.Date(2027, 1, 2, 8, 5, 0, 0, time.Local)}
	for want, o := range map[string]struct {
		ShareOptions
		files int64
	}{
		"Ana can see 214 files now and anything added, until Fri 27 Nov 18:00. Ana keeps what was downloaded by then.": {
			ShareOptions{With: "Ana", Level: "read", Until: until}, 214,
		},
		"Ana can see 1 file now and anything added, and add files beside them without changing any, until you take it back. Ana may hand it on to others. Ana keeps what was downloaded by then.": {
			ShareOptions{With: "Ana", Level: "contribute", MayPassOn: true}, 1,
		},
		"Ana can see, change and delete what is in Photos/2026 and anything added, until Sat 2 Jan 2027 08:05. Ana keeps what was downloaded by then.": {
			ShareOptions{With: "Ana", Space: "Photos", Path: "2026", Level: "write", Until: next}, uncounted,
		},
		"Ana can see what is written from Fri 27 Nov 18:00 on (0 files now), until you take it back. Ana keeps what was downloaded by then.": {
			ShareOptions{With: "Ana", Level: "read", From: until}, 0,
		},
		`A\u202ena can see what is written from Fri 27 Nov 18:00 on in P\u000ax, until you take it back. A\u202ena keeps what was downloaded by then.`: {
			ShareOptions{With: "A\u202ena", Space: "P\nx", Level: "read", From: until}, uncounted,
		},
	} {
		if got := shareSays(o.ShareOptions, o.files, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for want, i := range map[string]Invite{
		"Ana lets you see Photos.": {From: "Ana", Space: "Photos", Level: "read"},
		"Ana lets you see, and add files to, the folder 2026 of Photos, until Fri 27 Nov 18:00. You may hand it on to others.": {
			From: "Ana", Space: "Photos", Path: "2026", Level: "contribute", Until: until, MayPassOn: true,
		},
		"Ana lets you see, change and delete what is in Photos, as far as it was written from Fri 27 Nov 18:00 on.": {
			From: "Ana", Space: "Photos", Level: "write", Since: until,
		},
	} {
		if got := inviteSays(i, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestDealingsAreTold goes through what can become of a share: each step is told
// once, by name.
func TestDealingsAreTold(t *testing.T) {
	at := fresh(t, "Ada", "laptop").open()
	defer at.close()
	d := at.dealings
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	d.n.cfg.Now = func() time.Time { return now }
	told := map[string]entry{}
	d.known.Since = now.Add(-time.Hour)
	share := deal{
		id: "a", person: willow.NamespaceID{1}, space: willow.NamespaceID{2}, spaceName: "Photos", state: ShareOffered, made: now,
		token: &mdn.Token{Level: mdn.LevelRead, Until: now.Add(30 * 24 * time.Hour)},
	}
	old := share
	old.id, old.made = "old", now.Add(-2*time.Hour)
	step := func(want string, deals ...deal) {
		t.Helper()
		_, from, _ := d.n.bus.since(1 << 62)
		for range 2 { // the second time nothing is news
			d.tellAll("share", "shared", deals, told)
		}
		events, _, _ := d.n.bus.since(from)
		names := []string{}
		for _, e := range events {
			if strings.HasPrefix(e.Name, "share") {
				names = append(names, e.Name)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	step("shared", share, old)
	share.state = ShareAccepted
	step("share_answered", share, old)
	changed := *share.token
	changed.Level, changed.Until = mdn.LevelWrite, now.Add(48*time.Hour)
	share.token = &changed
	step("share_changed", share, old)
	renewed := changed
	renewed.Revision++
	share.token = &renewed
	step("", share, old)
	now = now.Add(25 * time.Hour)
	step("share_soon", share, old)
	share.state = ShareExpired
	step("share_expired", share, old)
	old.state = ShareEnded
	step("share_ended", share, old)
	step("", share)
	if got := slices.Sorted(maps.Keys(told)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("remembered: %v", got)
	}
}

// TestLedgerIsKept restarts a node: what was told isn't told again.
func TestLedgerIsKept(t *testing.T) {
	d := fresh(t, "Ada", "laptop").open()
	d.dealings.load(t.Context())
	d.dealings.known.Shares["a"] = entry{State: ShareOffered}
	since := d.dealings.known.Since
	d.dealings.save(t.Context())
	d.close()
	d.open()
	defer d.close()
	d.dealings.load(t.Context())
	if kept := d.dealings.known; !kept.Since.Equal(since) || kept.Shares["a"].State != ShareOffered {
		t.Errorf("kept is %+v", kept)
	}
}

func TestSharingBadly(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Photos")
	must(t, err)
	d.put("Photos", "2026/beach.jpg", "x")
	past, future := &Time{time.Now().Add(-time.Minute)}, &Time{time.Now().Add(time.Hour)}
	for what, test := range map[string]struct {
		o    ShareOptions
		code string
	}{
		"nobody":           {ShareOptions{Space: "Photos", Level: "read"}, CodeUsage},
		"unknown person":   {ShareOptions{Space: "Photos", With: "Ana", Level: "read"}, CodeNotFound},
		"oneself":          {ShareOptions{Space: "Photos", With: "Ada", Level: "read"}, CodeNotFound},
		"unknown space":    {ShareOptions{Space: "Videos", With: "Ana", Level: "read"}, CodeNotFound},
		"no level":         {ShareOptions{Space: "Photos", With: "Ana"}, CodeUsage},
		"another level":    {ShareOptions{Space: "Photos", With: "Ana", Level: "full"}, CodeUsage},
		"over":             {ShareOptions{Space: "Photos", With: "Ana", Level: "read", Until: past}, CodeUsage},
		"ends as it begun": {ShareOptions{Space: "Photos", With: "Ana", Level: "read", From: future, Until: future}, CodeUsage},
		"no path":          {ShareOptions{Space: "Photos", Path: "a/../b", With: "Ana", Level: "read"}, CodeUsage},
	} {
		_, err := d.Share(t.Context(), test.o)
		fails(t, err, test.code)
		if _, preview := d.SharePreview(t.Context(), test.o); (preview == nil) != (err == nil) {
			t.Errorf("%s: previewed with %v", what, preview)
		}
	}
	for _, o := range []RevokeOptions{{}, {ID: "12345678", Person: "Ana"}} {
		_, err := d.Revoke(t.Context(), o)
		fails(t, err, CodeUsage)
	}
	for _, id := range []string{"", "12", "12345678", strings.Repeat("a", 32)} {
		_, err := d.ShareChange(t.Context(), id, ShareOptions{})
		fails(t, err, CodeNotFound)
		for _, answer := range []func(context.Context, string) (Invite, error){d.InviteAccept, d.InviteDecline} {
			_, err := answer(t.Context(), id)
			fails(t, err, CodeNotFound)
		}
		if id != "" {
			_, err = d.Revoke(t.Context(), RevokeOptions{ID: id})
			fails(t, err, CodeNotFound)
		}
	}
	_, err = d.Revoke(t.Context(), RevokeOptions{Person: "Ana"})
	fails(t, err, CodeNotFound)
	if shares, err := d.Shares(t.Context()); err != nil || len(shares) != 0 {
		t.Errorf("shares: %v, %v", shares, err)
	}
}
