package main

import (
	"strings"
	"testing"

	"meadow/core/node"
)

// TestAuditLines: every kind of row has a line, and hostile names stay in it.
func TestAuditLines(t *testing.T) {
	for _, kind := range node.AuditKinds() {
		r := node.AuditRow{Kind: kind, Person: "Mal\u202e\x1b[31m", Device: "pc", Space: "Photos", Path: "a\nb", Details: map[string]any{}}
		if _, ok := auditLines[kind]; !ok {
			t.Errorf("%s has no line", kind)
		}
		if line := auditLine(r); line == "" || strings.ContainsAny(line, "\u202e\x1b\n") {
			t.Errorf("%s reads %q", kind, line)
		}
	}
	refused := node.AuditRow{Kind: node.AuditRefused, Person: "Bob", Space: "P", SpaceID: "p", Details: map[string]any{"why": "dead", "times": 1.0}}
	if line := auditLine(refused); line != "Bob was refused P once: what they had of it was taken back" {
		t.Errorf("a refusal reads %q", line)
	}
}
