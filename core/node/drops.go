package node

import (
	"context"
	"strings"

	"meadow/core/folder/names"
)

// DropExt is how the names of drops end.
const DropExt = ".meadow-drop"

// DropWhat is what a drop is to have: a space as far as it is here, with its history
// left out, or a folder or file of it.
type DropWhat struct {
	Space   string `json:"space"`              // its name or id
	Path    string `json:"-"`                  // "" is all of it
	Newest  int64  `json:"newest,omitempty"`   // of the files the newest, at most so many; 0: all
	MaxSize int64  `json:"max_size,omitempty"` // of the files the newest, at most so many bytes together; 0: all
	Replace bool   `json:"replace,omitempty"`  // over a file that is there
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
	Profile string      `json:"profile"` // mdn-1
	Spaces  []DropSpace `json:"spaces"`
}

// DropSpace is what a drop has of one space. Of Entries, each is one of New, Known,
// Obsolete, Dead and Refused once the drop was taken in.
type DropSpace struct {
	ID      string `json:"id"`
	Name    string `json:"name"` // as it is called here, else as the drop says
	Here    bool   `json:"here"` // this device has the space
	Path    string `json:"path"` // "" is all of it
	Files   int64  `json:"files"`
	Bytes   int64  `json:"bytes"`   // of their content
	Missing int64  `json:"missing"` // of the files, those whose content isn't in it, or not all of it
	Entries int64  `json:"entries"`

	New      int64 `json:"new"`
	Known    int64 `json:"known"`
	Obsolete int64 `json:"obsolete"` // something newer is here
	Dead     int64 `json:"dead"`     // written by a device that has no access any more: set aside
	Refused  int64 `json:"refused"`
	// Reasons says why entries were refused: one row for each reason.
	Reasons []DropReason `json:"reasons"`
}

// DropReason is why entries were refused.
type DropReason struct {
	Reason string `json:"reason"` // a sentence without its end
	Count  int64  `json:"count"`
}

// DropExport writes a drop to file, which must not be there unless what.Replace: whole
// or not at all. Somebody who has it can read all that is in it. progress is called a
// few times a second, never after DropExport has returned; it may be nil.
func (n *Node) DropExport(ctx context.Context, what DropWhat, file string, progress func(DropProgress)) (DropReport, error) {
	return DropReport{}, fail(CodeInternal, "", "drops can't be written yet")
}

// DropImport takes in a drop: what it has of spaces that this device has, and that
// somebody was allowed to write. What was taken in when it ends early is kept, and
// doing it again goes on there. progress is as with DropExport.
func (n *Node) DropImport(ctx context.Context, file string, progress func(DropProgress)) (DropReport, error) {
	return DropReport{}, fail(CodeInternal, "", "drops can't be read yet")
}

// DropShow says what is in a drop. Nothing is changed.
func (n *Node) DropShow(ctx context.Context, file string) (DropReport, error) {
	return DropReport{}, fail(CodeInternal, "", "drops can't be read yet")
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
