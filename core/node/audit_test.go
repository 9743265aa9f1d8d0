package node

import (
	"fmt"
	"testing"

	"meadow/core/key"
	"meadow/core/willow"
)

// TestAuditOfManyPaths: somebody who moves more files at once than have rows of their
// own leaves one row for the others, and takes nothing from anybody else.
func TestAuditOfManyPaths(t *testing.T) {
	d := fresh(t, "Ada", "laptop").start()
	a := newAuditor(d.Node)
	many, few := key.Endpoint{1}, key.Endpoint{2}
	for second := range 2 {
		for i := range 3 * auditPaths {
			for range 2 {
				a.add(movement{peer: many, space: willow.NamespaceID{9}, path: fmt.Sprint(i)}, 1, 10)
			}
		}
		a.add(movement{peer: few, space: willow.NamespaceID{9}, path: "one"}, 1, 10)
		a.rows = nil
		a.flushLocked()
		rows, entries, bytes, unnamed, others := 0, int64(0), int64(0), 0, 0
		for _, r := range a.rows {
			if r.Endpoint == few {
				others++
				continue
			}
			rows++
			entries += r.Entries
			bytes += r.Bytes
			if r.Path == "" {
				unnamed++
			}
		}
		if rows != auditPaths+1 || unnamed != 1 || others != 1 {
			t.Errorf("%d: %d rows, %d without a path, %d of somebody else", second, rows, unnamed, others)
		}
		if entries != 6*auditPaths || bytes != 60*auditPaths {
			t.Errorf("%d: the rows say %d entries, %d bytes", second, entries, bytes)
		}
	}
}
