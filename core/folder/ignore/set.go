package ignore

import "strings"

// Name is the name of the files that hold rules.
const Name = ".meadowignore"

// File is what is known of the file of rules of one folder.
type File struct {
	List *List // nil if there is none
	// Was holds rules that are in force besides, as long as it isn't certain
	// that the file has been written to its end; else nil.
	Was *List
	// Broken says why the rules aren't known, and is nil if they are. Then all
	// in the folder is left alone but for the file itself.
	Broken *Rule
}

// Set answers which paths of one tree of folders are ignored. It reads each
// folder's rules once, when it first needs them.
type Set struct {
	load   func(dir string) File
	scopes map[string]*scope // of folders
}

// scope is what goes for the things in a folder. Folders that add nothing share
// the scope of the one around them.
type scope struct {
	dir    string // the folder that the scope was made for
	up     *scope
	file   File
	hidden *Rule // why all of it is ignored
	double bool  // there is a Was here or above
}

// NewSet makes a set for rules that load reads, on top of the defaults.
func NewSet(load func(dir string) File) *Set {
	return &Set{load: load, scopes: map[string]*scope{}}
}

// Match returns the rule for which a path is ignored, nil if it isn't; of a path
// in an ignored folder, the folder's. dir says that a folder is there. Files of
// rules are never ignored, except with their folder: rules must be able to
// arrive that end others.
func (s *Set) Match(path string, dir bool) *Rule {
	up, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		up, name = path[:i], path[i+1:]
	}
	in := s.scope(up)
	if name == Name && !dir && (in.hidden == nil || in.hidden == in.file.Broken && in.dir == up) {
		return nil
	}
	return in.match(path, dir)
}

// Top returns the uppermost of a path and the folders that it is in that is
// ignored, and the rule. folder says whether that is a folder.
func (s *Set) Top(path string, dir bool) (top string, folder bool, r *Rule) {
	for i := 0; i < len(path); i++ {
		if path[i] == '/' {
			if r := s.Match(path[:i], true); r != nil {
				return path[:i], true, r
			}
		}
	}
	return path, dir, s.Match(path, dir)
}

// Cached is Match with those rules that have been read already.
func (s *Set) Cached(path string, dir bool) *Rule {
	return s.cached(path[:max(0, strings.LastIndexByte(path, '/'))]).match(path, dir)
}

// cached is scope for rules that have been read already.
func (s *Set) cached(dir string) *scope {
	if in := s.scopes[dir]; in != nil {
		return in
	}
	if dir == "" {
		return &scope{file: File{List: defaults}}
	}
	up := s.cached(dir[:max(0, strings.LastIndexByte(dir, '/'))])
	if r := up.match(dir, true); r != nil && up.hidden == nil {
		return &scope{dir: dir, hidden: r}
	}
	return up
}

// Known reports whether the rules of a folder have been read, or needn't be.
func (s *Set) Known(dir string) bool { return s.scopes[dir] != nil }

// Forget makes the rules of a folder, and of those in it, be read again.
func (s *Set) Forget(dir string) {
	for d := range s.scopes {
		if d == dir || dir == "" || strings.HasPrefix(d, dir) && d[len(dir)] == '/' {
			delete(s.scopes, d)
		}
	}
}

// scope returns the scope of what is in a folder.
func (s *Set) scope(dir string) *scope {
	if in := s.scopes[dir]; in != nil {
		return in
	}
	in := s.newScope(dir)
	s.scopes[dir] = in
	return in
}

func (s *Set) newScope(dir string) *scope {
	up := &scope{file: File{List: defaults}}
	if dir != "" {
		up = s.scope(dir[:max(0, strings.LastIndexByte(dir, '/'))])
		if up.hidden != nil {
			return up
		}
		if r := up.match(dir, true); r != nil {
			return &scope{dir: dir, hidden: r}
		}
	}
	f := s.load(dir)
	if f == (File{}) && dir != "" {
		return up
	}
	return &scope{dir: dir, up: up, file: f, hidden: f.Broken, double: up.double || f.Was != nil}
}

func (in *scope) match(path string, dir bool) *Rule {
	if in.hidden != nil {
		return in.hidden
	}
	r := in.last(path, dir, false)
	if r == nil && in.double {
		r = in.last(path, dir, true)
	}
	return r
}

// last asks the innermost rules first, and returns the rule if it is one that
// ignores.
func (in *scope) last(path string, dir, was bool) *Rule {
	for ; in != nil; in = in.up {
		l := in.file.List
		if was && in.file.Was != nil {
			l = in.file.Was
		}
		if l == nil {
			continue
		}
		if r := l.match(path, dir); r != nil {
			if r.negated {
				return nil
			}
			return r
		}
	}
	return nil
}
