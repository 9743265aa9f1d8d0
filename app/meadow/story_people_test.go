//go:build headless

package main

import (
	"testing"
)

// TestBecomingKnown by a picture of the QR code: both sides end alike, and each
// recognises the other's devices.
func TestBecomingKnown(t *testing.T) {
	s := tell(t)
	ana, bob := s.accountOf("Ana", "laptop", "phone"), s.accountOf("Bob", "desk")
	s.acquainted(ana[0], bob[0])
	p := s.person(bob[0], "Ana")
	if p == nil || len(p.Devices) != 2 || p.Blocked || !p.Online || p.Devices[0].Path != "lan" || p.LastSeen == nil {
		t.Fatalf("Bob knows %+v", s.people(bob[0]))
	}
	if p := s.person(ana[0], "Bob"); p == nil || len(p.Devices) != 1 || p.Devices[0].Name != "desk" {
		t.Fatalf("Ana knows %+v", s.people(ana[0]))
	}
	s.meets(ana[1], bob[0]) // Ana's other device heard of him from the first
	s.meets(bob[0], ana[1])
}
