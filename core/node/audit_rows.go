package node

import (
	"cmp"
	"slices"
	"time"

	"meadow/core/audit"
	"meadow/core/consync"
	"meadow/core/folder/tree"
	"meadow/core/key"
	"meadow/core/willow"
)

// auditRow says what row an event leaves in the audit log.
type auditRow struct {
	kind    string
	always  []any    // details that every such row has
	details []string // fields of the event
}

var (
	shareDetails  = []string{"share", "level", "until", "state", "may_pass_on"}
	inviteDetails = []string{"invite", "level", "until", "state"}
)

var auditRows = map[string]auditRow{
	"person_added":     {kind: AuditPerson, always: []any{"what", "added"}},
	"person_blocked":   {kind: AuditPerson, always: []any{"what", "blocked"}},
	"person_unblocked": {kind: AuditPerson, always: []any{"what", "unblocked"}},
	"person_forgotten": {kind: AuditPerson, always: []any{"what", "forgotten"}},
	"shared":           {kind: AuditShared, details: shareDetails},
	"share_changed":    {kind: AuditChanged, details: shareDetails},
	"share_answered":   {kind: AuditAnswered, details: shareDetails},
	"share_ended":      {kind: AuditEnded, always: []any{"how", "revoked"}, details: shareDetails},
	"share_expired":    {kind: AuditEnded, always: []any{"how", "expired"}, details: shareDetails},
	"invited":          {kind: AuditInvited, details: inviteDetails},
	"invite_changed":   {kind: AuditInvited, details: inviteDetails},
	"invite_answered":  {kind: AuditInvited, details: inviteDetails},
	"invite_ended":     {kind: AuditLost, always: []any{"how", "revoked"}, details: inviteDetails},
	"invite_expired":   {kind: AuditLost, always: []any{"how", "expired"}, details: inviteDetails},
	"device_added":     {kind: AuditDevice, always: []any{"what", "added"}, details: []string{"kind"}},
	"device_removed":   {kind: AuditDevice, always: []any{"what", "removed"}},
	"space_given":      {kind: AuditDevice, always: []any{"what", "given"}},
	"space_withdrawn":  {kind: AuditDevice, always: []any{"what", "withdrawn"}},
	"drop":             {kind: AuditDrop, details: []string{"what", "file", "files", "bytes"}},
	"recovered":        {kind: AuditRecover, details: []string{"account"}},
}

// event leaves what an event says to be written, if it belongs into the audit log.
// It is called by the bus.
func (a *auditor) event(e Event) {
	spec, known := auditRows[e.Name]
	if !known {
		return
	}
	t := told(e.Fields)
	r := audit.Row{
		At: e.Time.Time, Kind: spec.kind, Person: t.text("person"), Device: t.text("device"), Space: t.text("space"), Path: t.text("path"),
	}
	if id, err := key.ParseNamespace(t.text("custodian")); err == nil {
		r.Custodian = id
	}
	if id, err := key.ParseEndpoint(t.text("endpoint")); err == nil {
		r.Endpoint = id
	}
	if id, err := key.ParseNamespace(cmp.Or(t.text("space_id"), t.text("id"))); err == nil {
		r.SpaceID = id
	}
	more := slices.Clone(spec.always)
	for _, name := range spec.details {
		more = append(more, name, t[name])
	}
	r.Details = details(more...)
	a.note(r)
}

// of fills in whose device an endpoint is.
func (a *auditor) of(peer key.Endpoint, r *audit.Row) {
	r.Endpoint = peer
	if p, ok := a.n.account.PersonOf(peer); ok {
		r.Custodian, r.Person = p.Custodian, a.n.personName(p)
		for _, d := range p.Devices {
			if d.Endpoint == peer {
				r.Device = d.Name
			}
		}
		return
	}
	if a.n.deviceKnown(peer) {
		r.Device = a.n.deviceName(peer)
	}
}

// synced takes the sync engine's news. Rows are of sessions with persons' devices:
// what one's own devices exchange is in the log of activity.
func (a *auditor) synced(ev consync.Event) {
	switch ev := ev.(type) {
	case consync.SessionOpened:
		a.sessionOpened(ev.Peer)
	case consync.SessionClosed:
		a.sessionClosed(ev)
	case consync.EntriesSent:
		a.moveAll(ev.Peer, ev.Namespace, true, ev.Count, ev.Entries)
	case consync.EntriesTaken:
		a.moveAll(ev.Peer, ev.Namespace, false, ev.Count, ev.Entries)
	case consync.PayloadServed:
		a.move(ev.Peer, true, ev.Entry, 0, int64(ev.Bytes))
	case consync.PayloadTaken:
		a.move(ev.Peer, false, ev.Entry, 0, int64(ev.Bytes))
	case consync.Refused:
		a.refuse(ev.Peer, ev.Namespace, string(ev.Why), int64(ev.Times))
	}
}

// audits reports whether what goes to a peer is written down in detail.
func (a *auditor) audits(peer key.Endpoint) bool {
	_, person := a.n.account.PersonOf(peer)
	return person
}

