package node

import (
	"encoding/json"
	"slices"

	"meadow/core/audit"
	"meadow/core/willow"
)

// auditWaiting is how many rows wait as they are while the log can't be written.
const auditWaiting = 10_000

// summed is what rows of one kind are put together by.
type summed struct {
	kind string
	who  willow.NamespaceID // zero: all strangers
}

// boundLocked puts what was moved and refused together if too many rows wait to be
// written, the disk being full for instance: of each person and kind there is one row
// then, that says how many it is of.
func (a *auditor) boundLocked() {
	if len(a.rows) <= auditWaiting {
		return
	}
	kept, at, counts := a.rows[:0], make(map[summed]int), make(map[int]int64)
	for _, r := range a.rows {
		if !slices.Contains(auditMoves, r.Kind) && r.Kind != AuditSession {
			kept = append(kept, r)
			continue
		}
		k := summed{r.Kind, r.Custodian}
		i, ok := at[k]
		if !ok {
			i = len(kept)
			at[k] = i
			kept = append(kept, audit.Row{At: r.At, Kind: r.Kind, Person: r.Person, Custodian: r.Custodian})
		}
		kept[i].Entries += r.Entries
		kept[i].Bytes += r.Bytes
		counts[i] += rowsOf(r)
	}
	for i, n := range counts {
		kept[i].Details = details("rows", n)
		kept[i].Text = foldAudit(&kept[i])
	}
	clear(a.rows[len(kept):])
	a.rows = kept
}

// rowsOf is how many rows one is of.
func rowsOf(r audit.Row) int64 {
	var d struct{ Rows int64 }
	_ = json.Unmarshal(r.Details, &d) // most have no such number
	return max(d.Rows, 1)
}
