package mdn

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"meadow/core/willow"
)

// DeletedSpace is a space that was deleted and can still be brought back.
type DeletedSpace struct {
	SpaceInfo
	Deleted time.Time // by the clock of the device that did it; zero if that isn't known
}

// droppedValue and the namespace: this device has let go of a deleted space's data.
const droppedValue = "mdn/dropped/"

// deletion is what the records of a space say of its end. Both home's and the
// space's own have it, with every other field as it was.
type deletion struct {
	deleted bool
	at      time.Time
}

func parseDeletion(r *reader) (d deletion) {
	if d.deleted = r.flag("deleted"); d.deleted && r.has("deleted_at") {
		d.at = timeOf(r.uint("deleted_at"))
	}
	return d
}

// write puts d into the fields of a record.
func (d deletion) write(f fields) {
	delete(f, "deleted")
	delete(f, "deleted_at")
	if d.deleted {
		f.set("deleted", true)
		if !d.at.IsZero() {
			f.set("deleted_at", microseconds(d.at))
		}
	}
}

// DeletedSpaces returns the deleted spaces of which this device still has the
// data, by name.
func (a *Account) DeletedSpaces() []DeletedSpace { return slices.Clone(a.now.Load().deleted) }

// DeleteSpace ends a space on all devices of the account. Its data stays on them,
// and goes on being exchanged between them, until each calls [Account.DropSpace].
func (a *Account) DeleteSpace(ctx context.Context, ns willow.NamespaceID) (DeletedSpace, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	i := slices.IndexFunc(v.spaces, func(s SpaceInfo) bool { return s.ID == ns })
	if i < 0 {
		return DeletedSpace{}, ErrNotFound
	}
	if v.foreign(ns) {
		return DeletedSpace{}, ErrNotAllowed
	}
	gone := DeletedSpace{v.spaces[i], a.Now()}
	err := a.endOrRevive(ctx, v, gone.SpaceInfo, deletion{true, gone.Deleted})
	if err != nil {
		return DeletedSpace{}, fmt.Errorf("delete space: %w", err)
	}
	return gone, nil
}

// UndeleteSpace brings a deleted space back, under another name if one is given.
// The error is an [ErrNameTaken] if a space is called so, or [ErrNotFound] if this
// device hasn't got the data of such a space.
func (a *Account) UndeleteSpace(ctx context.Context, ns willow.NamespaceID, name string) (SpaceInfo, error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	i := slices.IndexFunc(v.deleted, func(s DeletedSpace) bool { return s.ID == ns })
	if i < 0 {
		return SpaceInfo{}, ErrNotFound
	}
	s := v.deleted[i].SpaceInfo
	if name != "" {
		if err := CheckName(name); err != nil {
			return SpaceInfo{}, err
		}
		s.Name = name
	}
	if slices.ContainsFunc(v.spaces, func(o SpaceInfo) bool { return o.Name == s.Name }) {
		return SpaceInfo{}, ErrNameTaken
	}
	if err := a.endOrRevive(ctx, v, s, deletion{}); err != nil {
		return SpaceInfo{}, fmt.Errorf("undelete space: %w", err)
	}
	return s, nil
}

