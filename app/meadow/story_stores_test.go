//go:build headless

package main

import (
	"log/slog"
	"strings"
	"time"

	"meadow/core/key"
	"meadow/core/node"
	"meadow/core/willow"
	"meadow/storage"
)

// compareStores stops all nodes and looks at what they hold, entry by entry.
func (m *matrix) compareStores() {
	stores := map[*actor]*storage.DB{}
	for _, a := range append([]*actor{m.desk}, m.chain...) {
		m.must(a.at.Stop())
		db, err := storage.Open(m.ctx, node.Home{Dir: a.at.Home}.Database(), slog.New(slog.DiscardHandler))
		m.must(err)
		defer func() { m.must(db.Close()) }()
		stores[a] = db
	}
	for _, c := range m.cases {
		ns, err := key.ParseNamespace(c.nsid)
		m.must(err)
		area := c.entries(m.story)
		sum := func(a *actor, area willow.Area) willow.Summary {
			s, err := stores[a].Entries().Summary(m.ctx, ns, willow.FullRange, area)
			m.must(err)
			return s
		}
		if laptop, desk := sum(m.chain[0], willow.FullArea), sum(m.desk, willow.FullArea); laptop != desk {
			m.Errorf("%+v: Ada's devices hold %+v and %+v", *c, laptop, desk)
		}
		for depth := 1; depth <= c.depth; depth++ {
			who := m.chain[depth]
			all, inside := sum(who, willow.FullArea), sum(who, area)
			if all != inside {
				m.Errorf("%+v: %s holds %+v, of which only %+v was shared", *c, who.name, all, inside)
			}
			if shared := sum(m.chain[0], area); !c.ends(depth) && all != shared {
				m.Errorf("%+v: %s holds %+v, and %+v is shared", *c, who.name, all, shared)
			}
		}
		for depth := c.depth + 1; depth < len(m.chain); depth++ {
			if all := sum(m.chain[depth], willow.FullArea); all != (willow.Summary{}) && all.Count > 0 {
				m.Errorf("%+v: %s holds %+v and was given nothing", *c, m.chain[depth].name, all)
			}
		}
	}
}

// entries is the area that is shared.
func (c *matrixCase) entries(s *story) willow.Area {
	parts := []string{"files"}
	if c.area != "" {
		parts = append(parts, strings.Split(c.area, "/")...)
	}
	area := willow.Area{AnySubspace: true, Path: willow.MustPath(parts...), Times: willow.AllTimes}
	if c.window == "since" {
		at, err := time.Parse(time.RFC3339Nano, c.since)
		s.must(err)
		area.Times.Start = willow.TimestampOf(at)
	}
	return area
}
