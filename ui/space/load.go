package space

import (
	"context"
	"fmt"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/space/catalog"
)

// snapshot is what is known of a space's files at a moment.
type snapshot struct {
	mark       string // what of the space it was read at
	catalog    *catalog.Catalog
	conflicts  []node.Conflict
	unwritable []node.Unwritable
}

// loader is about the reading of snapshots; its fields are the interface thread's.
type loader struct {
	turn  int  // of the space that is wanted
	busy  bool // one is being read
	again bool // and must be read once more
	rests bool // one was read just now: news can wait
}

// Reading all of a large space takes its time, and while files come there is always
// news: at most a fifth of the time goes into it.
const (
	restLeast = 300 * time.Millisecond
	restShare = 4
)

// forget makes what is being read worthless.
func (l *loader) forget() { *l = loader{turn: l.turn + 1} }

// markOf is another text when the files of a space are others, or are otherwise.
func markOf(s node.Space) string {
	return fmt.Sprint(s.Fingerprint, s.MissingBytes, s.Conflicts, s.Unwritable, s.Folder != nil)
}

// look reads a snapshot if the one that there is isn't of now.
func (s *Screen) look() {
	if s.known && !s.load.rests && (s.files == nil || s.files.mark != markOf(s.space)) {
		s.read()
	}
}

// rest lets some time go by before news is looked at.
func (s *Screen) rest(cost time.Duration) {
	turn := s.load.turn
	s.load.rests = true
	s.frame.Worker.After(max(restLeast, restShare*cost), func() {
		if turn == s.load.turn {
			s.load.rests = false
			s.look()
		}
	})
}

// read reads a snapshot; if one is being read, once more after it.
func (s *Screen) read() {
	if s.load.busy || !s.known {
		s.load.again = s.load.busy
		return
	}
	s.load.busy, s.load.again = true, false
	turn, id, mark, began := s.load.turn, s.space.ID, markOf(s.space), time.Now()
	frame.Ask(s.frame.Worker, func(ctx context.Context) (*snapshot, error) {
		return readSpace(ctx, s.node, id, mark)
	}, func(files *snapshot, err error) {
		if turn != s.load.turn {
			return
		}
		s.load.busy = false
		if err == nil {
			s.files = files
			if s.page != nil {
				s.page.changed()
			}
		} else if s.files == nil {
			s.frame.Fail(err)
			s.files = &snapshot{mark: mark, catalog: catalog.Build(nil, catalog.Facts{})}
		}
		if s.load.again {
			s.read()
			return
		}
		s.rest(time.Since(began))
	})
}

func readSpace(ctx context.Context, n Node, id, mark string) (*snapshot, error) {
	files, err := n.List(ctx, id, "")
	if err != nil {
		return nil, err
	}
	s := &snapshot{mark: mark}
	if s.conflicts, err = n.Conflicts(ctx, id); err != nil {
		return nil, err
	}
	if s.unwritable, err = n.Unwritable(ctx, id); err != nil {
		return nil, err
	}
	s.catalog = catalog.Build(files, catalog.Facts{Conflicts: s.conflicts, Unwritable: s.unwritable})
	return s, nil
}
