package control

import (
	"context"
	"time"

	"meadow/core/node"
)

// Args are the arguments of every call; each call reads the fields it needs.
// Paths are bytes, since file names need not be UTF-8.
type Args struct {
	Space    string        `json:"space,omitempty"`
	Path     []byte        `json:"path,omitempty"`
	To       []byte        `json:"to,omitempty"`
	Name     string        `json:"name,omitempty"`
	Device   string        `json:"device,omitempty"`
	Spaces   string        `json:"spaces,omitempty"`
	DryRun   bool          `json:"dry_run,omitempty"`
	Anyway   bool          `json:"anyway,omitempty"`
	Address  string        `json:"address,omitempty"`
	Dir      string        `json:"dir,omitempty"`
	Version  string        `json:"version,omitempty"`
	Hold     string        `json:"hold,omitempty"`
	Code     string        `json:"code,omitempty"`
	Follow   bool          `json:"follow,omitempty"`
	Sure     bool          `json:"sure,omitempty"`
	Erase    bool          `json:"erase,omitempty"`
	Test     bool          `json:"test,omitempty"`
	Rules    []byte        `json:"rules,omitempty"`
	Words    string        `json:"words,omitempty"`
	Keep     string        `json:"keep,omitempty"`
	ID       string        `json:"id,omitempty"`
	IDs      []string      `json:"ids,omitempty"`
	Duration time.Duration `json:"duration,omitempty"`

	Person  string `json:"person,omitempty"`
	Picture []byte `json:"picture,omitempty"`

	ContactShow   node.ContactShowOptions   `json:"contact_show,omitzero"`
	ContactAccept node.ContactAcceptOptions `json:"contact_accept,omitzero"`

	PairShow   node.PairShowOptions     `json:"pair_show,omitzero"`
	PairAccept node.PairAcceptOptions   `json:"pair_accept,omitzero"`
	Wait       node.WaitOptions         `json:"wait,omitzero"`
	Settings   node.SettingsChange      `json:"settings,omitzero"`
	Activity   node.ActivityQuery       `json:"activity,omitzero"`
	Audit      node.AuditQuery          `json:"audit,omitzero"`
	Share      node.ShareOptions        `json:"share,omitzero"`
	Revoke     node.RevokeOptions       `json:"revoke,omitzero"`
	Recover    node.RecoverOptions      `json:"recover,omitzero"`
	Remove     node.DeviceRemoveOptions `json:"remove,omitzero"`
	Drop       node.DropWhat            `json:"drop,omitzero"`
}

// emitter sends one event to the caller; an error means that it is gone.
type emitter func(node.Event) error

// call does one thing. Its result is nil for calls that only emit, and may be there
// beside an error.
type call func(ctx context.Context, n *node.Node, a Args, emit emitter) (any, error)