// RenameSpace gives a space another name on all devices of the account, and for
// everybody who may read it. The error is an [ErrNameTaken] if another space is
// called so.
func (a *Account) RenameSpace(ctx context.Context, ns willow.NamespaceID, name string) (SpaceInfo, error) {
	if err := CheckName(name); err != nil {
		return SpaceInfo{}, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	i := slices.IndexFunc(v.spaces, func(s SpaceInfo) bool { return s.ID == ns })
	if i < 0 {
		return SpaceInfo{}, ErrNotFound
	}
	if v.foreign(ns) {
		return SpaceInfo{}, ErrNotAllowed
	}
	if slices.ContainsFunc(v.spaces, func(o SpaceInfo) bool { return o.Name == name && o.ID != ns }) {
		return SpaceInfo{}, ErrNameTaken
	}
	s := v.spaces[i]
	if s.Name == name {
		return s, nil
	}
	s.Name = name
	if err := a.endOrRevive(ctx, v, s, deletion{}); err != nil {
		return SpaceInfo{}, fmt.Errorf("rename space: %w", err)
	}
	return s, nil
}

// endOrRevive writes the records of a space, with what is new of it.
func (a *Account) endOrRevive(ctx context.Context, v *view, s SpaceInfo, d deletion) error {
	if !v.full() {
		return ErrNotAllowed
	}
	home := draft{ns: v.home, path: recordPath(spacesPath, s.ID)}
	about := draft{ns: s.ID, path: aboutPath}
	for _, r := range []struct {
		*draft
		empty fields
	}{{&home, spaceRecord(s.Name, s.Created)}, {&about, aboutRecord(s.Name)}} {
		f := a.fieldsAt(ctx, r.ns, r.path)
		if f == nil {
			f = r.empty
		}
		f.set("name", s.Name)
		d.write(f)
		r.payload = f.encode()
	}
	// Home's first: it is what counts, and the other follows it, see mendAbout.
	if err := a.write(ctx, v, home); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := a.write(ctx, v, about); err != nil {
		a.Log.WarnContext(ctx, "what a space says of itself wasn't written yet", "error", err)
	}
	if err := a.refresh(ctx); err != nil {
		a.Log.WarnContext(ctx, "space changed, but the account's records weren't read yet", "error", err)
	}
	a.notify(v.home, s.ID)
	return nil
}

// fieldsAt returns the fields of the record at a path, nil if there is none that
// can be read.
func (a *Account) fieldsAt(ctx context.Context, ns willow.NamespaceID, p willow.Path) fields {
	b, err := a.payloadAt(ctx, ns, p)
	if err != nil {
		return nil
	}
	r, err := parseRecord(b)
	if err != nil {
		return nil
	}
	return r.fields
}

// mendAbout makes what spaces say of themselves follow home's records, where these
// are newer: the two are written, and arrive, at different times. When the account
// is opened, home's count in any case.
func (a *Account) mendAbout(ctx context.Context, v *view, r records) error {
	if !v.full() {
		return nil
	}
	var drafts []draft
	for ns, s := range r.spaces {
		if v.dropped[ns] || v.read(ns) == nil {
			continue
		}
		f := a.fieldsAt(ctx, ns, aboutPath)
		if f == nil {
			continue // it hasn't come, or its founder has to write it
		}
		is := reader{fields: f}
		if parseDeletion(&is) == r.deleted[ns] && is.text("name", 4*maxName) == s.Name {
			continue
		}
		behind, err := a.aboutBehind(ctx, v, ns)
		if err != nil {
			return err
		}
		if !behind && a.opened {
			continue
		}
		f.set("name", s.Name)
		r.deleted[ns].write(f)
		drafts = append(drafts, draft{ns, aboutPath, f.encode()})
	}
	a.opened = true
	if len(drafts) == 0 {
		return nil
	}
	return a.write(ctx, v, drafts...)
}

// aboutBehind reports whether home's record of a space is newer than its own.
func (a *Account) aboutBehind(ctx context.Context, v *view, ns willow.NamespaceID) (bool, error) {
	home, _, err := a.Entries.Get(ctx, v.home, shared(v.home), recordPath(spacesPath, ns))
	if err != nil {
		return false, err
	}
	about, _, err := a.Entries.Get(ctx, ns, shared(ns), aboutPath)
	return home.Entry.Timestamp > about.Entry.Timestamp, err
}

// listDeleted lists the deleted spaces that this device can read, and has the data
// of, and forgets that it let go of one that is there again.
func (a *Account) listDeleted(ctx context.Context, v *view, r records) error {
	v.deleted = nil
	revived := map[string][]byte{}
	for ns := range v.caps {
		if ns == v.identity || ns == v.home || v.read(ns) == nil || v.foreign(ns) {
			continue
		}
		s, d, ok := r.spaces[ns], r.deleted[ns], true
		if s.ID != ns { // home has no record of it, or this device no home
			s, d, ok = a.aboutDeletion(ctx, ns)
		}
		switch {
		case ok && d.deleted && !v.dropped[ns]:
			v.deleted = append(v.deleted, DeletedSpace{s, d.at})
		case ok && !d.deleted && v.dropped[ns]:
			delete(v.dropped, ns)
			revived[droppedValue+ns.String()] = nil
		}
	}
	slices.SortFunc(v.deleted, func(x, y DeletedSpace) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), compareIDs(x.ID, y.ID))
	})
	if len(revived) == 0 {
		return nil
	}
	return a.Store.Commit(ctx, Batch{Values: revived})
}

