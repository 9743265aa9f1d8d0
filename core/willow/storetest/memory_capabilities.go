package storetest

import (
	"context"

	"meadow/core/willow"
)

// Capabilities implements willow.Store: it has those of live entries and no more.
func (s *Memory) Capabilities(_ context.Context, ns willow.NamespaceID) (all [][]byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := make(map[string]bool)
	for _, a := range s.namespaceLocked(ns).live {
		if c := a.Token.Capability; !known[string(c)] {
			known[string(c)] = true
			all = append(all, c)
		}
	}
	return all, nil
}
