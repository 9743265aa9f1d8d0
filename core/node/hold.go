package node

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"unicode/utf8"

	"meadow/core/folder"
	"meadow/core/folder/tree"
)

// Hold is removals that wait until a person allows or undoes them: of most of a
// folder, or of all that is on a disk that has gone. Until then nothing is removed
// anywhere because of them, and all else goes on. The device doesn't count as in
// step: its folder isn't what the others' are.
type Hold struct {
	ID      string `json:"id"`
	Space   string `json:"space"`
	Device  string `json:"device"`  // who removes them: this device, or another
	Removes int64  `json:"removes"` // files
	Of      int64  `json:"of"`      // how many there were
	Since   Time   `json:"since"`
	Kind    string `json:"kind"`            // removed or missing
	Before  int64  `json:"before"`          // removed shortly before, and not held
	Place   string `json:"place,omitempty"` // where in the folder the missing disk belongs
	Here    bool   `json:"here,omitempty"`  // they are gone from this device's folder already
	Waiting int64  `json:"waiting"`         // once kept: files whose bytes must come from other devices
}

// HeldFile is one row of hold show.
type HeldFile struct {
	Path    string  `json:"path"`
	PathB64 *string `json:"path_b64,omitempty"` // only where the name isn't UTF-8
	Bytes   int64   `json:"bytes"`
}

// Kinds of holds.
const (
	holdRemoved = "removed"
	holdMissing = "missing"
)

// holdNews is what is known of a folder's holds, to tell what becomes of them.
type holdNews struct {
	mu    sync.Mutex             // guards all below
	known map[string]folder.Hold // by id
	said  map[string]string      // what a person has said, by id
}

// holdOf is a hold and where it is.
type holdOf struct {
	sp *space
	at *attached
	h  folder.Hold
}

// heldAll returns all holds, by space.
func (n *Node) heldAll() (all []holdOf) {
	for _, sp := range n.spaces.all() {
		if at := n.spaces.folderOf(sp); at != nil {
			for _, h := range at.folder.State().Holds {
				all = append(all, holdOf{sp, at, h})
			}
		}
	}
	return all
}

// HoldList lists what is held on this device.
func (n *Node) HoldList(context.Context) ([]Hold, error) {
	if !n.account.Paired() {
		return nil, notPaired()
	}
	list, names := []Hold{}, n.authors()
	for _, held := range n.heldAll() {
		list = append(list, n.hold(held.sp, held.h, names))
	}
	return list, nil
}

func (n *Node) hold(sp *space, h folder.Hold, names map[[32]byte]string) Hold {
	hold := Hold{
		ID: h.ID, Space: sp.name(), Device: author([32]byte(n.cfg.Device.Receiver()), names), Kind: holdRemoved,
		Removes: int64(h.Removes), Of: int64(h.Of), Before: int64(h.Before), Since: Time{h.Since}, Place: h.Place,
	}
	switch h.Cause {
	case folder.RemovedElsewhere:
		hold.Device = author(h.Author, names)
	case folder.Missing:
		hold.Kind = holdMissing
	default:
		hold.Here = true
	}
	return hold
}

const minHoldPrefix = 4 // digits of a hold's id that stand for it

// findHold returns the hold that an id or a prefix of it means.
func (n *Node) findHold(id string) (found holdOf, err error) {
	if !n.account.Paired() {
		return found, notPaired()
	}
	if len(id) < minHoldPrefix {
		return found, fail(CodeNotFound, "give at least four digits of the id, see `meadow hold list`",
			"%q is too short for a hold's id; nothing was changed", id)
	}
	matches := 0
	for _, held := range n.heldAll() {
		if strings.HasPrefix(held.h.ID, strings.ToLower(id)) {
			found, matches = held, matches+1
		}
	}
	switch matches {
	case 0:
		return found, fail(CodeNotFound, "see `meadow hold list`", "no hold has the id %q, or it is over; nothing was changed", id)
	case 1:
		return found, nil
	}
	return found, fail(CodeAmbiguous, "give more of the id", "%d holds are meant by %q; nothing was changed", matches, id)
}

