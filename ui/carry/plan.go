package carry

import (
	"path/filepath"
	"strings"

	"meadow/core/node"
	"meadow/ui/words"
)

// What is a space, or a folder or file of it, that can be carried.
type What struct {
	Space  node.Space
	Path   string // "" is all of it
	Files  int64
	Bytes  int64
	Absent int64 // of the files, those that haven't arrived here
}

// name is what it is called.
func (w What) name() string {
	if w.Path == "" {
		return words.Shown(w.Space.Name)
	}
	return words.Shown(filepath.Base(w.Path))
}

// much says how much it is.
func (w What) much() string { return much(w.Files, w.Bytes) }

// much says how much something is.
func much(files, bytes int64) string {
	if files == 0 {
		return words.L("No files")
	}
	return words.N("{{.Count}} file, {{.Size}}", "{{.Count}} files, {{.Size}}", files, "Size", words.Size(bytes))
}

// plan is what is to be carried and where to, as it is being chosen.
type plan struct {
	all  What
	part *What // the folder that is open, or what was asked for; nil: none
	only bool  // part is chosen
	most int64 // of the newest files so many bytes; 0: all

	dir   string // the folder that it is written to
	fixed bool   // somebody chose or typed dir: no stick takes its place
	name  string // of the file; "" until it is known
	wrong string // what is wrong with dir
	fails string // why it wasn't written
}

// what is chosen.
func (p *plan) what() What {
	if p.only && p.part != nil {
		return *p.part
	}
	return p.all
}

// amounts are the sizes that one can stop at. A stick as they are sold holds no file
// larger than 4 GB, unless it was formatted anew.
var amounts = []int64{1e9, 4e9, 16e9, 64e9}

// choices are the amounts that are less than all of it.
func (p *plan) choices() (list []int64) {
	for _, a := range amounts {
		if a < p.what().Bytes {
			list = append(list, a)
		}
	}
	return list
}

// choose changes which part is chosen. An amount that is no less than that is all.
func (p *plan) choose(only bool) {
	p.only = only
	if p.most >= p.what().Bytes {
		p.most = 0
	}
}

// order is what is asked of the node.
func (p *plan) order() node.DropWhat {
	w := p.what()
	return node.DropWhat{Space: w.Space.ID, Path: w.Path, MaxSize: p.most}
}

// ready reports whether it can be written.
func (p *plan) ready() bool { return filepath.IsAbs(p.dir) && p.name != "" }

// propose takes the first of some sticks for the folder, unless somebody has chosen
// one, or what is chosen was on a stick that is still there. It reports whether the
// folder is another one.
func (p *plan) propose(before, now []stick) bool {
	if p.fixed || p.dir != "" && (!hasStick(before, p.dir) || hasStick(now, p.dir)) {
		return false
	}
	was := p.dir
	p.dir = ""
	if len(now) > 0 {
		p.dir = now[0].path
	}
	return p.dir != was
}

// says is what there is to say about what was chosen: what can't come along, and how
// the file will be called.
func (p *plan) says() string {
	w := p.what()
	text := ""
	if w.Absent > 0 {
		text = words.N("{{.Count}} file hasn't arrived on this device: its content can't come along. ",
			"{{.Count}} files haven't arrived on this device: their content can't come along. ", w.Absent)
	}
	if p.name != "" {
		text += words.L("The file will be called {{.Name}}.", "Name", words.Shown(p.name))
	}
	return text
}

// unwritten is why a drop wasn't written. The node's hints are for who writes commands.
func unwritten(err error) *node.Error {
	e := *node.AsError(err)
	switch {
	case e.Code == node.CodeFull:
		e.Hint = words.L("make room there, or choose another place")
	case strings.Contains(e.Hint, "--max-size"):
		e.Hint = words.L("choose only the newest 4 GB, or a stick with another file system, such as exFAT")
	}
	return &e
}
