package node

import (
	"time"

	"meadow/core/mdn"
)

// Person is somebody whom the account knows. Name is how they are shown: unique
// among people, and safe to be shown.
type Person struct {
	Name      string         `json:"name"`
	Calls     string         `json:"calls"` // how they call themselves
	Custodian string         `json:"custodian"`
	Picture   []byte         `json:"picture,omitempty"` // PNG or JPEG
	Devices   []PersonDevice `json:"devices"`
	Blocked   bool           `json:"blocked"`
	Added     Time           `json:"added"`
	Online    bool           `json:"online"`
	LastSeen  *Time          `json:"last_seen"`
	Shares    int            `json:"shares"`  // that they have from this account
	Invites   int            `json:"invites"` // that this account has from them
	Waiting   int            `json:"waiting"` // of those, that wait for an answer
}

// PersonDevice is a device of a person.
type PersonDevice struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Kind     string `json:"kind"`
	Platform string `json:"platform"`
	Online   bool   `json:"online"`
	Path     OrNull `json:"path"` // lan, direct or relay
	LastSeen *Time  `json:"last_seen"`
}

// ContactShowOptions are the choices of ContactShow.
type ContactShowOptions struct {
	QRFile  string        // where to keep a PNG of the current ticket, or ""
	Timeout time.Duration // 0: five minutes
}

// ContactAcceptOptions are the choices of ContactAccept.
type ContactAcceptOptions struct {
	Ticket  string
	Timeout time.Duration // for the code to be typed; 0: two minutes
}

// ShareOptions say what is shared with whom. A nil time is none.
type ShareOptions struct {
	Space     string `json:"space"` // name or id
	Path      string `json:"path"`  // of a folder; "" is all
	With      string `json:"with"`  // a person's name or custodian id
	Level     string `json:"level"` // read, contribute or write
	From      *Time  `json:"from"`  // only what was written from then on
	Until     *Time  `json:"until"`
	MayPassOn bool   `json:"may_pass_on"`
}

// Share is access that a person has, or was offered, to a space of this account,
// or to one that this account has passed on.
type Share struct {
	ID        string        `json:"id"`
	With      string        `json:"with"`
	Custodian string        `json:"custodian"`
	Space     string        `json:"space"`
	SpaceID   string        `json:"space_id"`
	Path      string        `json:"path"`
	Level     string        `json:"level"`
	From      *Time         `json:"from"`
	Until     *Time         `json:"until"`
	MayPassOn bool          `json:"may_pass_on"`
	State     string        `json:"state"` // offered, accepted, declined, ended or expired
	Holders   []ShareHolder `json:"holders"`
	Made      Time          `json:"made"`
	By        string        `json:"by"`   // the device that gave it
	Told      bool          `json:"told"` // a device of theirs has it, as it is now
	Answered  *Time         `json:"answered"`
	Ended     *Time         `json:"ended"`
	LastUsed  *Time         `json:"last_used"` // null: never
	Says      string        `json:"says"`      // one sentence
}

// States of a Share and of an Invite.
const (
	ShareOffered  = mdn.StateOffered  // nobody has answered yet
	ShareAccepted = mdn.StateAccepted //
	ShareDeclined = mdn.StateDeclined //
	ShareEnded    = mdn.StateEnded    // taken back
	ShareExpired  = mdn.StateExpired  // its end has come
)

// ShareHolder is somebody who has access by a share: the person, or who has it
// through them.
type ShareHolder struct {
	Person  string   `json:"person"` // "" if it isn't known whose device it is
	Device  string   `json:"device"`
	Level   string   `json:"level"`
	Path    string   `json:"path"`
	Through []string `json:"through"` // whom it came through, from this account on
}

// SharePreview is what a share would mean now.
type SharePreview struct {
	Files int64  `json:"files"`
	Bytes int64  `json:"bytes"`
	Says  string `json:"says"` // one sentence
}