// moveAll counts a batch of entries. Of one that came while the log was far behind
// just the number is known.
func (a *auditor) moveAll(peer key.Endpoint, space willow.NamespaceID, out bool, count int, entries []consync.MovedEntry) {
	if !a.audits(peer) {
		return
	}
	for _, e := range entries {
		a.move(peer, out, e.Entry, 1, int64(e.Bytes))
	}
	if len(entries) == 0 && count > 0 {
		a.add(movement{peer: peer, space: space, out: out}, count, 0)
	}
}

func (a *auditor) sessionOpened(peer key.Endpoint) {
	route := a.n.routeOf(peer)
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.sessions[peer]
	if s == nil {
		s = &auditSession{since: time.Now()}
		a.sessions[peer] = s
	}
	s.open++ // of two connections at once one is kept
	if route != "" {
		s.route = route
	}
}

func (a *auditor) sessionClosed(ev consync.SessionClosed) {
	a.mu.Lock()
	s := a.sessions[ev.Peer]
	if s != nil {
		if s.open--; s.open <= 0 {
			delete(a.sessions, ev.Peer)
		}
	}
	a.mu.Unlock()
	if _, person := a.n.account.PersonOf(ev.Peer); !person || s == nil {
		return
	}
	r := audit.Row{
		Kind: AuditSession, Bytes: int64(ev.Sent + ev.Received), Entries: int64(ev.EntriesSent + ev.EntriesReceived), Route: s.route,
		Details: details("sent", ev.Sent, "received", ev.Received, "seconds", int64(time.Since(s.since).Seconds())),
	}
	a.of(ev.Peer, &r)
	a.note(r)
}

// move counts entries about a file, and bytes of it, that went to a person's
// device or came from it.
func (a *auditor) move(peer key.Endpoint, out bool, e willow.Entry, entries int, bytes int64) {
	path, ok := tree.PathOf(e.Path)
	if !ok || !a.audits(peer) {
		return // what accounts know of each other, and what one's own devices exchange
	}
	a.add(movement{peer: peer, space: e.Namespace, path: path, out: out}, entries, bytes)
}

func (a *auditor) add(k movement, entries int, bytes int64) {
	a.mu.Lock()
	m := a.moved[k]
	if m == nil && k.path != "" {
		if a.paths[k.peer]++; a.paths[k.peer] > auditPaths {
			k.path = ""
			m = a.moved[k]
		}
	}
	if m == nil {
		m = &moved{at: a.n.cfg.Now()}
		a.moved[k] = m
	}
	m.entries += int64(entries)
	m.bytes += bytes
	a.mu.Unlock()
	a.wake.kick()
}

// flushLocked makes rows of what has moved and been refused.
func (a *auditor) flushLocked() {
	from := len(a.rows)
	for k, m := range a.moved {
		r := audit.Row{
			At: m.at, Kind: AuditReceived, Space: a.n.spaces.name(k.space), SpaceID: k.space, Path: k.path,
			Entries: m.entries, Bytes: m.bytes,
		}
		if k.out {
			r.Kind = AuditSent
		}
		a.of(k.peer, &r)
		if s := a.sessions[k.peer]; s != nil {
			r.Route = s.route
		}
		if k.out && m.at.After(a.used[audit.Use{Custodian: r.Custodian, Space: k.space}]) {
			a.used[audit.Use{Custodian: r.Custodian, Space: k.space}] = m.at
		}
		r.Text = foldAudit(&r)
		a.rows = append(a.rows, r)
	}
	for k, f := range a.refused {
		r := audit.Row{At: f.at, Kind: AuditRefused, Details: details("why", k.why, "times", f.times)}
		if k.space != (willow.NamespaceID{}) {
			r.Space, r.SpaceID = a.n.spaces.name(k.space), k.space
		}
		a.of(k.peer, &r)
		r.Text = foldAudit(&r)
		a.rows = append(a.rows, r)
	}
	clear(a.moved)
	clear(a.paths)
	clear(a.refused)
	slices.SortStableFunc(a.rows[from:], func(x, y audit.Row) int {
		return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Path, y.Path))
	})
}

// refused is who wasn't served what, and why.
type refused struct {
	peer  key.Endpoint
	space willow.NamespaceID
	why   string
}

type refusals struct {
	at    time.Time
	times int64
}

// auditStrangers bounds how many different refusals are noted together: strangers
// could have any number of keys.
const auditStrangers = 256

// refuse notes that somebody wasn't served.
func (a *auditor) refuse(peer key.Endpoint, space willow.NamespaceID, why string, times int64) {
	k := refused{peer, space, why}
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.refused[k]
	if f == nil {
		if len(a.refused) >= auditStrangers {
			return
		}
		f = &refusals{at: a.n.cfg.Now()}
		a.refused[k] = f
	}
	f.times += times
	a.wake.kick()
}

// routeOf says which way a connected device is reached.
func (n *Node) routeOf(peer key.Endpoint) string {
	if s := n.peers.session(peer); s != nil {
		return pathKind(s.conn.RemoteAddr())
	}
	return ""
}
