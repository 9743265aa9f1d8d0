package node

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"meadow/core/activity"
	"meadow/core/audit"
	"meadow/core/key"
	"meadow/core/willow"
)

// Audit returns a page of the audit log.
func (n *Node) Audit(ctx context.Context, q AuditQuery) (AuditPage, error) {
	limit := q.Limit
	switch {
	case limit <= 0:
		limit = auditPage
	case limit > auditMost:
		limit = auditMost
	}
	found, err := n.cfg.Audit.Page(ctx, n.auditQuery(q, limit+1))
	if err != nil {
		return AuditPage{}, err
	}
	page := AuditPage{Rows: []AuditRow{}}
	if len(found) > limit {
		found = found[:limit]
		page.Next = Count(found[limit-1].ID)
	}
	for i := range found {
		page.Rows = append(page.Rows, describeAudit(&found[i]))
	}
	return page, nil
}

// AuditKinds returns the kinds of rows that this version writes.
func AuditKinds() []string {
	return []string{
		AuditPerson, AuditShared, AuditChanged, AuditAnswered, AuditEnded, AuditInvited, AuditLost, AuditDevice,
		AuditSession, AuditSent, AuditReceived, AuditRefused, AuditDrop, AuditRecover,
	}
}

// auditQuery says what a question means: names of what there is now are of that,
// whatever it was called.
func (n *Node) auditQuery(q AuditQuery, limit int) audit.Query {
	a := audit.Query{Text: activity.Fold(q.Text), Person: q.Person, Space: q.Space, Before: q.Before, Limit: limit}
	if q.Kind != "" {
		a.Kinds = strings.Split(q.Kind, ",")
	}
	if q.Since != nil {
		a.Since = *q.Since
	}
	if q.Until != nil {
		a.Until = *q.Until
	}
	if sp, err := n.spaces.find(q.Space); q.Space != "" && err == nil {
		a.SpaceID = sp.id
	} else if id, err := key.ParseNamespace(q.Space); err == nil {
		a.SpaceID = id
	}
	if q.Person == "" {
		return a
	}
	for _, p := range n.account.People() {
		if n.personName(p) == q.Person {
			a.Custodian = p.Custodian
		}
	}
	if id, err := key.ParseNamespace(q.Person); err == nil {
		a.Custodian = id
	}
	return a
}

func describeAudit(r *audit.Row) AuditRow {
	row := AuditRow{
		ID: r.ID, Time: Time{r.At}, Kind: r.Kind, Person: OrNull(r.Person), Device: OrNull(r.Device), Space: OrNull(r.Space),
		Path: OrNull(inText(r.Path)), Entries: r.Entries, Bytes: r.Bytes, Route: OrNull(r.Route), Details: map[string]any{},
	}
	if r.Custodian != (willow.NamespaceID{}) {
		row.Custodian = OrNull(r.Custodian.String())
	}
	if r.Endpoint != (key.Endpoint{}) {
		row.Endpoint = OrNull(r.Endpoint.String())
	}
	if r.SpaceID != (willow.NamespaceID{}) {
		row.SpaceID = OrNull(r.SpaceID.String())
	}
	if len(r.Details) > 0 && json.Unmarshal(r.Details, &row.Details) != nil {
		row.Details = map[string]any{} // of another version
	}
	return row
}

// foldAudit is what a row is found by.
func foldAudit(r *audit.Row) string {
	var more struct{ Level, State, What, How, Why string }
	_ = json.Unmarshal(r.Details, &more) // what can't be read can't be searched for
	words := []string{r.Path, r.Person, r.Device, r.Space, r.Kind, r.Route, more.Level, more.State, more.What, more.How, more.Why}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return activity.Fold(strings.Join(words, "\n"))
}