// aboutDeletion returns what a space says of itself and its end; ok is false if it
// says nothing.
func (a *Account) aboutDeletion(ctx context.Context, ns willow.NamespaceID) (s SpaceInfo, d deletion, ok bool) {
	f := a.fieldsAt(ctx, ns, aboutPath)
	if f == nil {
		return s, d, false
	}
	r := reader{fields: f}
	s, d = SpaceInfo{ID: ns, Name: r.text("name", 4*maxName)}, parseDeletion(&r)
	return s, d, r.err == nil
}

// DropSpace has this device let go of a deleted space, or of one that others have
// shared with the account and that has ended: it is neither exchanged nor listed any
// more, and the caller may delete its data by [Account.WhileGone]. What it was given for
// it stays, and so does its seed: should another device bring the space back, or an
// invitation to it be accepted, it comes again as a new one does. The error is
// ErrNotFound if it is neither.
func (a *Account) DropSpace(ctx context.Context, ns willow.NamespaceID) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	old := a.now.Load()
	ended := func(s SpaceInfo) bool { return s.ID == ns && old.foreign(ns) }
	if !slices.ContainsFunc(old.deleted, func(s DeletedSpace) bool { return s.ID == ns }) && !slices.ContainsFunc(old.ended, ended) {
		return ErrNotFound
	}
	if err := a.Store.Commit(ctx, Batch{Values: map[string][]byte{droppedValue + ns.String(): {1}}}); err != nil {
		return fmt.Errorf("drop space: %w", err)
	}
	v := old.clone()
	v.dropped[ns] = true
	v.deleted = slices.DeleteFunc(slices.Clone(old.deleted), func(s DeletedSpace) bool { return s.ID == ns })
	v.ended = slices.DeleteFunc(slices.Clone(old.ended), ended)
	a.now.Store(v)
	a.notify(ns)
	return nil
}

// DroppedSpaces returns the spaces that this device has let go of, the data of which
// the caller may delete by [Account.WhileGone].
func (a *Account) DroppedSpaces() []willow.NamespaceID {
	var all []willow.NamespaceID
	for ns := range a.now.Load().dropped {
		all = append(all, ns)
	}
	return all
}

// WhileGone calls do if a namespace is one of [Account.ForgottenPeople] or
// [Account.DroppedSpaces], and reports whether it is. Until do returns it stays so: a
// person who is just being added or a space that comes back waits, and do must not call
// the account. What those two have returned may be known again by now.
func (a *Account) WhileGone(ns willow.NamespaceID, do func() error) (gone bool, err error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	if v := a.now.Load(); !v.dropped[ns] && !v.forgotten(ns) {
		return false, nil
	}
	return true, do()
}

// loadDropped finds the spaces of v that this device has let go of.
func (a *Account) loadDropped(ctx context.Context, v *view) error {
	for ns := range v.caps {
		_, ok, err := a.Store.Value(ctx, droppedValue+ns.String())
		if err != nil {
			return err
		}
		if ok {
			v.dropped[ns] = true
		}
	}
	return nil
}
