package names

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Problem is a name that some system can't hold, or can't hold beside another.
type Problem struct {
	Path     string   // of the file or folder
	Part     string   // what is wrong of it: its last name, or all of it if that is too long
	Text     string   // what is wrong, a sentence's end
	Systems  []System // where, in the order of the constants
	Proposed string   // a path for it that is free and has no such problem
}

// Survey finds the names in a tree that some system can't hold. Of names that a
// system takes for the same the oldest may stay; the others are problems. Give
// it all paths with [Survey.Add], then call [Survey.Problems].
type Survey struct {
	stack    []*folder // from the root to what the last path is in
	problems []Problem
	kept     []Problem // of names that may stay, but are in the way of others
}

// folder is one whose contents come in.
type folder struct {
	path   string
	bytes  int // of path, with a slash
	names  []entry
	guests []Problem // too long where they are, proposed to be here
}

// entry is a name in a folder.
type entry struct {
	name string
	time uint64 // when it came; of a folder, the first in it
}

// Add takes the next path that is shown in the tree, with its timestamp. Paths
// come in the tree's order: by names from the top down.
func (s *Survey) Add(path string, time uint64) {
	if len(s.stack) == 0 {
		s.stack = []*folder{{}}
	}
	for len(s.stack) > 1 && !strings.HasPrefix(path, s.top().path+"/") {
		s.pop()
	}
	for {
		in := s.top()
		name, _, more := strings.Cut(path[in.bytes:], "/")
		in.note(name, time)
		if !more {
			break
		}
		p := path[:in.bytes+len(name)]
		s.stack = append(s.stack, &folder{path: p, bytes: len(p) + 1})
	}
	for _, f := range s.stack[:len(s.stack)-1] { // what a folder holds may be older than what came before it
		last := &f.names[len(f.names)-1]
		last.time = min(last.time, time)
	}
	if flaws := checkPath(path); flaws != nil && good(path) {
		s.tooLong(path, flaws)
	}
}

// good reports whether all names of a path are; else they are to be changed
// first, which may make it shorter.
func good(path string) bool {
	for name := range strings.SplitSeq(path, "/") {
		if Check(name) != nil {
			return false
		}
	}
	return true
}

func (s *Survey) top() *folder { return s.stack[len(s.stack)-1] }

// note adds a name to a folder; that of a folder comes with each thing in it.
func (f *folder) note(name string, time uint64) {
	if n := len(f.names); n > 0 && f.names[n-1].name == name {
		f.names[n-1].time = min(f.names[n-1].time, time)
		return
	}
	f.names = append(f.names, entry{name, time})
}

// leastName is how much room a proposed name must have, in bytes.
const leastName = 24

// tooLong has a file whose path is too long proposed in the deepest folder around
// it where there is room.
func (s *Survey) tooLong(path string, flaws []Flaw) {
	i := len(s.stack) - 1
	if s.stack[i].bytes+leastName > windowsPath {
		for i = max(i-1, 0); i > 0 && !holds(s.stack[i].join(path[s.top().bytes:])); {
			i--
		}
	}
	s.stack[i].guests = append(s.stack[i].guests, problem(path, path, flaws))
}

func problem(path, part string, flaws []Flaw) Problem {
	p := Problem{Path: path, Part: part}
	var texts []string
	for _, f := range flaws {
		texts = append(texts, f.Text)
		p.Systems = append(p.Systems, f.Systems...)
	}
	slices.SortFunc(p.Systems, func(a, b System) int { return cmp.Compare(rank(a), rank(b)) })
	p.Systems = slices.Compact(p.Systems)
	p.Text = strings.Join(texts, "; ")
	return p
}

func rank(s System) int { return slices.Index([]System{Windows, MacOS, Linux}, s) }

// pop looks at a folder all of whose names are known.
func (s *Survey) pop() {
	f := s.top()
	s.stack = s.stack[:len(s.stack)-1]
	names, kept := f.look()
	s.kept = append(s.kept, kept...)
	if len(names)+len(f.guests) == 0 {
		return
	}
	t := newTaken()
	for _, e := range f.names {
		t.add(e.name)
	}
	for _, ps := range [][]Problem{names, f.guests} {
		for _, p := range ps {
			p.Proposed = f.join(t.free(p.Path[strings.LastIndexByte(p.Path, '/')+1:], f.room()))
			s.problems = append(s.problems, p)
		}
	}
	for i := len(s.kept) - len(kept); i < len(s.kept); i++ {
		p := &s.kept[i]
		p.Proposed = f.join(t.free(p.Part, f.room()))
	}
}

func (f *folder) join(name string) string { return f.path + "/"[:min(1, f.bytes)] + name }

// room is how many bytes a proposed name may have.
func (f *folder) room() int { return min(maxBytes, max(windowsPath-f.bytes, leastName)) }

// look finds the names in a folder that are problems, and those that may stay of
// clashing ones.
func (f *folder) look() (names, kept []Problem) {
	older := slices.Clone(f.names)
	slices.SortFunc(older, func(a, b entry) int { return cmp.Or(cmp.Compare(a.time, b.time), strings.Compare(a.name, b.name)) })
	windows, mac := map[string]string{}, map[string]string{}
	clashes := map[string]Flaw{} // by name
	keeps := map[string]string{} // name that may stay -> one that may not
	for _, e := range older {
		k := keysOf(e.name)
		var systems []System
		first := firstOf(windows, k.windows, e.name)
		if first != "" {
			systems = append(systems, Windows)
		}
		if m := firstOf(mac, k.mac, e.name); m != "" {
			first, systems = m, append(systems, MacOS)
		}
		if first != "" {
			clashes[e.name], keeps[first] = clash(e.name, first, systems), e.name
		}
	}
	for _, e := range f.names {
		flaws := Check(e.name)
		if c, ok := clashes[e.name]; ok {
			flaws = append(flaws, c)
		} else if other := keeps[e.name]; other != "" && flaws == nil {
			kept = append(kept, problem(f.join(e.name), e.name, []Flaw{clash(e.name, other, clashes[other].Systems)}))
		}
		if len(flaws) > 0 {
			names = append(names, problem(f.join(e.name), e.name, flaws))
		}
	}
	return names, kept
}

// firstOf returns who has a key, or gives it to name.
func firstOf(m map[string]string, key, name string) string {
	first, ok := m[key]
	if !ok {
		m[key] = name
	}
	return first
}

// clash says why two names are one for some systems.
func clash(name, other string, systems []System) Flaw {
	var where []string
	for _, s := range systems {
		where = append(where, shownAs[s])
	}
	in := strings.Join(where, " and ")
	verb := "does"
	if len(systems) > 1 {
		verb = "do"
	}
	how := "in capitals"
	switch {
	case norm.NFC.String(name) == norm.NFC.String(other):
		how = "in how its letters with accents are encoded"
	case !slices.Contains(systems, Windows):
		how = "in capitals or in how letters are encoded"
	}
	return Flaw{fmt.Sprintf("it differs from %q only %s, which %s %sn't tell apart", other, how, in, verb), systems}
}

// Problems returns what was found. What is in a folder comes before the folder
// itself, so that one can rename in this order. A Survey is of no use afterwards.
func (s *Survey) Problems() []Problem {
	for len(s.stack) > 0 {
		s.pop()
	}
	return s.problems
}

// Kept returns proposals for names that may stay, but that the problems clash
// with: a disk may have one of those already. Call it after Problems.
func (s *Survey) Kept() []Problem { return s.kept }
