package node

import (
	"cmp"

	"meadow/core/activity"
	"meadow/core/key"
	"meadow/core/willow"
)

// eventRow says what row an event leaves in the log. Whom and what it is about is
// in the same fields everywhere: device and endpoint, space and space_id (or id).
type eventRow struct {
	kind         string
	count, bytes string   // fields, or ""
	details      []string // fields
	unless       func(told) bool
}

var eventRows = map[string]eventRow{
	"hold":              {kind: ActivityHold, count: "removes", details: []string{"hold", "kind", "of", "place"}},
	"hold_ended":        {kind: ActivityHoldEnded, count: "removes", details: []string{"hold", "kind", "of", "place", "how"}},
	"conflict_resolved": {kind: ActivityResolved, details: []string{"keep", "resolved"}},
	"conflict_undone":   {kind: ActivityUnresolved, details: []string{"resolved"}},
	"device_added":      {kind: ActivityDeviceAdded, details: []string{"kind"}},
	"device_renamed":    {kind: ActivityDeviceRenamed, details: []string{"before"}},
	"device_removed":    {kind: ActivityDeviceRemoved},
	"removed":           {kind: ActivityExpelled, details: []string{"account"}},
	"space":             {kind: ActivitySpaceAdded, details: []string{"how"}, unless: func(t told) bool { return t["how"] == "start" }},
	"space_renamed":     {kind: ActivitySpaceRenamed, details: []string{"before"}},
	"space_deleted":     {kind: ActivitySpaceDeleted},
	"space_dropped":     {kind: ActivitySpaceDropped},
	"space_given":       {kind: ActivitySpaceGiven, unless: func(t told) bool { return t["every"] == true }},
	"space_withdrawn":   {kind: ActivitySpaceWithdrawn},
	"space_ended":       {kind: ActivitySpaceEnded},
	"person_added":      {kind: ActivityPersonAdded, details: []string{"person", "custodian"}},
	"person_blocked":    {kind: ActivityPersonBlocked, details: []string{"person", "custodian"}},
	"person_unblocked":  {kind: ActivityPersonUnblocked, details: []string{"person", "custodian"}},
	"person_forgotten":  {kind: ActivityPersonForgotten, details: []string{"person", "custodian"}},
	"shared":            {kind: ActivityShared, details: []string{"person", "custodian", "share", "level", "until", "state"}},
	"share_changed":     {kind: ActivityShareChanged, details: []string{"person", "custodian", "share", "level", "until", "state"}},
	"share_answered":    {kind: ActivityShareAnswered, details: []string{"person", "custodian", "share", "level", "until", "state"}},
	"share_ended":       {kind: ActivityShareEnded, details: []string{"person", "custodian", "share", "level", "until", "state"}},
	"share_expired":     {kind: ActivityShareExpired, details: []string{"person", "custodian", "share", "level", "until", "state"}},
	"share_soon":        {kind: ActivityShareSoon, details: []string{"person", "custodian", "share", "level", "until", "state"}},
	"invited":           {kind: ActivityInvited, details: []string{"person", "custodian", "invite", "level", "until", "state"}},
	"invite_changed":    {kind: ActivityInviteChanged, details: []string{"person", "custodian", "invite", "level", "until", "state"}},
	"invite_answered":   {kind: ActivityInviteAnswered, details: []string{"person", "custodian", "invite", "level", "until", "state"}},
	"invite_ended":      {kind: ActivityInviteEnded, details: []string{"person", "custodian", "invite", "level", "until", "state"}},
	"invite_expired":    {kind: ActivityInviteExpired, details: []string{"person", "custodian", "invite", "level", "until", "state"}},
	"invite_soon":       {kind: ActivityInviteSoon, details: []string{"person", "custodian", "invite", "level", "until", "state"}},
	"attached":          {kind: ActivityAttached, details: []string{"folder"}},
	"detached":          {kind: ActivityDetached, details: []string{"folder"}},
	"paused":            {kind: ActivityPaused, details: []string{"until"}},
	"resumed":           {kind: ActivityResumed},
	"trouble":           {kind: ActivityTrouble, details: []string{"what", "where", "needs"}},
	"trouble_ended":     {kind: ActivityTroubleEnded, details: []string{"what", "where", "needs", "seconds"}},
	"folder_failed":     {kind: ActivityFolderFailed, details: []string{"folder", "error"}},
	"clone":             {kind: ActivityClone, details: []string{"stopped", "by", "address"}},
	"freed":             {kind: ActivityFreed, bytes: "bytes", unless: func(t told) bool { return t.number("bytes") == 0 }},
	"settings":          {kind: ActivitySettings},
	"drop":              {kind: ActivityDrop, count: "files", bytes: "bytes", details: []string{"what", "file"}},
	"migrated":          {kind: ActivityMigrated, details: []string{"from", "to"}},
}

// told is an event's fields, as they were given to the bus.
type told map[string]any

func (t told) text(name string) string {
	switch v := t[name].(type) {
	case string:
		return v
	case OrNull:
		return string(v)
	case *string:
		if v != nil {
			return *v
		}
	}
	return ""
}

func (t told) number(name string) int64 {
	switch v := t[name].(type) {
	case int:
		return int64(v)
	case int64:
		return v
	case uint64:
		return int64(v)
	}
	return 0
}

// event leaves what an event says to be written, if it belongs into the log. It is
// called by the bus.
func (j *journal) event(e Event) {
	spec, known := eventRows[e.Name]
	t := told(e.Fields)
	if !known || spec.unless != nil && spec.unless(t) {
		return
	}
	r := activity.Row{
		At: e.Time.Time, Kind: spec.kind, Device: t.text("device"), Space: cmp.Or(t.text("space"), t.text("name")),
		Path: t.text("path"), Count: t.number(spec.count), Bytes: t.number(spec.bytes),
	}
	if id, err := key.ParseEndpoint(t.text("endpoint")); err == nil {
		r.Endpoint = id
	}
	for _, name := range []string{"space_id", "id"} {
		if id, err := key.ParseNamespace(t.text(name)); err == nil && r.SpaceID == (willow.NamespaceID{}) {
			r.SpaceID = id
		}
	}
	var more []any
	for _, name := range spec.details {
		more = append(more, name, t[name])
	}
	if e.Name == "settings" {
		for name, v := range t {
			more = append(more, name, v)
		}
	}
	r.Details = details(more...)
	j.note(r)
}
