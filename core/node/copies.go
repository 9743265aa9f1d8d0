package node

import (
	"context"
	"errors"
	"strconv"

	"meadow/core/blob"
	"meadow/core/willow"
)

// What attached folders hold is kept in history by sharing blocks with the file
// where the file system can, else by a copy if the file isn't larger than the copy
// limit, else not at all: the store then knows the user's own file, and the bytes
// are gone when that changes.

// defaultCopyLimit is the copy limit until one is set.
const defaultCopyLimit = 64 << 20

// Names of Local's values, decimal numbers.
const (
	keyCopyLimit  = "copy-limit"
	keyLeastLimit = "copy-limit-least" // the least one that there was on this device
)

// limits are the copy limits: what is, and the least that ever was. Files above
// that may be the only copy of their bytes.
type limits struct{ now, least int64 }

func (n *Node) limits(ctx context.Context) (l limits, err error) {
	l = limits{defaultCopyLimit, defaultCopyLimit}
	for name, to := range map[string]*int64{keyCopyLimit: &l.now, keyLeastLimit: &l.least} {
		text, ok, err := n.cfg.Local.Value(ctx, name)
		if err != nil {
			return l, err
		}
		if v, err := strconv.ParseInt(string(text), 10, 64); ok && err == nil && v >= 0 {
			*to = v
		}
	}
	return l, nil
}

// setCopyLimit sets the copy limit, and has the folders go by it.
func (n *Node) setCopyLimit(ctx context.Context, limit int64) error {
	l, err := n.limits(ctx)
	if err != nil || l.now == limit {
		return err
	}
	err = n.cfg.Local.PutValues(ctx, map[string][]byte{
		keyCopyLimit:  strconv.AppendInt(nil, limit, 10),
		keyLeastLimit: strconv.AppendInt(nil, min(l.least, limit), 10),
	})
	if err != nil {
		return err
	}
	s := n.spaces
	s.attaching.Lock()
	defer s.attaching.Unlock()
	var errs []error
	for _, sp := range s.all() {
		if s.folderOf(sp) != nil {
			errs = append(errs, s.restart(sp))
		}
	}
	n.bus.emit("settings", "copy_limit", limit)
	return errors.Join(errs...)
}

// inPlace returns the payloads of a space that are only in the user's own files:
// history won't have them when these change.
func (n *Node) inPlace(ctx context.Context, sp *space) (map[willow.Digest]bool, error) {
	rows, err := n.cfg.History.InPlace(ctx, sp.id)
	found := make(map[willow.Digest]bool, len(rows))
	for _, r := range rows {
		found[willow.Digest(r.Hash)] = true
	}
	return found, err
}

// OnlyThere counts files of a space whose bytes this device has nowhere but in
// files of the user's: they are lost for it when those change.
type OnlyThere struct {
	Files int64 `json:"files"`
	Bytes int64 `json:"bytes"`
}

// onlyThere counts what a space that isn't attached here has only in the folder
// that it was attached to. It looks at those files, so that what is lost shows.
func (n *Node) onlyThere(ctx context.Context, sp *space) (OnlyThere, error) {
	var o OnlyThere
	rows, err := n.cfg.History.InPlace(ctx, sp.id)
	if err != nil {
		return o, err
	}
	for _, r := range rows {
		if !unchanged(r) {
			for _, p := range r.Places {
				if err := n.blobs.Recheck(ctx, p.Path); err != nil {
					return o, err
				}
			}
			continue
		}
		o.Files++
		o.Bytes += int64(r.Length)
	}
	return o, nil
}

// unchanged reports whether one of the places of a blob is as it was.
func unchanged(r blob.Row) bool {
	for _, p := range r.Places {
		if now, err := blob.PlaceOf(p.Path); err == nil && now == p {
			return true
		}
	}
	return false
}