// Invite is a share that this account was offered.
type Invite struct {
	ID        string `json:"id"`
	From      string `json:"from"` // who offers it
	Custodian string `json:"custodian"`
	Space     string `json:"space"`
	SpaceID   string `json:"space_id"`
	Path      string `json:"path"`
	Level     string `json:"level"`
	Since     *Time  `json:"since"`
	Until     *Time  `json:"until"`
	MayPassOn bool   `json:"may_pass_on"`
	State     string `json:"state"`
	Came      Time   `json:"came"`
	Says      string `json:"says"` // one sentence

	// Gone: after an answer, this device has let go of the space and its data.
	Gone bool `json:"gone,omitempty"`
}

// SharedSpace is whose a space is, and what this account may do in it: of several
// accepted invitations to one space the one that allows most.
type SharedSpace struct {
	Person    string `json:"person"` // who gave it
	Custodian string `json:"custodian"`
	Level     string `json:"level"` // read, contribute or write
	Path      string `json:"path"`  // what of their space it is; "" is all
	Until     *Time  `json:"until"`
	MayPassOn bool   `json:"may_pass_on"`
	Invite    string `json:"invite"` // its id
	// All that of it may be used now, what allows most first.
	Parts []SharedPart `json:"parts"`
}

// SharedPart is a folder of a space that a person shares, and what may be done there.
type SharedPart struct {
	Person string `json:"person"`
	Level  string `json:"level"`
	Path   string `json:"path"`
	Until  *Time  `json:"until"`
}

// RevokeOptions say what is taken back: one share, or all that a person has.
type RevokeOptions struct {
	ID     string     `json:"id,omitempty"`
	Person string     `json:"person,omitempty"`
	DryRun bool       `json:"dry_run,omitempty"`
	Anyway bool       `json:"anyway,omitempty"` // give up what isn't all here
	Since  *time.Time `json:"since,omitempty"`  // what they wrote from then on isn't kept
}

// Revoked is the receipt of taking something back, or what it would be.
type Revoked struct {
	Shares   []Share       `json:"shares"`    // that end, or would
	AlsoEnds []ShareHolder `json:"also_ends"` // who loses access with them
	Adopted  int64         `json:"adopted"`   // files that are kept, in this account's name
	Left     []LeftFile    `json:"left"`      // that couldn't be
	Stopped  []Stopped     `json:"stopped"`   // which of my devices don't serve it any more
	NotTold  []string      `json:"not_told"`  // which haven't heard
	Holds    Holding       `json:"holds"`     // what the person has, and keeps; zero for one that had ended
	Done     bool          `json:"done"`      // false for a dry run
}

// Stopped is a device that has taken in that something ended.
type Stopped struct {
	Device string `json:"device"`
	At     Time   `json:"at"`
}

// Holding is what somebody has of what was shared, as far as this device knows.
type Holding struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
	Seen  *Time `json:"seen"` // when they were last connected
}

// PermissionMap is who may do what: every cell that isn't empty.
type PermissionMap struct {
	Rows    []MapRow    `json:"rows"`
	Columns []MapColumn `json:"columns"`
	Cells   []MapCell   `json:"cells"`
}

// MapRow is somebody who may do something: a device of the account, a person, or
// who has something through one.
type MapRow struct {
	ID       string `json:"id"`   // custodian or endpoint
	Kind     string `json:"kind"` // device, person or other
	Name     string `json:"name"`
	Self     bool   `json:"self"` // this device
	Online   bool   `json:"online"`
	LastSeen *Time  `json:"last_seen"`
	Picture  []byte `json:"picture,omitempty"`
	Platform string `json:"platform,omitempty"` // of a device
	Blocked  bool   `json:"blocked,omitempty"`
	// Devices are those of a person.
	Devices []PersonDevice `json:"devices,omitempty"`
}

// MapColumn is a space, or a folder of one that was shared by itself.
type MapColumn struct {
	Space   string `json:"space"`
	SpaceID string `json:"space_id"`
	Path    string `json:"path"`  // "" is the whole space
	Owner   OrNull `json:"owner"` // the person who shares it with this account
}

