package scene

import (
	"context"
	"fmt"
	"time"

	"meadow/core/node"
)

// flows makes up what moves, and what doesn't.
func flows(n *Node) node.Transfers {
	t := node.Transfers{In: []node.Transfer{}, Out: []node.Transfer{}, Queued: []node.Queued{}, Waiting: []node.Waiting{}}
	if n.Size == Empty {
		return t
	}
	laptop, phone, photos, work := n.State.Devices[1], n.State.Devices[2], n.State.Spaces[0], n.State.Spaces[1]
	in := func(path string, done, total, rate int64, since time.Duration) node.Transfer {
		row := node.Transfer{
			Space: photos.Name, SpaceID: photos.ID, Path: path, Device: laptop.Name, Endpoint: laptop.Endpoint,
			Bytes: done, Total: total, Rate: rate,
		}
		if since > 0 {
			row.Since = at(since)
			row.Left = ptr((total - done) / max(rate, 1))
		}
		return row
	}
	name := func(s string) string {
		if n.Size == Long {
			return longName + "/" + longName + " " + s
		}
		return s
	}
	t.In = []node.Transfer{
		in(name("2026/Summer/beach.mp4"), 310_000_000, 420_000_000, 9_400_000, 33*time.Second),
		in(name("2026/Summer/boat.mp4"), 12_000_000, 180_000_000, 2_600_000, 5*time.Second),
		in(name("2026/Summer/picnic.jpg"), 0, 4_200_000, 0, 0),
	}
	out := in(name("Offers/Catalogue.pdf"), 20_000_000, 31_000_000, 1_100_000, 20*time.Second)
	out.Space, out.SpaceID = work.Name, work.ID
	t.Out = []node.Transfer{out}
	for i := 3; n.Size == Many && i < 120; i++ {
		t.In = append(t.In, in(fmt.Sprintf("2026/Summer/IMG_%d.jpg", 2000+i), 0, int64(i)*91_000, 0, 0))
	}
	t.Queued = []node.Queued{{
		Space: photos.Name, SpaceID: photos.ID, Device: node.OrNull(laptop.Name), Endpoint: node.OrNull(laptop.Endpoint), Files: 131, Bytes: 534_000_000,
	}}
	t.More, t.MoreBytes = 130, 529_800_000
	t.Waiting = []node.Waiting{{
		Space: photos.Name, SpaceID: photos.ID, Device: node.OrNull(phone.Name), Endpoint: node.OrNull(phone.Endpoint), Files: 3, Bytes: 9_000_000,
		Since: at(4 * time.Hour), Code: node.WaitingAway, Reason: phone.Name + " has it and isn't connected",
	}}
	if n.Size == Many {
		until := at(-20 * time.Second)
		t.Waiting = append(t.Waiting, node.Waiting{
			Space: work.Name, SpaceID: work.ID, Files: 12, Bytes: 410_000, Since: at(time.Minute), Code: node.WaitingAsked,
			Reason: "it was asked for in vain", Until: &until,
		}, node.Waiting{
			Space: work.Name, SpaceID: work.ID, Out: true, Device: node.OrNull(laptop.Name), Endpoint: node.OrNull(laptop.Endpoint), Files: 2,
			Since: at(time.Hour), Code: node.WaitingNotAsked, Reason: "Laptop doesn't ask for it",
		})
	}
	t.RateIn, t.RateOut = 12_000_000, 1_100_000
	return t
}

// Transfers implements what the screens ask for.
func (n *Node) Transfers(context.Context) (node.Transfers, error) { return n.Moving, nil }
