//go:build headless

package main

import (
	"meadow/app/internal/stage"
	"meadow/core/node"
)

// accountOf is account for somebody else than Ada. The devices' names must not be
// those of others of the cast.
func (s *story) accountOf(person string, devices ...string) []*stage.Node {
	s.Helper()
	var all []*stage.Node
	for i, d := range devices {
		n := s.node(d)
		if i == 0 {
			_, err := n.Init(s.ctx, person)
			s.must(err)
		} else {
			s.must(n.InitJoin(s.ctx))
		}
		s.must(n.Start(s.ctx))
		if i > 0 {
			s.must(stage.Pair(s.ctx, all[0], n))
		}
		all = append(all, n)
	}
	return all
}

// acquainted makes the accounts of two devices know each other, and waits until
// these two are connected.
func (s *story) acquainted(a, b *stage.Node) {
	s.Helper()
	s.must(stage.Meet(s.ctx, a, b))
	s.meets(a, b)
	s.meets(b, a)
}

// meets waits until a person's device is connected with a node.
func (s *story) meets(n, device *stage.Node) {
	s.Helper()
	s.must(n.Until(s.ctx, device.Device+" to be connected", func() (bool, error) {
		var all []node.Person
		err := n.Do(s.ctx, &all, "contact", "list")
		for _, p := range all {
			for _, d := range p.Devices {
				if d.Endpoint == device.Endpoint && d.Online {
					return true, nil
				}
			}
		}
		return false, err
	}))
}

// people lists whom a node knows.
func (s *story) people(n *stage.Node) (all []node.Person) {
	s.Helper()
	s.must(n.Do(s.ctx, &all, "contact", "list"))
	return all
}

// person returns somebody whom a node knows, by how they are called there; nil if
// nobody is.
func (s *story) person(n *stage.Node, name string) *node.Person {
	s.Helper()
	for _, p := range s.people(n) {
		if p.Name == name {
			return &p
		}
	}
	return nil
}
