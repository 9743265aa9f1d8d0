package node

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"meadow/core/carry"
	"meadow/core/folder/names"
	"meadow/core/willow"
)

// DropExt is how the names of drops end.
const DropExt = ".meadow-drop"

// DropWhat is what a drop is to have: a space as far as it is here, with its history
// left out, or a folder or file of it.
type DropWhat struct {
	Space   string `json:"space"`              // its name or id
	Path    string `json:"-"`                  // "" is all of it
	Newest  int64  `json:"newest,omitempty"`   // of the files the newest, at most so many; 0: all
	MaxSize int64  `json:"max_size,omitempty"` // of the files the newest, as many as fit into a drop of so many bytes; 0: all
	Replace bool   `json:"replace,omitempty"`  // over a file that is there; a link or a device is refused all the same
}

// check refuses a call that makes no sense, whatever there is.
func (w DropWhat) check(file string) error {
	switch {
	case file == "":
		return noFile()
	case w.Newest < 0, w.MaxSize < 0:
		return fail(CodeUsage, "leave it out for all of it", "the newest files are to be 1 or more, and have 1 byte or more")
	}
	return nil
}

// DropProgress is how far a drop is written or read. Total is 0 if it isn't known.
type DropProgress struct {
	Bytes   int64 `json:"bytes"` // written of payloads; read of the file
	Total   int64 `json:"total"`
	Entries int64 `json:"entries"`
}

// DropReport says what is in a drop, and, of one that was taken in, what became of it.
type DropReport struct {
	File    string      `json:"file"`
	Size    int64       `json:"size"`    // of the file
	Made    Time        `json:"made"`    // by the clock of who made it
	Profile string      `json:"profile"` // of what it is
	Spaces  []DropSpace `json:"spaces"`
	// Reasons says why something was refused, of all spaces together, and of what is
	// of none of them.
	Reasons []DropReason `json:"reasons"`
}