// answer adapts a method that returns one value.
func answer[R any](f func(ctx context.Context, n *node.Node, a Args) (R, error)) call {
	return func(ctx context.Context, n *node.Node, a Args, _ emitter) (any, error) {
		r, err := f(ctx, n, a)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
}

// advancing adapts a method that says how far it is, and beside an error what came of it
// until then.
func advancing(f func(ctx context.Context, n *node.Node, a Args, progress func(node.DropProgress)) (node.DropReport, error)) call {
	return func(ctx context.Context, n *node.Node, a Args, emit emitter) (any, error) {
		ctx, gone := context.WithCancel(ctx)
		defer gone()
		r, err := f(ctx, n, a, func(p node.DropProgress) {
			if emit(p.Event()) != nil {
				gone()
			}
		})
		if err != nil && len(r.Spaces) == 0 {
			return nil, err
		}
		return r, err
	}
}

// follow adapts a method that emits.
func follow(f func(ctx context.Context, n *node.Node, a Args, emit func(node.Event) error) error) call {
	return func(ctx context.Context, n *node.Node, a Args, emit emitter) (any, error) {
		return nil, f(ctx, n, a, emit)
	}
}

// Where is where something is on this disk.
type Where struct {
	Path []byte `json:"path_b64"`
}

// SetAsideDone says how many versions were adopted or dropped.
type SetAsideDone struct {
	Done int `json:"done"`
}

// Link is the URI of something.
type Link struct {
	URI string `json:"uri"`
}

type none struct{}

// calls is every call by its name.
var calls = map[string]call{
	"status": answer(func(ctx context.Context, n *node.Node, _ Args) (node.Status, error) {
		return n.Status(ctx)
	}),
	"pair show": follow(func(ctx context.Context, n *node.Node, a Args, emit func(node.Event) error) error {
		return n.PairShow(ctx, a.PairShow, emit)
	}),
	"pair accept": follow(func(ctx context.Context, n *node.Node, a Args, emit func(node.Event) error) error {
		return n.PairAccept(ctx, a.PairAccept, emit)
	}),
	"pair nearby": answer(func(ctx context.Context, n *node.Node, a Args) ([]node.NearbyScreen, error) {
		return n.PairNearby(ctx, a.Duration)
	}),
	"pair confirm": answer(func(ctx context.Context, n *node.Node, a Args) (none, error) {
		return none{}, n.PairConfirm(ctx, a.Code)
	}),
	"pair refuse": answer(func(ctx context.Context, n *node.Node, _ Args) (none, error) {
		return none{}, n.PairRefuse(ctx)
	}),
	"contact show": follow(func(ctx context.Context, n *node.Node, a Args, emit func(node.Event) error) error {
		return n.ContactShow(ctx, a.ContactShow, emit)
	}),
	"contact accept": follow(func(ctx context.Context, n *node.Node, a Args, emit func(node.Event) error) error {
		return n.ContactAccept(ctx, a.ContactAccept, emit)
	}),
	"contact confirm": answer(func(ctx context.Context, n *node.Node, a Args) (none, error) {
		return none{}, n.ContactConfirm(ctx, a.Code)
	}),
	"contact refuse": answer(func(ctx context.Context, n *node.Node, _ Args) (none, error) {
		return none{}, n.ContactRefuse(ctx)
	}),
	"contact list": answer(func(ctx context.Context, n *node.Node, _ Args) ([]node.Person, error) {
		return n.People(ctx)
	}),
	"contact call": answer(func(ctx context.Context, n *node.Node, a Args) (node.Person, error) {
		return n.PersonCall(ctx, a.Person, a.Name)
	}),
	"contact block": answer(func(ctx context.Context, n *node.Node, a Args) (node.Person, error) {
		return n.PersonBlock(ctx, a.Person, true)
	}),
	"contact unblock": answer(func(ctx context.Context, n *node.Node, a Args) (node.Person, error) {
		return n.PersonBlock(ctx, a.Person, false)
	}),
	"contact remove": answer(func(ctx context.Context, n *node.Node, a Args) (none, error) {
		return none{}, n.PersonForget(ctx, a.Person)
	}),
	"contact picture": answer(func(ctx context.Context, n *node.Node, a Args) (none, error) {
		return none{}, n.SetPicture(ctx, a.Picture)
	}),
	"device list": answer(func(ctx context.Context, n *node.Node, _ Args) ([]node.Device, error) {
		return n.DeviceList(ctx)
	}),
	"device rename": answer(func(ctx context.Context, n *node.Node, a Args) (node.Device, error) {
		return n.DeviceRename(ctx, a.Device, a.Name)
	}),
	"device spaces": answer(func(ctx context.Context, n *node.Node, a Args) (node.DeviceGiven, error) {
		return n.DeviceGive(ctx, a.Device, a.Spaces, a.Anyway)
	}),
	"device remove": answer(func(ctx context.Context, n *node.Node, a Args) (node.DeviceRemoved, error) {
		return n.DeviceRemove(ctx, a.Device, a.Remove)
	}),
	"device doctor": answer(func(ctx context.Context, n *node.Node, a Args) (node.Diagnosis, error) {
		return n.Doctor(ctx, a.Device)
	}),
	"device dial": answer(func(ctx context.Context, n *node.Node, a Args) (node.Device, error) {
		return n.DeviceDial(ctx, a.Device, a.Address)
	}),
	"space create": answer(func(ctx context.Context, n *node.Node, a Args) (node.Space, error) {
		return n.SpaceCreate(ctx, a.Name)
	}),
	"space rename": answer(func(ctx context.Context, n *node.Node, a Args) (node.Space, error) {
		return n.SpaceRename(ctx, a.Space, a.Name)
	}),
	"space list": answer(func(ctx context.Context, n *node.Node, _ Args) ([]node.Space, error) {
		return n.SpaceList(ctx)
	}),
	"space attach": answer(func(ctx context.Context, n *node.Node, a Args) (node.Space, error) {
		return n.SpaceAttach(ctx, a.Space, a.Dir)
	}),
	"space detach": answer(func(ctx context.Context, n *node.Node, a Args) (node.Space, error) {
		return n.SpaceDetach(ctx, a.Space)
	}),
	"rm": answer(func(ctx context.Context, n *node.Node, a Args) (node.Removed, error) {
		if a.Erase {
			return n.Erase(ctx, a.Space, string(a.Path))
		}
		return n.Remove(ctx, a.Space, string(a.Path))
	}),
	"space delete": answer(func(ctx context.Context, n *node.Node, a Args) (node.DeletedSpace, error) {
		return n.SpaceDelete(ctx, a.Space, a.Sure)
	}),
	"space undelete": answer(func(ctx context.Context, n *node.Node, a Args) (node.Space, error) {
		return n.SpaceUndelete(ctx, a.Space, a.Name)
	}),
	"space deleted": answer(func(ctx context.Context, n *node.Node, _ Args) ([]node.DeletedSpace, error) {
		return n.SpaceListDeleted(ctx)
	}),
	"settings": answer(func(ctx context.Context, n *node.Node, a Args) (node.Settings, error) {
		return n.Settings(ctx, a.Settings)
	}),
	"recover words": answer(func(ctx context.Context, n *node.Node, a Args) (node.Recovery, error) {
		return n.RecoveryWords(ctx, a.Words, a.Recover)
	}),
	"recover finish": answer(func(ctx context.Context, n *node.Node, _ Args) (node.Recovery, error) {
		return n.RecoveryNow(ctx)
	}),
	"setaside list": answer(func(ctx context.Context, n *node.Node, a Args) ([]node.SetAside, error) {
		return n.SetAsideList(ctx, a.Space)
	}),
	"setaside adopt": answer(func(ctx context.Context, n *node.Node, a Args) (SetAsideDone, error) {
		done, err := n.SetAsideAdopt(ctx, a.IDs)
		return SetAsideDone{done}, err
	}),
	"setaside drop": answer(func(ctx context.Context, n *node.Node, a Args) (SetAsideDone, error) {
		done, err := n.SetAsideDrop(ctx, a.IDs)
		return SetAsideDone{done}, err
	}),
	"words check": answer(func(ctx context.Context, n *node.Node, a Args) (node.WordsCheck, error) {
		return n.CheckWords(ctx, a.Words)
	}),
	"mv": answer(func(ctx context.Context, n *node.Node, a Args) (node.Written, error) {
		return n.Move(ctx, a.Space, string(a.Path), string(a.To))
	}),
	"ls": answer(func(ctx context.Context, n *node.Node, a Args) ([]node.File, error) {
		return n.List(ctx, a.Space, string(a.Path))
	}),
	"mkdir": answer(func(ctx context.Context, n *node.Node, a Args) (node.Written, error) {
		return n.MakeFolder(ctx, a.Space, string(a.Path))
	}),
	"ls deleted": answer(func(ctx context.Context, n *node.Node, a Args) (node.DeletedFiles, error) {
		return n.ListDeleted(ctx, a.Space, string(a.Path))
	}),
	"where": answer(func(ctx context.Context, n *node.Node, a Args) (Where, error) {
		path, err := n.LocalPath(ctx, a.Space, string(a.Path))
		return Where{[]byte(path)}, err
	}),
	"link": answer(func(ctx context.Context, n *node.Node, a Args) (Link, error) {
		uri, err := n.Link(ctx, a.Space, string(a.Path))
		return Link{uri}, err
	}),
	"open": answer(func(ctx context.Context, n *node.Node, a Args) (node.LinkTarget, error) {
		return n.OpenLink(ctx, a.Address)
	}),
	"drop export": advancing(func(ctx context.Context, n *node.Node, a Args, progress func(node.DropProgress)) (node.DropReport, error) {
		what := a.Drop
		what.Space, what.Path = a.Space, string(a.Path)
		return n.DropExport(ctx, what, string(a.To), progress)
	}),
	"drop import": advancing(func(ctx context.Context, n *node.Node, a Args, progress func(node.DropProgress)) (node.DropReport, error) {
		return n.DropImport(ctx, string(a.To), progress)
	}),
	"drop show": advancing(func(ctx context.Context, n *node.Node, a Args, _ func(node.DropProgress)) (node.DropReport, error) {
		return n.DropShow(ctx, string(a.To))
	}),
	"history": answer(func(ctx context.Context, n *node.Node, a Args) ([]node.Version, error) {
		return n.History(ctx, a.Space, string(a.Path))
	}),
	"restore": answer(func(ctx context.Context, n *node.Node, a Args) (node.Written, error) {
		return n.Restore(ctx, a.Space, string(a.Path), a.Version)
	}),
	"ignore": answer(func(ctx context.Context, n *node.Node, a Args) (node.Ignored, error) {
		return n.Ignore(ctx, a.Space, a.Test, a.Rules)
	}),
	"share": answer(func(ctx context.Context, n *node.Node, a Args) (node.Share, error) {
		return n.Share(ctx, a.Share)
	}),
	"share preview": answer(func(ctx context.Context, n *node.Node, a Args) (node.SharePreview, error) {
		return n.SharePreview(ctx, a.Share)
	}),
	"share change": answer(func(ctx context.Context, n *node.Node, a Args) (node.Share, error) {
		return n.ShareChange(ctx, a.ID, a.Share)
	}),
	"shares": answer(func(ctx context.Context, n *node.Node, _ Args) ([]node.Share, error) {
		return n.Shares(ctx)
	}),
	"invite list": answer(func(ctx context.Context, n *node.Node, _ Args) ([]node.Invite, error) {
		return n.Invites(ctx)
	}),
	"invite accept": answer(func(ctx context.Context, n *node.Node, a Args) (node.Invite, error) {
		return n.InviteAccept(ctx, a.ID)
	}),
	"invite decline": answer(func(ctx context.Context, n *node.Node, a Args) (node.Invite, error) {
		return n.InviteDecline(ctx, a.ID)
	}),
	"revoke": answer(func(ctx context.Context, n *node.Node, a Args) (node.Revoked, error) {
		return n.Revoke(ctx, a.Revoke)
	}),
	"conflicts": answer(func(ctx context.Context, n *node.Node, a Args) ([]node.Conflict, error) {
		return n.Conflicts(ctx, a.Space)
	}),
	"conflicts resolve": answer(func(ctx context.Context, n *node.Node, a Args) (node.Resolved, error) {
		return n.ConflictResolve(ctx, a.Space, string(a.Path), a.Keep)
	}),
	"conflicts resolved": answer(func(ctx context.Context, n *node.Node, a Args) ([]node.Resolved, error) {
		return n.ConflictsResolved(ctx, a.Space)
	}),
	"conflicts undo": answer(func(ctx context.Context, n *node.Node, a Args) (node.Resolved, error) {
		return n.ConflictUndo(ctx, a.ID)
	}),
	"names": answer(func(ctx context.Context, n *node.Node, a Args) ([]node.Name, error) {
		return n.Names(ctx, a.Space)
	}),
	"hold list": answer(func(ctx context.Context, n *node.Node, _ Args) ([]node.Hold, error) {
		return n.HoldList(ctx)
	}),
	"hold show": answer(func(ctx context.Context, n *node.Node, a Args) ([]node.HeldFile, error) {
		return n.HoldShow(ctx, a.Hold)
	}),
	"hold allow": answer(func(ctx context.Context, n *node.Node, a Args) (node.Hold, error) {
		return n.HoldAllow(ctx, a.Hold)
	}),
	"hold keep": answer(func(ctx context.Context, n *node.Node, a Args) (node.Hold, error) {
		return n.HoldKeep(ctx, a.Hold)
	}),
	"wait": answer(func(ctx context.Context, n *node.Node, a Args) (node.Synced, error) {
		return n.WaitSynced(ctx, a.Wait)
	}),
	"map": answer(func(ctx context.Context, n *node.Node, _ Args) (node.PermissionMap, error) {
		return n.PermissionMap(ctx)
	}),
	"transfers": answer(func(ctx context.Context, n *node.Node, _ Args) (node.Transfers, error) {
		return n.Transfers(ctx)
	}),
	"activity": answer(func(ctx context.Context, n *node.Node, a Args) (node.ActivityPage, error) {
		return n.Activity(ctx, a.Activity)
	}),
	"flows": answer(func(ctx context.Context, n *node.Node, _ Args) (node.Flows, error) {
		return n.Flows(ctx)
	}),
	"audit": answer(func(ctx context.Context, n *node.Node, a Args) (node.AuditPage, error) {
		return n.Audit(ctx, a.Audit)
	}),
	"events": follow(func(ctx context.Context, n *node.Node, a Args, emit func(node.Event) error) error {
		return n.Events(ctx, a.Follow, emit)
	}),
	"pause": answer(func(ctx context.Context, n *node.Node, a Args) (node.Status, error) {
		return n.Pause(ctx, a.Duration)
	}),
	"resume": answer(func(ctx context.Context, n *node.Node, _ Args) (node.Status, error) {
		return n.Resume(ctx)
	}),
}
