package node

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"meadow/core/blob/disk"
	"meadow/core/folder"
	"meadow/core/willow"
)

// Trouble is what keeps this device from storing or reading something until
// somebody does something about it: a full disk, a lost permission. Meadow goes on
// by itself when it is over.
type Trouble struct {
	Space *string `json:"space"` // whose content waits; null if it is about all
	Where string  `json:"where"` // where a disk is mounted, or a file or folder
	What  string  `json:"what"`  // a sentence
	Needs Count   `json:"needs"` // bytes to be freed there, if that is it
	Since Time    `json:"since"`
}

// How often is looked for the end of troubles, and for those that nothing tells of.
const (
	troubleProbe = 3 * time.Second
	troubleLook  = 10 * time.Second
	troubleRest  = 30 * time.Second // without a failure: all has been tried in between
	troubleOver  = 5 * time.Second  // without a failure after trying again
)

const keyProbe = "probe" // Local's value that is written to see whether that works

// troubles is all that stands in the way now. A folder tells of its own; for
// others a loop finds out when they are over.
type troubles struct {
	n     *Node
	wake  kicker      // there is a new one
	retry kicker      // one is over that may have been in everything's way
	file  os.FileInfo // the database's, as it was when the node was opened; may be nil

	mu      sync.Mutex // guards all below
	ongoing map[string]*ongoing
}

type ongoing struct {
	Trouble
	id     willow.NamespaceID // of the space, if any
	cause  *disk.Trouble      // nil of a folder's own
	failed time.Time          // last
	tried  time.Time          // again, after failed; zero if it wasn't
}

// spaceID is the id of the space that waits, "" if it isn't about one.
func (o *ongoing) spaceID() OrNull {
	if o.Space == nil {
		return ""
	}
	return OrNull(o.id.String())
}

func newTroubles(n *Node) *troubles {
	t := &troubles{n: n, wake: newKicker(), retry: newKicker(), ongoing: make(map[string]*ongoing)}
	t.file, _ = os.Stat(n.cfg.Home.Database())
	if n.cfg.OnTrouble != nil {
		n.cfg.OnTrouble(t.database)
	}
	return t
}

// Keys of ongoing that aren't a folder's.
const (
	troubleDatabase = "database"
	troubleBlobs    = "blobs"
	troublePayloads = "payloads/" // and a space's id
	troubleFolder   = "folder/"   // and a space's id, and a number
)

// database takes the database's own news. It is called by its writer.
func (t *troubles) database(err error) {
	if err == nil {
		if t.end(troubleDatabase) {
			t.retry.kick()
		}
		return
	}
	var cause *disk.Trouble
	if errors.As(err, &cause) {
		t.begin(troubleDatabase, &ongoing{
			Trouble: Trouble{Where: cause.Where, What: "nothing can be saved: " + cause.Error(), Needs: Count(cause.Needs)},
			cause:   cause,
		})
	}
}

// payloads notes that payloads of a namespace can't be stored.
func (t *troubles) payloads(id willow.NamespaceID, err error) {
	cause := disk.About(err, t.n.cfg.Home.Blobs())
	if cause == nil {
		t.n.log.Warn("Payloads can't be stored; trying again in a while", "error", err)
		return
	}
	name := t.n.spaces.name(id)
	t.begin(troublePayloads+id.String(), &ongoing{
		Trouble: Trouble{Space: &name, Where: cause.Where, What: cause.Needing(name), Needs: Count(cause.Needs)},
		id:      id, cause: cause,
	})
}

// folder takes over what a folder says, whatever it was before.
func (t *troubles) folder(sp *space, dir string, s folder.State) {
	name := sp.name()
	now := make(map[string]*ongoing, len(s.Troubles))
	prefix := troubleFolder + sp.id.String() + "/"
	for _, tr := range s.Troubles {
		now[prefix+tr.Where] = &ongoing{id: sp.id, Trouble: Trouble{
			Space: &name, Where: tr.Where, What: tr.Needing(name), Needs: Count(tr.Needs),
		}}
	}
	if s.Err != "" {
		now[prefix] = &ongoing{id: sp.id, Trouble: Trouble{Space: &name, Where: dir, What: name + ": " + s.Err}}
	}
	t.mu.Lock()
	var over []string
	for key, o := range t.ongoing {
		if now[key] == nil && o.id == sp.id && len(key) >= len(prefix) && key[:len(prefix)] == prefix {
			over = append(over, key)
		}
	}
	t.mu.Unlock()
	for key, o := range now {
		t.begin(key, o)
	}
	for _, key := range over {
		t.end(key)
	}
}

// begin notes a trouble, or that it lasts.
func (t *troubles) begin(key string, o *ongoing) {
	t.mu.Lock()
	o.failed = t.n.cfg.Now()
	o.Since = Time{o.failed}
	old := t.ongoing[key]
	if old != nil {
		o.Since = old.Since
	}
	t.ongoing[key] = o
	t.mu.Unlock()
	if old == nil {
		t.n.log.Warn("Trouble", "where", o.Where, "what", o.What)
		t.n.bus.emit("trouble", "space", o.Space, "where", o.Where, "what", o.What, "needs", o.Needs, "space_id", o.spaceID())
		t.wake.kick()
	}
}

// end notes that a trouble is over, and reports whether there was one.
func (t *troubles) end(key string) bool {
	t.mu.Lock()
	o := t.ongoing[key]
	delete(t.ongoing, key)
	t.mu.Unlock()
	if o == nil {
		return false
	}
	t.n.bus.emit("trouble_ended", "space", o.Space, "space_id", o.spaceID(), "where", o.Where, "what", o.What,
		"seconds", int64(t.n.cfg.Now().Sub(o.Since.Time).Seconds()))
	return true
}

