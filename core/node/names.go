package node

import (
	"context"
	"encoding/base64"
	"strings"
	"sync"
	"unicode/utf8"

	"meadow/core/folder"
	"meadow/core/folder/names"
)

// Name is a name in a space that some system can't hold, or not beside another
// one there. Moving Path to Proposed solves it.
type Name struct {
	Path        string   `json:"path"`
	PathB64     *string  `json:"path_b64,omitempty"` // only where the path isn't UTF-8
	Part        string   `json:"part"`               // what of the path is wrong
	Problem     string   `json:"problem"`            // a sentence's end
	Systems     []string `json:"systems"`            // of windows, macos, linux
	Proposed    string   `json:"proposed"`
	ProposedB64 *string  `json:"proposed_b64,omitempty"`
}

// Names lists the names in a space that some system can't hold. What is in a
// folder comes before the folder, so that one can rename in this order.
func (n *Node) Names(ctx context.Context, space string) ([]Name, error) {
	sp, err := n.spaces.find(space)
	if err != nil {
		return nil, err
	}
	s, err := sp.names.look(ctx, sp)
	if err != nil {
		return nil, err
	}
	return namesOf(s.problems), nil
}

func namesOf(problems []names.Problem) []Name {
	list := []Name{}
	for _, p := range problems {
		list = append(list, Name{
			Path: p.Path, PathB64: b64(p.Path), Part: p.Part, Problem: p.Text,
			Systems: systems(p.Systems), Proposed: p.Proposed, ProposedB64: b64(p.Proposed),
		})
	}
	return list
}

func systems(ss []names.System) []string {
	list := []string{}
	for _, s := range ss {
		list = append(list, string(s))
	}
	return list
}

// b64 returns a path in base64 if JSON can't hold it otherwise.
func b64(path string) *string {
	if utf8.ValidString(path) {
		return nil
	}
	s := base64.StdEncoding.EncodeToString([]byte(path))
	return &s
}

// oddNames keeps what was found about the names in a space as long as nothing
// changes there.
type oddNames struct {
	mu         sync.Mutex
	found      *nameSurvey // guarded by mu, as the rest is
	generation uint64
}

type nameSurvey struct {
	problems []names.Problem
	byPath   map[string]names.Problem // those, and names that these clash with
}

func (o *oddNames) look(ctx context.Context, sp *space) (*nameSurvey, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	generation := sp.tree.Generation()
	if o.found != nil && o.generation == generation {
		return o.found, nil
	}
	var survey names.Survey
	for p, err := range sp.tree.Paths(ctx) {
		if err != nil {
			return nil, err
		}
		survey.Add(p.Path, uint64(p.Timestamp))
	}
	s := &nameSurvey{problems: survey.Problems(), byPath: map[string]names.Problem{}}
	for _, ps := range [][]names.Problem{survey.Kept(), s.problems} {
		for _, p := range ps {
			s.byPath[p.Path] = p
		}
	}
	o.found, o.generation = s, generation
	return s, nil
}

// explain returns what of a path is wrong, and a path for it without any problem;
// "" for what nothing is known of.
func (s *nameSurvey) explain(path string) (part, proposed string) {
	parts := strings.Split(path, "/")
	for i, at := 0, 0; i < len(parts); i++ {
		at += len(parts[i])
		p, ok := s.byPath[path[:at]]
		at++
		switch {
		case !ok:
			continue
		case p.Part == p.Path && i > 0: // too long: it is to be elsewhere
			return p.Part, p.Proposed
		case part == "":
			part = p.Part
		}
		parts[i] = p.Proposed[strings.LastIndexByte(p.Proposed, '/')+1:]
	}
	if part == "" {
		return parts[len(parts)-1], ""
	}
	return part, strings.Join(parts, "/")
}

// proposed adds to paths that can't be written because of their names what of
// them is wrong, and what they could be called.
func (n *Node) proposed(ctx context.Context, list []Unwritable) ([]Unwritable, error) {
	var of *space
	var survey *nameSurvey
	for i := range list {
		u := &list[i]
		if !u.name {
			continue
		}
		if of == nil || of.name() != u.Space {
			var err error
			if of, err = n.spaces.find(u.Space); err != nil {
				return nil, err
			}
			if survey, err = of.names.look(ctx, of); err != nil {
				return nil, err
			}
		}
		part, path := survey.explain(u.Path)
		u.Part = &part
		if path != "" {
			u.Proposed = &path
		}
	}
	return list, nil
}

// noted is what a folder's state means for its space.
func noted(st folder.State) (unwritable int64, warning *string) {
	if st.Warning != "" {
		warning = &st.Warning
	}
	return int64(len(st.Unwritable) + len(st.Unreadable)), warning
}

// namesCame tells of names that other systems can't hold.
func (s *spaces) namesCame(sp *space) func(some []names.Problem, count int) {
	return func(some []names.Problem, count int) {
		s.n.bus.emit("name", "space", sp.name(), "count", count, "names", namesOf(some))
	}
}
