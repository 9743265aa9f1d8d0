package node

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"meadow/core/activity"
	"meadow/core/key"
	"meadow/core/willow"
)

// Activity keeps the log of what happened on this device. What a method has
// returned for survives the process being killed.
type Activity interface {
	// Put drops rows by their ids, and writes others, all in one commit: those that
	// have an id in place of the rows with it, the others after all that there
	// were. It returns the ids of rows, in their order.
	Put(ctx context.Context, drop []int64, rows []activity.Row) (ids []int64, err error)
	// Page returns the rows that q asks for, the newest first.
	Page(ctx context.Context, q activity.Query) ([]activity.Row, error)
	// Rewrite shows edit all rows of a space, which says what becomes of each.
	Rewrite(ctx context.Context, space willow.NamespaceID, edit func(*activity.Row) activity.Edited) error
	// Prune drops rows of before a time, and the oldest if there are more than most.
	Prune(ctx context.Context, before time.Time, most int64) error
}

// ActivityQuery is a question about the log. Empty fields ask for everything.
type ActivityQuery struct {
	Text   string `json:"text,omitempty"`   // in paths, names of devices and spaces, and what rows say
	Space  string `json:"space,omitempty"`  // its name, now or then, or its id
	Device string `json:"device,omitempty"` // its name, now or then, or its endpoint
	Kind   string `json:"kind,omitempty"`   // or several, with commas between them
	Before int64  `json:"before,omitempty"` // rows older than the one with this id
	Limit  int    `json:"limit,omitempty"`  // rows at most, 0: 100; no more than 1000
}

// ActivityPage is some rows of the log, the newest first. Next is what Before has
// to be for the page after it, 0 if this is the last one.
type ActivityPage struct {
	Rows []ActivityRow `json:"rows"`
	Next Count         `json:"next"`
}

// ActivityRow is something that happened on this device, or that it heard of. Names
// are as they were then. What else there is to say of a kind is in Details.
type ActivityRow struct {
	ID       int64          `json:"id"`
	Time     Time           `json:"time"`
	Kind     string         `json:"kind"`
	Device   OrNull         `json:"device"` // who did it, or whom it is about
	Endpoint OrNull         `json:"endpoint"`
	Self     bool           `json:"self"` // Device is this device
	Space    OrNull         `json:"space"`
	SpaceID  OrNull         `json:"space_id"`
	Path     OrNull         `json:"path"`               // if it is about one file
	PathB64  *string        `json:"path_b64,omitempty"` // only where the name isn't UTF-8
	Bytes    int64          `json:"bytes"`
	Count    int64          `json:"count"` // of files, or what else there are some of
	Details  map[string]any `json:"details"`
	Undo     *ActivityUndo  `json:"undo"` // null if it can't be undone
}

// ActivityUndo is how to undo something: with Restore(Space, Path, Version).
type ActivityUndo struct {
	Do      string `json:"do"`    // restore
	Space   string `json:"space"` // its id
	Path    string `json:"path"`
	Version string `json:"version"`
}

// Kinds of rows. They never change meaning; a later version may have others.
// Beside Path, Bytes and Count of files, Details have what is said here.
const (
	ActivityAdded   = "file_added"   // Device did it
	ActivityChanged = "file_changed" // Undo
	ActivityRemoved = "file_removed" // Undo
	ActivityRenamed = "file_renamed" // from
	// ActivityFiles is many files at once, from one device: Count and Bytes of all;
	// added, changed, removed, renamed, conflicts; paths, the first 20 of them.
	ActivityFiles    = "files"
	ActivityConflict = "conflict" // Path is the file; copy, the conflict copy; Device made that version
	// ActivityResolved: what of the conflict about Path was kept; keep; resolved, for
	// ConflictUndo. ActivityUnresolved: that was taken back; resolved.
	ActivityResolved   = "conflict_resolved"
	ActivityUnresolved = "conflict_undone"
	ActivityErased     = "erased" // Count paths were erased for good; which isn't said any more

	ActivityHold      = "hold"       // Device removes Count files; hold, kind, of, place
	ActivityHoldEnded = "hold_ended" // the same; how: allowed, kept or over

	ActivityJoined        = "joined"         // this device joined an account; account
	ActivityDeviceAdded   = "device_added"   // kind
	ActivityDeviceRenamed = "device_renamed" // before
	ActivityDeviceRemoved = "device_removed"
	ActivityExpelled      = "expelled" // this device was removed; account

	ActivitySpaceAdded     = "space_added"     // how: created, back (undeleted) or came
	ActivitySpaceRenamed   = "space_renamed"   // before
	ActivitySpaceDeleted   = "space_deleted"   //
	ActivitySpaceDropped   = "space_dropped"   // it can't be brought back any more
	ActivitySpaceGiven     = "space_given"     // to Device
	ActivitySpaceWithdrawn = "space_withdrawn" // from Device
	ActivitySpaceEnded     = "space_ended"     // it is no longer shared with this device
	ActivityAttached       = "attached"        // folder
	ActivityDetached       = "detached"        // folder

	ActivityPersonAdded     = "person_added" // of all of people and shares: person
	ActivityPersonBlocked   = "person_blocked"
	ActivityPersonUnblocked = "person_unblocked"
	ActivityPersonForgotten = "person_forgotten"

	// What the account shares: share, person, level, until, state. Of what is shared
	// with it the same, with invite in place of share.
	ActivityShared         = "shared"
	ActivityShareChanged   = "share_changed"
	ActivityShareAnswered  = "share_answered" // state: accepted or declined
	ActivityShareEnded     = "share_ended"    // taken back
	ActivityShareExpired   = "share_expired"
	ActivityShareSoon      = "share_soon" // it ends within a day
	ActivityInvited        = "invited"
	ActivityInviteChanged  = "invite_changed"
	ActivityInviteAnswered = "invite_answered"
	ActivityInviteEnded    = "invite_ended"
	ActivityInviteExpired  = "invite_expired"
	ActivityInviteSoon     = "invite_soon"

	ActivityPaused       = "paused" // until, null until resumed
	ActivityResumed      = "resumed"
	ActivityTrouble      = "trouble"       // what, where, needs
	ActivityTroubleEnded = "trouble_ended" // the same; seconds
	ActivityFolderFailed = "folder_failed" // folder, error
	ActivityClone        = "clone"         // a copy of a home is at work elsewhere; stopped, by, address
	ActivityFreed        = "freed"         // Bytes of history
	ActivitySettings     = "settings"      // what was set: history_days, copy_limit, …
	// ActivityDrop: a drop was written, or taken in; what: written or taken; file.
	ActivityDrop     = "drop"
	ActivityMigrated = "migrated" // the database; from, to
)

