package folder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path"
	"slices"

	"meadow/core/folder/ignore"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// Limits of an [Ignored].
const (
	maxSkipped = 10_000    // rows
	maxCounted = 1_000_000 // names in ignored folders that are looked at
)

// Skipped is one thing that is ignored: a file, or a folder with all in it.
type Skipped struct {
	Path  string
	Kind  string // file, folder, symlink or other
	Rule  ignore.Rule
	Files int64 // 1, or what is in it
	Bytes int64
}

// Ignored says what is ignored, and why.
type Ignored struct {
	Rules   []ignore.Rule // the defaults, then file by file from the top down
	Skipped []Skipped     // sorted by path
	More    int64         // rows that Skipped has no place for
	Files   int64         // skipped in all
	Bytes   int64
	Partial bool // there is more than could be counted
}

// Ignored looks what is ignored in the directory, now or with other rules in
// place of those of the top folder's file. It changes nothing, and needs no Run.
func (f *Folder) Ignored(ctx context.Context, trial *ignore.List) (Ignored, error) {
	ds, err := openDirs(f.cfg.Dir)
	if err != nil {
		return Ignored{}, fmt.Errorf("%s can't be opened: %s", f.cfg.Dir, reason(err))
	}
	defer ds.close()
	s := &surveyor{ds: ds, rules: newRules(), left: maxCounted}
	s.rules.trial = trial
	if err := s.walk(ctx, "", s.look); err != nil {
		return Ignored{}, err
	}
	files := map[string]ignore.File{"": {List: trial}}
	for dir, file := range s.rules.files {
		if dir != "" || trial == nil {
			files[dir] = file.File
		}
	}
	return s.finish(files), nil
}

// surveyor gathers what is ignored.
type surveyor struct {
	ds    *dirs
	rules *rules
	found Ignored
	left  int // names to look at in ignored folders
}

// finish adds the rules of all files, by folder.
func (s *surveyor) finish(files map[string]ignore.File) Ignored {
	s.found.Rules = slices.Clone(ignore.Defaults())
	for _, dir := range slices.Sorted(maps.Keys(files)) {
		s.found.Rules = append(s.found.Rules, files[dir].List.Rules()...)
		if broken := files[dir].Broken; broken != nil {
			s.found.Rules = append(s.found.Rules, *broken)
		}
	}
	slices.SortFunc(s.found.Skipped, func(a, b Skipped) int { return cmp.Compare(a.Path, b.Path) })
	return s.found
}

func (s *surveyor) add(k Skipped) {
	s.found.Files += k.Files
	s.found.Bytes += k.Bytes
	if len(s.found.Skipped) == maxSkipped {
		s.found.More++
		return
	}
	s.found.Skipped = append(s.found.Skipped, k)
}

// walk gives all names in a folder to see, and goes into the folders for which it
// says so. What can't be read is left out.
func (s *surveyor) walk(ctx context.Context, top string, see func(ctx context.Context, p string, st stat) (into bool, err error)) error {
	stack := []string{top}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		s.ds.trim()
		for name, err := range s.names(p) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				break
			}
			d, err := s.ds.dir(p)
			if err != nil {
				break
			}
			st, err := lstat(d, name)
			if err != nil || isTemp(name) {
				continue
			}
			into, err := see(ctx, join(p, name), st)
			if err != nil {
				return err
			}
			if into {
				stack = append(stack, join(p, name))
			}
		}
	}
	return nil
}

// names iterates the names in a folder.
func (s *surveyor) names(p string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		d, err := s.ds.dir(p)
		var h *os.File
		if err == nil {
			h, err = d.root.Open(".")
		}
		if err != nil {
			yield("", err)
			return
		}
		defer h.Close()
		for {
			names, err := h.Readdirnames(1024)
			for _, name := range names {
				if !yield(name, nil) {
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					yield("", err)
				}
				return
			}
		}
	}
}

