package scene

import (
	"context"
	"fmt"
	"strings"
	"time"

	"meadow/core/node"
)

// audited makes up who was given what and what went to whom, newest first.
func audited(n *Node) []node.AuditRow {
	if len(n.Friends) == 0 {
		return nil
	}
	photos, work := n.State.Spaces[0], n.State.Spaces[1]
	by := func(person int, sp node.Space, ago time.Duration, r node.AuditRow) node.AuditRow {
		p := n.Friends[person]
		r.Person, r.Custodian, r.Time = node.OrNull(p.Name), node.OrNull(p.Custodian), at(ago)
		r.Device, r.Endpoint = node.OrNull(p.Devices[0].Name), node.OrNull(p.Devices[0].Endpoint)
		r.Space, r.SpaceID = node.OrNull(sp.Name), node.OrNull(sp.ID)
		return r
	}
	until := time.Date(2026, time.November, 27, 18, 0, 0, 0, time.UTC).Format(time.RFC3339Nano)
	rows := []node.AuditRow{
		by(0, photos, 3*time.Minute, node.AuditRow{Kind: node.AuditSent, Path: "2026/Summer/beach.jpg", Entries: 2, Bytes: 4_200_000, Route: "direct"}),
		by(0, work, 12*time.Minute, node.AuditRow{Kind: node.AuditReceived, Path: "Offers/March.ods", Entries: 2, Bytes: 41_000, Route: "direct"}),
		by(1, node.Space{}, 50*time.Hour, node.AuditRow{Kind: node.AuditSession, Bytes: 9_000, Route: "lan", Details: map[string]any{"sent": float64(7000), "received": float64(2000)}}),
		by(1, photos, 51*time.Hour, node.AuditRow{Kind: node.AuditShared, Path: "2026/Summer", Details: map[string]any{"level": "contribute", "until": until}}),
		by(2, photos, 30*24*time.Hour, node.AuditRow{Kind: node.AuditRefused, Details: map[string]any{"why": "dead", "times": float64(4)}}),
		by(2, work, 30*24*time.Hour, node.AuditRow{Kind: node.AuditEnded, Details: map[string]any{"how": "revoked"}}),
		by(0, node.Space{}, 40*24*time.Hour, node.AuditRow{Kind: node.AuditPerson, Details: map[string]any{"what": "added"}}),
	}
	rows[len(rows)-1].Device = ""
	more := len(rows)
	for i := 0; n.Size == Many && i < 200-more; i++ {
		r := by(i%len(n.Friends), photos, time.Duration(900+i)*time.Hour, rows[i%2])
		r.Path = node.OrNull(fmt.Sprintf("Folder %d/File %d.txt", i%9, i))
		rows = append(rows, r)
	}
	for i := range rows {
		rows[i].ID = int64(len(rows) - i)
		if n.Size == Long && rows[i].Path != "" {
			rows[i].Path = node.OrNull(longName + "/" + longName + ".txt")
		}
	}
	return rows
}

// Audit implements what the audit log's panel asks for.
func (n *Node) Audit(_ context.Context, q node.AuditQuery) (node.AuditPage, error) {
	page := node.AuditPage{Rows: []node.AuditRow{}}
	for _, r := range audited(n) {
		text := strings.ToLower(string(r.Path) + " " + string(r.Person) + " " + string(r.Space))
		switch {
		case q.Before != 0 && r.ID >= q.Before:
		case q.Person != "" && string(r.Custodian) != q.Person:
		case q.Space != "" && string(r.SpaceID) != q.Space:
		case q.Since != nil && r.Time.Before(*q.Since):
		case !strings.Contains(text, strings.ToLower(q.Text)):
		case q.Limit > 0 && len(page.Rows) == q.Limit:
			page.Next = node.Count(page.Rows[q.Limit-1].ID)
			return page, nil
		default:
			page.Rows = append(page.Rows, r)
		}
	}
	return page, nil
}
