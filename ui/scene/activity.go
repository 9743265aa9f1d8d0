package scene

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"meadow/core/node"
)

// log makes up what happened, newest first.
func log(n *Node) []node.ActivityRow {
	s := n.State
	if n.Size == Empty {
		return []node.ActivityRow{{ID: 1, Time: at(3 * time.Minute), Kind: node.ActivityJoined, Self: true, Details: map[string]any{"account": "Anna"}}}
	}
	laptop, desk, photos, work := s.Devices[1], s.Devices[0], s.Spaces[0], s.Spaces[1]
	by := func(d node.Device, sp node.Space, r node.ActivityRow) node.ActivityRow {
		r.Device, r.Endpoint, r.Self = node.OrNull(d.Name), node.OrNull(d.Endpoint), d.Self
		r.Space, r.SpaceID = node.OrNull(sp.Name), node.OrNull(sp.ID)
		return r
	}
	undo := &node.ActivityUndo{Do: "restore", Space: work.ID, Path: "Plan.txt", Version: "0badc0de"}
	rows := []node.ActivityRow{
		by(laptop, photos, node.ActivityRow{
			Time: at(2 * time.Minute), Kind: node.ActivityFiles, Count: 214, Bytes: 812_000_000, Details: map[string]any{"added": float64(214)},
		}),
		by(laptop, photos, node.ActivityRow{Time: at(14 * time.Minute), Kind: node.ActivityHold, Count: 1204, Details: map[string]any{"of": float64(1310)}}),
		by(desk, work, node.ActivityRow{Time: at(25 * time.Minute), Kind: node.ActivityChanged, Path: "Plan.txt", Bytes: 4210, Undo: undo}),
		by(laptop, work, node.ActivityRow{Time: at(40 * time.Minute), Kind: node.ActivityConflict, Path: "Offers/March.ods"}),
		by(laptop, work, node.ActivityRow{Time: at(3 * time.Hour), Kind: node.ActivityRemoved, Path: "Old/Draft.txt", Undo: undo}),
		by(desk, photos, node.ActivityRow{Time: at(16 * time.Hour), Kind: node.ActivityAdded, Path: "2026/Summer/beach.jpg", Bytes: 4_200_000}),
		by(desk, photos, node.ActivityRow{Time: at(17 * time.Hour), Kind: node.ActivityRenamed, Path: "2026/Summer/boat.jpg", Details: map[string]any{"from": "2026/Summer/IMG_2041.jpg"}}),
		by(laptop, node.Space{}, node.ActivityRow{Time: at(26 * time.Hour), Kind: node.ActivityPaused, Details: map[string]any{"until": at(25 * time.Hour).Format(time.RFC3339)}}),
		by(laptop, node.Space{}, node.ActivityRow{Time: at(6 * 24 * time.Hour), Kind: node.ActivityDeviceAdded, Details: map[string]any{"kind": "full"}}),
		by(desk, photos, node.ActivityRow{Time: at(6 * 24 * time.Hour), Kind: node.ActivitySpaceAdded, Details: map[string]any{"how": "created"}}),
	}
	more := len(rows)
	for i := 0; n.Size == Many && i < 200-more; i++ {
		r := rows[i%more]
		r.Time = at(time.Duration(i+150) * time.Hour)
		if r.Path != "" {
			r.Path = node.OrNull(fmt.Sprintf("Folder %d/File %d.txt", i%9, i))
		}
		rows = append(rows, r)
	}
	if n.Size == Long {
		for i := range rows {
			if rows[i].Path != "" {
				rows[i].Path = node.OrNull(longName + "/" + longName + "/" + longName + ".txt")
			}
		}
	}
	for i := range rows {
		rows[i].ID = int64(len(rows) - i)
	}
	return rows
}

// Activity implements what the log's screen asks for.
func (n *Node) Activity(_ context.Context, q node.ActivityQuery) (node.ActivityPage, error) {
	if q.Limit == 0 {
		q.Limit = 100
	}
	page := node.ActivityPage{Rows: []node.ActivityRow{}}
	for _, r := range n.Log {
		if q.Before != 0 && r.ID >= q.Before || !asked(q, r) {
			continue
		}
		if len(page.Rows) == q.Limit {
			page.Next = node.Count(page.Rows[q.Limit-1].ID)
			break
		}
		page.Rows = append(page.Rows, r)
	}
	return page, nil
}

func asked(q node.ActivityQuery, r node.ActivityRow) bool {
	text := strings.ToLower(string(r.Path + "\n" + r.Space + "\n" + r.Device))
	return strings.Contains(text, strings.ToLower(q.Text)) &&
		(q.Space == "" || q.Space == string(r.Space) || q.Space == string(r.SpaceID)) &&
		(q.Device == "" || q.Device == string(r.Device) || q.Device == string(r.Endpoint)) &&
		(q.Kind == "" || slices.Contains(strings.Split(q.Kind, ","), r.Kind))
}