// HoldShow lists the files of a hold, ordered by path.
func (n *Node) HoldShow(ctx context.Context, id string) ([]HeldFile, error) {
	held, err := n.findHold(id)
	if err != nil {
		return nil, err
	}
	files, err := held.at.folder.Held(ctx, held.h.ID)
	if err != nil {
		return nil, holdError(id, err)
	}
	list := make([]HeldFile, len(files))
	for i, f := range files {
		list[i] = HeldFile{Path: f.Path, Bytes: f.Bytes}
		if !utf8.ValidString(f.Path) {
			b64 := base64.StdEncoding.EncodeToString([]byte(f.Path))
			list[i].PathB64 = &b64
		}
	}
	return list, nil
}

// HoldAllow lets the removals of a hold happen, on every device. When it returns
// that can't be lost any more.
func (n *Node) HoldAllow(ctx context.Context, id string) (Hold, error) {
	return n.say(id, "allowed", func(f *folder.Folder, id string) (folder.Hold, int, error) {
		h, err := f.Allow(ctx, id)
		return h, 0, err
	})
}

// HoldKeep undoes the removals of a hold: what vanished from this disk comes back
// to it, what another device removed is there again on all, and a disk that is
// missing is waited for in silence. When it returns that can't be lost any more.
func (n *Node) HoldKeep(ctx context.Context, id string) (Hold, error) {
	return n.say(id, "kept", func(f *folder.Folder, id string) (folder.Hold, int, error) { return f.Keep(ctx, id) })
}

func (n *Node) say(id, what string, do func(*folder.Folder, string) (folder.Hold, int, error)) (Hold, error) {
	held, err := n.findHold(id)
	if err != nil {
		return Hold{}, err
	}
	held.at.held.say(held.h.ID, what)
	h, waiting, err := do(held.at.folder, held.h.ID)
	if err != nil {
		held.at.held.say(held.h.ID, "")
		return Hold{}, holdError(id, err)
	}
	hold := n.hold(held.sp, h, n.authors())
	hold.Waiting = int64(waiting)
	return hold, nil
}

// holdError says in a user's words why a hold stays.
func holdError(id string, err error) error {
	switch {
	case errors.Is(err, folder.ErrNoHold):
		return fail(CodeNotFound, "see `meadow hold list`", "the hold %q is over; nothing was changed", id)
	case errors.Is(err, folder.ErrStopped):
		return stopped()
	case errors.Is(err, tree.ErrNotAllowed):
		return fail(CodeNotAllowed, "decide it on a device that may write there", "this device may not write there; the files stay held")
	case errors.Is(err, folder.ErrUnknown):
		return fail(CodeFolder, "see `meadow status`, then try again", "%v; the files stay held", err)
	case folder.IsMissing(err):
		return fail(CodeFolder, "put the folder back first", "%v; the files stay held", err)
	}
	return err
}

// say notes what a person has said about a hold, "" for nothing after all.
func (w *holdNews) say(id, what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said == nil {
		w.said = map[string]string{}
	}
	w.said[id] = what
}

// tellHolds emits which holds of a folder have begun and which are over. Those of
// an earlier process have begun before.
func (s *spaces) tellHolds(sp *space, at *attached, now []folder.Hold) {
	w := at.held
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.known
	w.known = make(map[string]folder.Hold, len(now))
	names := s.n.authors()
	emit := func(name string, h folder.Hold, more ...any) {
		hold := s.n.hold(sp, h, names)
		s.n.bus.emit(name, append([]any{
			"id", hold.ID, "space", hold.Space, "space_id", sp.id.String(), "device", hold.Device, "kind", hold.Kind,
			"removes", hold.Removes, "of", hold.Of, "since", hold.Since, "hold", hold.ID, "place", OrNull(hold.Place),
		}, more...)...)
	}
	for _, h := range now {
		w.known[h.ID] = h
		if _, known := was[h.ID]; !known && !h.Since.Before(at.since) {
			emit("hold", h)
		}
	}
	for id, h := range was {
		if _, still := w.known[id]; still {
			continue
		}
		how := w.said[id]
		if how == "" {
			how = "over" // by itself
		}
		delete(w.said, id)
		emit("hold_ended", h, "how", how)
	}
}
