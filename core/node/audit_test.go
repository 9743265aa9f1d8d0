package node

import (
	"fmt"
	"testing"

	"meadow/core/audit"
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

// TestAuditThatCantBeWritten: what waits is bounded, says how much it was, and what
// was given to whom stays.
func TestAuditThatCantBeWritten(t *testing.T) {
	d := fresh(t, "Ada", "laptop").start()
	a := newAuditor(d.Node)
	bob := willow.NamespaceID{2}
	a.note(audit.Row{Kind: AuditShared, Person: "Bob", Custodian: bob})
	const rounds, each = 5, 3000
	for range rounds {
		var failed []audit.Row
		failed, a.rows = a.rows, nil
		for i := range each {
			failed = append(failed, audit.Row{
				Kind: AuditReceived, Person: "Bob", Custodian: bob, Path: fmt.Sprint(i), Entries: 2, Bytes: 3, Details: details("why", "x"),
			})
			a.note(audit.Row{Kind: AuditRefused, Endpoint: key.Endpoint{byte(i), byte(i >> 8)}})
		}
		a.putBack(failed, nil)
	}
	if len(a.rows) > auditWaiting {
		t.Errorf("%d rows wait", len(a.rows))
	}
	shared, count := 0, map[string]int64{}
	var entries, bytes int64
	for _, r := range a.rows {
		if r.Kind == AuditShared {
			shared++
			continue
		}
		count[r.Kind] += rowsOf(r)
		entries += r.Entries
		bytes += r.Bytes
	}
	if shared != 1 || count[AuditReceived] != rounds*each || count[AuditRefused] != rounds*each {
		t.Errorf("%d rows of what was given, %v of what moved", shared, count)
	}
	if entries != 2*rounds*each || bytes != 3*rounds*each {
		t.Errorf("they say %d entries, %d bytes", entries, bytes)
	}
}