// list returns the troubles as they are now, the oldest first.
func (t *troubles) list(ctx context.Context) []Trouble {
	list := []Trouble{}
	for key, o := range t.all() {
		if o.cause != nil && o.cause.Cause == disk.Full && key != troubleDatabase {
			if short := t.short(ctx, o.id); short != nil {
				o.What, o.Needs = short.Needing(*o.Space), Count(short.Needs)
			}
		}
		list = append(list, o.Trouble)
	}
	slices.SortFunc(list, func(a, b Trouble) int {
		return cmp.Or(a.Since.Compare(b.Since.Time), cmp.Compare(a.What, b.What))
	})
	return list
}

// ofPayloads is what keeps payloads of a space from being stored, nil if nothing does.
func (t *troubles) ofPayloads(id willow.NamespaceID) *Trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, key := range []string{troublePayloads + id.String(), troubleBlobs, troubleDatabase} {
		if o := t.ongoing[key]; o != nil {
			tr := o.Trouble
			return &tr
		}
	}
	return nil
}

// all returns a copy of what is ongoing.
func (t *troubles) all() map[string]ongoing {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(map[string]ongoing, len(t.ongoing))
	for key, o := range t.ongoing {
		all[key] = *o
	}
	return all
}

// of is the sentence about a space, nil if there is none.
func (t *troubles) of(list []Trouble, name string) *string {
	for _, tr := range list {
		if tr.Space == nil || *tr.Space == name {
			return &tr.What
		}
	}
	return nil
}

// short returns what is lacking for all that is missing of a space.
func (t *troubles) short(ctx context.Context, id willow.NamespaceID) *disk.Trouble {
	missing, err := t.n.cfg.Entries.Missing(ctx, id)
	if err != nil || missing.Bytes == 0 {
		return nil
	}
	return t.n.blobs.Room().Short(t.n.cfg.Home.Blobs(), missing.Bytes)
}

// run looks for ends of troubles while there are some, and seldom for beginnings.
func (t *troubles) run(ctx context.Context) error {
	for {
		wait := troubleLook
		if len(t.all()) > 0 {
			wait = troubleProbe
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-t.wake:
		case <-t.retry:
			t.again()
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
		t.look()
		for key, o := range t.all() {
			t.probe(ctx, key, o)
		}
	}
}

// look finds what has been taken from under the node, which may not be told by an
// error for long.
func (t *troubles) look() {
	h := t.n.cfg.Home
	if now, err := os.Stat(h.Database()); t.file != nil && (errors.Is(err, os.ErrNotExist) || err == nil && !os.SameFile(now, t.file)) {
		t.database(disk.New(disk.Gone, h.Database(), err))
	}
	if _, err := os.Stat(h.Blobs()); errors.Is(err, os.ErrNotExist) {
		gone := disk.New(disk.Gone, h.Blobs(), err)
		t.begin(troubleBlobs, &ongoing{
			Trouble: Trouble{Where: gone.Where, What: "what it held can't be read: " + gone.Error()}, cause: gone,
		})
	} else if t.end(troubleBlobs) {
		t.retry.kick()
	}
}

// probe finds out whether a trouble is over that nobody else ends.
func (t *troubles) probe(ctx context.Context, key string, o ongoing) {
	now := t.n.cfg.Now()
	switch {
	case key == troubleDatabase:
		// Success tells database of itself.
		_ = t.n.cfg.Local.PutValues(ctx, map[string][]byte{keyProbe: []byte(now.UTC().Format(time.RFC3339Nano))})
	case o.cause == nil || key == troubleBlobs:
	case !o.tried.IsZero() && now.Sub(o.tried) >= troubleOver:
		t.end(key)
	case !o.tried.IsZero():
	case o.cause.Cause == disk.Full && t.short(ctx, o.id) == nil, o.cause.Cause != disk.Full && o.cause.Passed(),
		now.Sub(o.failed) >= troubleRest: // it was tried in between, and didn't fail
		t.mu.Lock()
		if current := t.ongoing[key]; current != nil && current.failed.Equal(o.failed) {
			current.tried = now
		}
		t.mu.Unlock()
		t.n.engine.RoomAgain()
	}
}

// again has everything tried that may have failed.
func (t *troubles) again() {
	n := t.n
	n.engine.RoomAgain()
	n.spaces.reread()
	n.peers.kick()
	for _, sp := range n.spaces.all() {
		if at := n.spaces.folderOf(sp); at != nil {
			at.folder.Retry()
		}
	}
}

// forget ends what was known of a folder that is attached no more.
func (t *troubles) forget(sp *space) { t.folder(sp, "", folder.State{}) }

// rejoinDamaged is what to do about a damaged database.
const rejoinDamaged = "check the disk, move this home away, make another one with `meadow init --join`, pair it with another of your devices " +
	"and attach the same folders: what is in them stays"

// diskError says in a user's words that a disk is in the way; nil if none is.
func diskError(err error) *Error {
	path := ""
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		path = at.Path
	}
	cause := disk.About(err, path)
	if cause == nil {
		return nil
	}
	if cause.Cause == disk.Damaged {
		return fail(CodeDamaged, rejoinDamaged, "the database %v; your folders and what is kept in %s were not touched",
			cause, filepath.Join(filepath.Dir(cause.Where), "blobs"))
	}
	code := CodeIO
	if cause.Cause == disk.Full || cause.Cause == disk.Quota {
		code = CodeFull
	}
	return &Error{
		Code: code, Message: cause.Error() + "; what was kept before is still there", Hint: cause.Cause.Hint(),
	}
}