const (
	activityPage = 100
	activityMost = 1000
)

// Activity returns a page of the log.
func (n *Node) Activity(ctx context.Context, q ActivityQuery) (ActivityPage, error) {
	limit := q.Limit
	switch {
	case limit <= 0:
		limit = activityPage
	case limit > activityMost:
		limit = activityMost
	}
	found, err := n.cfg.Activity.Page(ctx, n.activityQuery(q, limit+1))
	if err != nil {
		return ActivityPage{}, err
	}
	page := ActivityPage{Rows: []ActivityRow{}}
	if len(found) > limit {
		found = found[:limit]
		page.Next = Count(found[limit-1].ID)
	}
	restorable := n.cfg.Now().AddDate(0, 0, -n.account.HistoryDays())
	for i := range found {
		row := n.activityRow(&found[i])
		if row.Time.Before(restorable) {
			row.Undo = nil // history of then is over
		}
		page.Rows = append(page.Rows, row)
	}
	return page, nil
}

// activityQuery says what a question means: names of what there is now are of
// that, whatever it was called.
func (n *Node) activityQuery(q ActivityQuery, limit int) activity.Query {
	a := activity.Query{
		Text: activity.Fold(q.Text), Space: q.Space, Device: q.Device, Before: q.Before, Limit: limit,
	}
	if q.Kind != "" {
		a.Kinds = strings.Split(q.Kind, ",")
	}
	if sp, err := n.spaces.find(q.Space); q.Space != "" && err == nil {
		a.SpaceID = sp.id
	} else if id, err := key.ParseNamespace(q.Space); err == nil {
		a.SpaceID = id
	}
	if q.Device == "" {
		return a
	}
	if d, err := n.findDevice(q.Device); err == nil {
		a.Endpoint = d.Endpoint
	} else if id, err := key.ParseEndpoint(q.Device); err == nil {
		a.Endpoint = id
	}
	return a
}

func (n *Node) activityRow(r *activity.Row) ActivityRow {
	row := ActivityRow{
		ID: r.ID, Time: Time{r.At}, Kind: r.Kind, Device: OrNull(r.Device), Self: r.Endpoint == n.cfg.Device.Endpoint(),
		Space: OrNull(r.Space), Path: OrNull(r.Path), Bytes: r.Bytes, Count: r.Count, Details: map[string]any{},
	}
	if r.Endpoint != (key.Endpoint{}) {
		row.Endpoint = OrNull(r.Endpoint.String())
	}
	if r.SpaceID != (willow.NamespaceID{}) {
		row.SpaceID = OrNull(r.SpaceID.String())
	}
	if !utf8.ValidString(r.Path) {
		b64 := base64.StdEncoding.EncodeToString([]byte(r.Path))
		row.PathB64 = &b64
	}
	if len(r.Details) > 0 && json.Unmarshal(r.Details, &row.Details) != nil {
		row.Details = map[string]any{} // of another version
	}
	if r.Undo != "" {
		row.Undo = &ActivityUndo{Do: "restore", Space: r.SpaceID.String(), Path: r.Path, Version: r.Undo}
	}
	return row
}
