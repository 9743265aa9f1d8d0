//go:build headless

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

func (s *story) audit(n *stage.Node, args ...string) (rows []node.AuditRow) {
	s.Helper()
	s.must(n.Do(s.ctx, &rows, append([]string{"audit"}, args...)...))
	return rows
}

func (s *story) audited(n *stage.Node, what string, is func(r node.AuditRow) bool, args ...string) (found node.AuditRow) {
	s.Helper()
	s.must(n.Until(s.ctx, what, func() (bool, error) {
		rows := s.audit(n, args...)
		i := slices.IndexFunc(rows, is)
		if i >= 0 {
			found = rows[i]
		}
		return i >= 0, nil
	}))
	return found
}

// TestAuditTellsWhatWentToWhom: a share, what went over it and its end are in the
// log of the giver, found by person, space and time, and exported whole; they
// survive a restart.
func TestAuditTellsWhatWentToWhom(t *testing.T) {
	s := tell(t)
	laptop, phone := s.accountOf("Ada", "laptop")[0], s.accountOf("Bob", "phone")[0]
	s.acquainted(laptop, phone)
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Photos"))
	file := filepath.Join(s.dir, "beach.jpg")
	s.must(os.WriteFile(file, bytes.Repeat([]byte("sea "), 25_000), 0o600))
	s.must(laptop.Do(s.ctx, nil, "put", "Photos", "2024/beach.jpg", file))
	s.must(laptop.Do(s.ctx, nil, "put", "Photos", "secret.txt", file))
	var share node.Share
	s.must(laptop.Do(s.ctx, &share, "share", "Photos/2024", "--with", "Bob", "--level", "read"))
	var invites []node.Invite
	s.must(phone.Until(s.ctx, "the invitation", func() (bool, error) {
		err := phone.Do(s.ctx, &invites, "invite", "list")
		return len(invites) == 1, err
	}))
	s.must(phone.Do(s.ctx, nil, "invite", "accept", invites[0].ID))
	sent := s.audited(laptop, "the picture in the log", func(r node.AuditRow) bool { return r.Kind == node.AuditSent && r.Bytes >= 100_000 })
	if sent.Person != "Bob" || sent.Device != "phone" || sent.Space != "Photos" || sent.Path != "2024/beach.jpg" || sent.Route != "lan" {
		t.Errorf("it says %+v", sent)
	}
	s.must(laptop.Do(s.ctx, nil, "revoke", share.ID))
	s.audited(laptop, "the end in the log", func(r node.AuditRow) bool { return r.Kind == node.AuditEnded })
	s.must(phone.Stop())
	s.audited(laptop, "the session in the log", func(r node.AuditRow) bool { return r.Kind == node.AuditSession && r.Bytes > 100_000 })
	s.must(laptop.Stop())
	s.must(laptop.Start(s.ctx))

	kinds := map[string]int{}
	for _, r := range s.audit(laptop, "--person", "Bob", "--since", "today") {
		kinds[r.Kind]++
	}
	for _, kind := range []string{node.AuditPerson, node.AuditShared, node.AuditAnswered, node.AuditSent, node.AuditEnded, node.AuditSession} {
		if kinds[kind] == 0 {
			t.Errorf("of Bob there is nothing of the kind %s: %v", kind, kinds)
		}
	}
	if rows := s.audit(laptop, "--search", "secret"); len(rows) > 0 {
		t.Errorf("what didn't go to anybody: %+v", rows)
	}
	if rows := s.audit(laptop, "--person", "Eve"); len(rows) > 0 {
		t.Errorf("of somebody unknown: %+v", rows)
	}
	s.checkExport(laptop, len(s.audit(laptop)))
}

// checkExport: the export has every row, one JSON object a line, in a private file
// that wasn't there.
func (s *story) checkExport(n *stage.Node, rows int) {
	s.Helper()
	out := filepath.Join(s.dir, "log.jsonl")
	s.must(n.Do(s.ctx, nil, "audit", "--export", out))
	f, err := os.Open(out)
	s.must(err)
	defer f.Close()
	lines := 0
	for in := bufio.NewScanner(f); in.Scan(); lines++ {
		var r node.AuditRow
		if err := json.Unmarshal(in.Bytes(), &r); err != nil || r.Kind == "" {
			s.Errorf("the line %q: %v", in.Text(), err)
		}
	}
	if lines != rows {
		s.Errorf("%d lines, of %d rows", lines, rows)
	}
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		s.Errorf("the file is %v, %v", info, err)
	}
	s.fails(n, 1, node.CodeIO, "audit", "--export", out)
	b, err := n.Raw(s.ctx, nil, "audit")
	s.must(err)
	if !strings.Contains(string(b), "2024/beach.jpg went to Bob's phone (lan)") {
		s.Errorf("for people it reads\n%s", b)
	}
}