// MapCell is what a row may do in a column.
type MapCell struct {
	Row     int      `json:"row"`
	Column  int      `json:"column"`
	Level   string   `json:"level"` // full, write, contribute or read
	State   string   `json:"state"` // as Share has it
	From    *Time    `json:"from"`
	Until   *Time    `json:"until"`
	Made    *Time    `json:"made"`    // when this account gave it, or what it came through; null: it did not
	Used    *Time    `json:"used"`    // when it was last used; null: never
	PassOn  bool     `json:"pass_on"` //
	Chain   []string `json:"chain"`   // names, from the owner to the row
	Share   OrNull   `json:"share"`   // id of the share that it is of, or of the invite
	Through OrNull   `json:"through"` // whom it came through, if not from this account
}

// Flow is what moves, or may move, between this device and another over one grant.
type Flow struct {
	Person    OrNull `json:"person"` // null: a device of the account
	Custodian OrNull `json:"custodian"`
	Device    string `json:"device"`
	Endpoint  string `json:"endpoint"`
	Space     string `json:"space"`
	SpaceID   string `json:"space_id"`
	Path      string `json:"path"`
	Level     string `json:"level"` // what the other end may do
	Out       bool   `json:"out"`   // it may read what is here; else this device may read what is there
	Online    bool   `json:"online"`
	Route     OrNull `json:"route"` // lan, direct or relay
	RateIn    int64  `json:"rate_in"`
	RateOut   int64  `json:"rate_out"`
	BytesIn   int64  `json:"bytes_in"`  // of this session
	BytesOut  int64  `json:"bytes_out"` //
	InStep    bool   `json:"in_step"`
	LastSync  *Time  `json:"last_sync"`

	offered bool // of a share that wasn't answered yet
}

// Flows is all flows of this device, by person, device and space.
type Flows struct {
	Flows []Flow `json:"flows"`
	Time  Time   `json:"time"`
}

// AuditQuery is a question about the audit log. Empty fields ask for everything.
type AuditQuery struct {
	Text   string     `json:"text,omitempty"`
	Person string     `json:"person,omitempty"` // name, now or then, or custodian id
	Space  string     `json:"space,omitempty"`
	Kind   string     `json:"kind,omitempty"` // or several, with commas
	Since  *time.Time `json:"since,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
	Before int64      `json:"before,omitempty"` // rows older than the one with this id
	Limit  int        `json:"limit,omitempty"`  // 0: 100; no more than 1000
}

// AuditRow is one row of the audit log, which is of this device and never synced.
type AuditRow struct {
	ID        int64          `json:"id"`
	Time      Time           `json:"time"`
	Kind      string         `json:"kind"`
	Person    OrNull         `json:"person"` // null: a device of the account, or a stranger
	Custodian OrNull         `json:"custodian"`
	Device    OrNull         `json:"device"`
	Endpoint  OrNull         `json:"endpoint"`
	Space     OrNull         `json:"space"`
	SpaceID   OrNull         `json:"space_id"`
	Path      OrNull         `json:"path"`
	Entries   int64          `json:"entries"`
	Bytes     int64          `json:"bytes"`
	Route     OrNull         `json:"route"`
	Details   map[string]any `json:"details"`
}

// AuditPage is some rows, the newest first; Next is Before of the page after it.
type AuditPage struct {
	Rows []AuditRow `json:"rows"`
	Next Count      `json:"next"`
}

// SetAside is a file of which a version was set aside, since who wrote it has no
// access any more.
type SetAside struct {
	ID     string `json:"id"`
	Space  string `json:"space"`
	Path   string `json:"path"`
	Author string `json:"author"`
	Time   Time   `json:"time"`
	Bytes  int64  `json:"bytes"`
	Here   bool   `json:"here"` // its bytes are on this device
	Op     string `json:"op"`   // write or delete
}

// DeviceRemoveOptions are the choices of DeviceRemove.
type DeviceRemoveOptions struct {
	DryRun     bool       `json:"dry_run,omitempty"`
	Anyway     bool       `json:"anyway,omitempty"`      // give up what isn't all here
	Stolen     bool       `json:"stolen,omitempty"`      // what it did from Since on isn't kept
	Since      *time.Time `json:"since,omitempty"`       // nil: the last that it was seen
	KeepRecent bool       `json:"keep_recent,omitempty"` // what it granted to persons within 30 days stays
}