// DropSpace is what a drop has of one space. Of Entries, each is one of New, Known,
// Obsolete, Dead and Refused once the drop was taken in.
type DropSpace struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`               // as it is called here, else as the drop says
	Here    bool    `json:"here"`               // this device has the space
	Path    string  `json:"path"`               // "" is all of it
	PathB64 *string `json:"path_b64,omitempty"` // only where the path isn't UTF-8
	Files   int64   `json:"files"`              // in it; once it was taken in those of them that are new here, or whose content is
	Bytes   int64   `json:"bytes"`              // of their content, as far as that is in it, or here
	Missing int64   `json:"missing"`            // files whose content isn't in it, or here once it was taken in, or not all of it
	LeftOut int64   `json:"left_out"`           // files that weren't written: older than those that were, or too large
	Entries int64   `json:"entries"`            // of which each version of a file is two, and each deletion

	New      int64 `json:"new"`
	Known    int64 `json:"known"`
	Obsolete int64 `json:"obsolete"` // something newer is here
	Dead     int64 `json:"dead"`     // written by a device that has no access any more: set aside
	Refused  int64 `json:"refused"`
	// Reasons says why entries were refused: one row for each reason.
	Reasons []DropReason `json:"reasons"`
}

// DropReason is why entries, or the content of some, were refused.
type DropReason struct {
	Reason string `json:"reason"` // a sentence without its end
	Count  int64  `json:"count"`
}

// DropExport writes a drop to file, or if that is a folder to a file in it that has the
// name of DropName: whole or not at all, and over a file that is there only if
// what.Replace. Somebody who has it can read all that is in it. progress is called a
// few times a second, never after DropExport has returned; it may be nil.
func (n *Node) DropExport(ctx context.Context, what DropWhat, file string, progress func(DropProgress)) (DropReport, error) {
	if err := what.check(file); err != nil {
		return DropReport{}, err
	}
	sp, err := n.spaces.find(what.Space)
	if err != nil {
		return DropReport{}, err
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		name, err := n.DropName(what.Space, what.Path)
		if err != nil {
			return DropReport{}, err
		}
		file = filepath.Join(file, name)
	}
	areas, left, err := n.dropAreas(ctx, sp, what)
	if err != nil {
		return DropReport{}, err
	}
	part, total, err := n.dropPart(ctx, sp, what, areas)
	if err != nil {
		return DropReport{}, err
	}
	count := fileCounts{}
	src := carry.Source{
		Made: willow.TimestampOf(n.cfg.Now()), Blobs: n.blobs,
		Entries: func(ctx context.Context, w carry.What) iter.Seq2[willow.Authorised, error] {
			return n.dropEntries(ctx, w.Namespace, areas)
		},
		Name:       n.spaces.name,
		Statements: n.rawStatements,
		Wrote: func(e willow.Entry, have uint64) {
			count.add(e, true, have, func() []byte { return n.payloadHere(ctx, e) })
		},
	}
	var r carry.Report
	err = newFile(file, what.Replace, func(w io.Writer) (err error) {
		r, err = carry.Write(ctx, w, src, []carry.What{part}, advance(progress, total))
		return err
	})
	if err != nil {
		return DropReport{}, unlessOver(ctx, err)
	}
	d := n.dropReport(r, file, count)
	for i, s := range d.Spaces {
		d.Spaces[i].LeftOut = left
		n.tellDrop("written", s, file, s.Files, s.Bytes)
	}
	return d, nil
}

// DropImport takes in a drop: what it has of spaces that this device has, and that
// somebody was allowed to write. What was taken in when it ends early is kept, and in the
// report beside the error; doing it again goes on there. It is an error too if content in
// it was damaged, but not if something isn't for this device. While another drop is taken in
// it waits. progress is as with DropExport.
func (n *Node) DropImport(ctx context.Context, file string, progress func(DropProgress)) (DropReport, error) {
	if !n.account.Paired() {
		return DropReport{}, notPaired()
	}
	select { // two at once would leave to each other what both have
	case n.taking <- struct{}{}:
		defer func() { <-n.taking }()
	case <-ctx.Done():
		return DropReport{}, ctx.Err()
	}
	f, size, err := openDrop(file)
	if err != nil {
		return DropReport{}, err
	}
	defer f.Close()
	rules := dropRules{n, fileCounts{}}
	dst := carry.Target{Entries: n.cfg.Entries, Blobs: n.blobs, Verifier: n.verifier, Rules: rules}
	r, err := carry.Read(ctx, f, dst, advance(progress, size))
	d := n.dropReport(r, file, rules.count)
	for _, s := range d.Spaces {
		if s.New > 0 || s.Files > 0 {
			n.tellDrop("taken", s, file, s.Files, s.Bytes)
		}
	}
	if err != nil {
		return d, unlessOver(ctx, dropError(file, err, r, "what was new of them is kept, and won't be read twice"))
	}
	if i := slices.IndexFunc(r.Reasons, func(why carry.Refusal) bool { return why.Reason == carry.Damaged }); i >= 0 {
		return d, fail(CodeNotDrop, "write it again where it came from", "%s is damaged: wrong content was left out, %d times; the rest is kept",
			filepath.Base(file), r.Reasons[i].Count)
	}
	return d, nil
}

// DropShow says what is in a drop. Nothing is changed.
func (n *Node) DropShow(ctx context.Context, file string) (DropReport, error) {
	f, _, err := openDrop(file)
	if err != nil {
		return DropReport{}, err
	}
	defer f.Close()
	count := fileCounts{}
	r, err := carry.Show(ctx, f, func(e willow.Entry, have uint64, payload []byte) {
		count.add(e, true, have, func() []byte { return payload })
	})
	d := n.dropReport(r, file, count)
	if err != nil {
		return d, unlessOver(ctx, dropError(file, err, r, "nothing was changed"))
	}
	return d, nil
}

// unlessOver is the context's error once that has ended: what fails then does because
// of it.
func unlessOver(ctx context.Context, err error) error {
	if over := ctx.Err(); over != nil {
		return over
	}
	return err
}

// advance makes a function that is told progress one that tells it.
func advance(progress func(DropProgress), total int64) func(carry.Progress) {
	return func(p carry.Progress) {
		if progress != nil {
			progress(DropProgress{Bytes: int64(p.Bytes), Total: total, Entries: int64(p.Entries)})
		}
	}
}

// dropError says why a drop can't be read, and what became of the entries before.
func dropError(file string, err error, r carry.Report, kept string) error {
	name := filepath.Base(file)
	var place *carry.PlaceError
	switch {
	case errors.Is(err, carry.ErrNotDrop):
		return fail(CodeNotDrop, "choose a file whose name ends with "+DropExt, "%s isn't a drop", name)
	case errors.Is(err, carry.ErrNewer):
		return fail(CodeNotDrop, "update Meadow here", "%s is of a later Meadow", name)
	case errors.Is(err, carry.ErrDamaged) && errors.As(err, &place):
		return fail(CodeNotDrop, "write it again where it came from",
			"%s is damaged or cut off at byte %d; %d entries before that were read, and %s", name, place.Offset, r.Entries, kept)
	case errors.As(err, &place):
		cause := place.Err
		if at := (*fs.PathError)(nil); errors.As(cause, &at) {
			cause = at.Err
		}
		return fail(CodeIO, "look whether the stick is still there; if it fails, write the file again, to another one",
			"%s can't be read, at byte %d: %v; %d entries before that were read, and %s", name, place.Offset, cause, r.Entries, kept)
	}
	return err
}

// tellDrop tells that a drop was written or taken in.
func (n *Node) tellDrop(what string, s DropSpace, file string, files, bytes int64) {
	n.bus.emit("drop", "what", what, "space", s.Name, "space_id", s.ID, "path", s.Path, "file", inText(file), "files", files, "bytes", bytes)
}

// dropReport is what a report says to a user.
func (n *Node) dropReport(r carry.Report, file string, count fileCounts) DropReport {
	d := DropReport{File: file, Profile: r.Profile, Spaces: []DropSpace{}, Reasons: dropReasons(r.Reasons)}
	if r.Made != 0 {
		d.Made = Time{r.Made.Time()}
	}
	if info, err := os.Stat(file); err == nil {
		d.Size = info.Size()
	}
	told := make(map[willow.NamespaceID]bool) // a file may name thousands
	for _, s := range r.Spaces {
		if told[s.Namespace] {
			continue // the first one has the counts
		}
		told[s.Namespace] = true
		path := areaPath(s.Interest.Area)
		u := DropSpace{
			ID: s.Namespace.String(), Name: s.Name, Path: path, PathB64: b64(path), Entries: int64(s.Entries),
			New: int64(s.New), Known: int64(s.Known), Obsolete: int64(s.Obsolete), Dead: int64(s.Dead),
			Refused: int64(s.Refused), Reasons: dropReasons(s.Reasons),
		}
		if c := count[s.Namespace]; c != nil {
			u.Files, u.Bytes, u.Missing = c.files, c.bytes, c.missing
		}
		if sp := n.spaces.at(s.Namespace); sp != nil {
			u.Here, u.Name = true, sp.name()
		}
		d.Spaces = append(d.Spaces, u)
	}
	return d
}

func dropReasons(all []carry.Refusal) []DropReason {
	list := []DropReason{}
	for _, r := range all {
		list = append(list, DropReason{Reason: string(r.Reason), Count: int64(r.Count)})
	}
	return list
}

// DropName is what the drop of a space, or of what is at a path of it, is called if
// nobody gives it another name.
func (n *Node) DropName(space, path string) (string, error) {
	sp, err := n.spaces.find(space)
	if err != nil {
		return "", err
	}
	name := sp.name()
	if path != "" {
		name = path[strings.LastIndexByte(path, '/')+1:]
	}
	return names.Mend(name + n.cfg.Now().Local().Format(" 2006-01-02") + DropExt), nil
}

// Event is the event that tells progress.
func (p DropProgress) Event() Event {
	return event(time.Now(), "progress", "bytes", p.Bytes, "total", p.Total, "entries", p.Entries)
}
