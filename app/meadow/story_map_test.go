//go:build headless

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// mapOf is what a device's map says, a line for each cell, without what is all its
// account's own.
func (s *story) mapOf(n *stage.Node, flags ...string) (lines []string) {
	s.Helper()
	var m node.PermissionMap
	s.must(n.Do(s.ctx, &m, append([]string{"map"}, flags...)...))
	for _, c := range m.Cells {
		at := m.Columns[c.Column]
		if c.Level != node.LevelFull {
			lines = append(lines, fmt.Sprintf("%s %s/%s %s %s %s", m.Rows[c.Row].Name, at.Space, at.Path, c.Level, c.State, strings.Join(c.Chain, ">")))
		}
	}
	return lines
}

// TestMap has Ada share a folder with Bob, who sees it among what he has.
func TestMap(t *testing.T) {
	s := tell(t)
	desk := s.account("desk")[0]
	bobs := s.accountOf("Bob", "tower")[0]
	s.acquainted(desk, bobs)
	s.must(desk.Do(s.ctx, nil, "space", "create", "Photos"))
	s.must(desk.Do(s.ctx, nil, "space", "create", "Work"))
	if _, err := desk.Raw(s.ctx, strings.NewReader("a lake"), "put", "Photos", "2024/lake.txt", "-"); err != nil {
		t.Fatal(err)
	}
	if got := s.mapOf(desk); len(got) != 0 {
		t.Errorf("before anything is shared, Ada's map has %q", got)
	}
	until := time.Now().Add(4 * 24 * time.Hour).UTC().Format(time.RFC3339)
	s.must(desk.Do(s.ctx, nil, "share", "Photos/2024", "--with", "Bob", "--level", "read", "--until", until))
	if got, want := s.mapOf(desk), []string{"Bob Photos/2024 read offered Ada>Bob"}; !slices.Equal(got, want) {
		t.Errorf("of an offer, Ada's map has %q, want %q", got, want)
	}
	s.accepts(bobs)
	s.must(desk.Until(s.ctx, "the answer", func() (bool, error) {
		got := s.mapOf(desk)
		return slices.Equal(got, []string{"Bob Photos/2024 read accepted Ada>Bob"}), nil
	}))
	if got, want := s.mapOf(bobs), []string{"tower Photos/2024 read accepted Ada>Bob>tower"}; !slices.Equal(got, want) {
		t.Errorf("Bob's map has %q, want %q", got, want)
	}
	if got := s.mapOf(desk, "--ends-this-week"); len(got) != 1 {
		t.Errorf("of what ends this week, it has %q", got)
	}
	if got := s.mapOf(desk, "--who-can-write"); len(got) != 0 {
		t.Errorf("of who can write, it has %q", got)
	}
	if got := s.mapOf(desk, "--through-someone-else"); len(got) != 0 {
		t.Errorf("of what is through others, it has %q", got)
	}
	text, err := desk.Raw(s.ctx, nil, "map")
	s.must(err)
	for _, want := range []string{"desk (this device)  all spaces", "Photos/2024", "view", "until "} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it doesn't say %q:\n%s", want, text)
		}
	}
}

// TestMapThrough has Bob pass on what Ada shares with him: her map says through whom
// Carl has it, and his whose it is.
func TestMapThrough(t *testing.T) {
	s := tell(t)
	desk := s.account("desk")[0]
	bobs, carls := s.accountOf("Bob", "tower")[0], s.accountOf("Carl", "tablet")[0]
	s.acquainted(desk, bobs)
	s.acquainted(bobs, carls)
	s.must(desk.Do(s.ctx, nil, "space", "create", "Photos"))
	s.must(desk.Do(s.ctx, nil, "share", "Photos", "--with", "Bob", "--level", "write", "--may-pass-on"))
	s.accepts(bobs)
	s.must(bobs.Do(s.ctx, nil, "share", "Photos", "--with", "Carl", "--level", "read"))
	s.accepts(carls)
	s.must(desk.Until(s.ctx, "to see what was passed on", func() (bool, error) {
		return len(s.mapOf(desk, "--through-someone-else")) == 1, nil
	}))
	if got := s.mapOf(desk, "--through-someone-else")[0]; !strings.Contains(got, " Photos/ read accepted Ada>Bob>") {
		t.Errorf("Ada's map has %q", got)
	}
	if got, want := s.mapOf(carls), []string{"tablet Photos/ read accepted Bob>Carl>tablet"}; !slices.Equal(got, want) {
		t.Errorf("Carl's map has %q, want %q", got, want)
	}
	s.must(bobs.Until(s.ctx, "to see that Carl has it", func() (bool, error) {
		return slices.Contains(s.mapOf(bobs), "Carl Photos/ read accepted Ada>Bob>Carl"), nil
	}))
}

// accepts waits for an invitation, and accepts it.
func (s *story) accepts(n *stage.Node) {
	s.Helper()
	var invites []node.Invite
	s.must(n.Until(s.ctx, "the invitation", func() (bool, error) {
		err := n.Do(s.ctx, &invites, "invite", "list")
		return len(invites) == 1, err
	}))
	s.must(n.Do(s.ctx, nil, "invite", "accept", invites[0].ID))
}