// look looks at one name that isn't in an ignored folder.
func (s *surveyor) look(ctx context.Context, p string, st stat) (into bool, err error) {
	r := s.rules.match(s.ds, p, st.kind == tree.Folder)
	if r == nil {
		return st.kind == tree.Folder, nil
	}
	k := Skipped{Path: p, Kind: kindName(st.kind), Rule: *r}
	if st.kind == tree.Folder {
		err = s.count(ctx, &k)
	} else {
		k.Files, k.Bytes = 1, st.size
	}
	s.add(k)
	return false, err
}

// count counts what is in an ignored folder.
func (s *surveyor) count(ctx context.Context, k *Skipped) error {
	return s.walk(ctx, k.Path, func(_ context.Context, _ string, st stat) (bool, error) {
		if s.left--; s.left < 0 {
			s.found.Partial = true
			return false, nil
		}
		if st.kind != tree.Folder {
			k.Files++
			k.Bytes += st.size
		}
		return st.kind == tree.Folder, nil
	})
}

func kindName(k tree.Kind) string {
	if k == other {
		return "other"
	}
	return k.String()
}

// IgnoredInTree looks what of a tree is ignored where its space is attached to a
// folder, now or with other rules in place of those of the top folder's file.
// read reads the bytes of a file that are here.
func IgnoredInTree(ctx context.Context, t Tree, read func(ctx context.Context, h willow.Digest) ([]byte, error), trial *ignore.List) (Ignored, error) {
	files := map[string]ignore.File{}
	for v, err := range t.Walk(ctx, "") {
		if err != nil {
			return Ignored{}, err
		}
		if path.Base(v.Path) == ignore.Name && v.Kind == tree.File {
			files[parent(v.Path)] = rulesOf(ctx, v, read)
		}
	}
	if trial != nil {
		files[""] = ignore.File{List: trial}
	}
	used := map[string]ignore.File{}
	set := ignore.NewSet(func(dir string) ignore.File {
		if file, ok := files[dir]; ok {
			used[dir] = file
		}
		return files[dir]
	})
	s := &surveyor{}
	if err := s.tree(ctx, t, set); err != nil {
		return Ignored{}, err
	}
	return s.finish(used), nil
}

// rulesOf reads the rules that a version of a file has.
func rulesOf(ctx context.Context, v tree.Version, read func(ctx context.Context, h willow.Digest) ([]byte, error)) ignore.File {
	var text []byte
	var err error
	switch {
	case !v.Present:
		err = errors.New("its content isn't here")
	case v.Length > ignore.MaxSize:
		text = make([]byte, ignore.MaxSize+1)
	default:
		text, err = read(ctx, v.Digest)
	}
	var l *ignore.List
	if err == nil {
		l, err = ignore.Parse(v.Path, parent(v.Path), text)
	}
	if err != nil {
		return ignore.File{Broken: unusable(v.Path, err)}
	}
	return ignore.File{List: l}
}

// tree gathers what of a tree is ignored.
func (s *surveyor) tree(ctx context.Context, t Tree, set *ignore.Set) error {
	folders := map[string]*Skipped{}
	for v, err := range t.Walk(ctx, "") {
		if err != nil {
			return err
		}
		if !v.Live() {
			continue
		}
		top, folder, r := set.Top(v.Path, v.Kind == tree.Folder)
		if r == nil {
			continue
		}
		k := Skipped{Path: top, Kind: v.Kind.String(), Rule: *r, Files: 1, Bytes: int64(v.Length)}
		if v.Kind == tree.Folder {
			k.Files = 0
		}
		if !folder {
			s.add(k)
			continue
		}
		if in := folders[top]; in != nil {
			in.Files += k.Files
			in.Bytes += k.Bytes
			continue
		}
		k.Kind = tree.Folder.String()
		folders[top] = &k
	}
	for _, k := range folders {
		s.add(*k)
	}
	return nil
}
