package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"meadow/core/folder"
	"meadow/core/willow"
)

// SpaceAttach keeps a folder in step with a space from now on. The folder is
// made if it isn't there. Files that are there already are adopted if they are
// equal, become conflict copies if they differ, and are added otherwise.
func (n *Node) SpaceAttach(ctx context.Context, name, dir string) (Space, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return Space{}, err
	}
	if n.spaces.hasEnded(sp) {
		return Space{}, fail(CodeNotAllowed, "have it given again with `meadow device spaces` on a full device",
			"%s is no longer shared with this device; nothing was changed", sp.name())
	}
	if !filepath.IsAbs(dir) {
		return Space{}, fail(CodeUsage, "give an absolute path", "%q isn't an absolute path", dir)
	}
	n.spaces.attaching.Lock()
	defer n.spaces.attaching.Unlock()
	real, err := n.spaces.place(sp, dir)
	if err != nil {
		return Space{}, err
	}
	if err := n.spaces.start(sp, real); err != nil {
		return Space{}, err
	}
	if err := n.cfg.Local.PutValues(ctx, map[string][]byte{keyFolder + sp.id.String(): []byte(real)}); err != nil {
		return Space{}, errors.Join(err, n.spaces.detach(sp))
	}
	n.bus.emit("attached", "space", sp.name(), "id", sp.id.String(), "folder", real)
	return n.space(ctx, sp)
}

// SpaceDetach stops that. The files stay.
func (n *Node) SpaceDetach(ctx context.Context, name string) (Space, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return Space{}, err
	}
	n.spaces.attaching.Lock()
	defer n.spaces.attaching.Unlock()
	folder := ""
	if at := n.spaces.folderOf(sp); at != nil {
		folder = at.dir
	}
	if err := n.cfg.Local.PutValues(ctx, map[string][]byte{keyFolder + sp.id.String(): nil}); err != nil {
		return Space{}, err
	}
	if err := n.spaces.detach(sp); err != nil && !n.spaces.hasEnded(sp) { // then it was stopped already
		return Space{}, err
	}
	if err := n.cfg.Folders.Forget(ctx, sp.id.String()); err != nil {
		return Space{}, err
	}
	n.bus.emit("detached", "space", sp.name(), "id", sp.id.String(), "folder", folder)
	return n.space(ctx, sp)
}

// place makes the folder that a space is to be attached to, if that is allowed,
// and returns its path without symlinks. If it isn't, nothing is made.
func (s *spaces) place(sp *space, dir string) (real string, err error) {
	if real, err = resolve(dir); err == nil {
		err = s.free(sp, real)
	}
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(real, 0o755); err != nil {
		return "", fail(CodeFolder, "choose another folder", "can't make the folder: %v", err)
	}
	return real, nil
}

// resolve follows the symlinks of a path whose end need not exist.
func resolve(dir string) (string, error) {
	real, err := filepath.EvalSymlinks(dir)
	parent := filepath.Dir(dir)
	switch {
	case err == nil:
		return real, nil
	case !errors.Is(err, fs.ErrNotExist) || parent == dir:
		return "", fail(CodeFolder, "choose another folder", "can't use the folder: %v", err)
	}
	if _, err := os.Lstat(dir); err == nil {
		return "", fail(CodeFolder, "choose another folder", "%s is a link to nothing", dir)
	}
	real, err = resolve(parent)
	return filepath.Join(real, filepath.Base(dir)), err
}

// free reports why a space can't be attached to a folder.
func (s *spaces) free(sp *space, dir string) error {
	if home := homeAround(dir); home != "" {
		return fail(CodeFolder, "choose another folder", "%s is in the home of a Meadow node, %s; nothing was changed", dir, home)
	}
	home, err := filepath.EvalSymlinks(s.n.cfg.Home.Dir)
	if err != nil {
		return err
	}
	if nested(dir, home) {
		return fail(CodeFolder, "choose another folder", "%s and Meadow's own folder lie in each other; nothing was changed", dir)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp.attached != nil {
		return fail(CodeExists, "detach it first", "%s is attached to %s already; nothing was changed", sp.name(), sp.attached.dir)
	}
	for _, other := range s.open {
		if other.attached != nil && nested(dir, other.attached.dir) {
			return fail(CodeFolder, "choose another folder",
				"%s and the folder of %s lie in each other; nothing was changed", dir, other.name())
		}
	}
	return nil
}

// homeAround returns the home of a node that dir is, or is inside; "" if none.
func homeAround(dir string) string {
	for {
		if (Home{dir}).Initialised() {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// nested reports whether one of two folders is, or is inside, the other.
func nested(a, b string) bool { return inside(a, b) || inside(b, a) }

func inside(dir, outer string) bool {
	rel, err := filepath.Rel(outer, dir)
	return err == nil && filepath.IsLocal(rel)
}

// start puts a folder to work. The caller holds s.attaching.
func (s *spaces) start(sp *space, dir string) error {
	return s.put(sp, &attached{dir: dir, since: time.Now(), held: new(holdNews)})
}

// restart stops a folder and puts it to work again, by what is set now. Its holds go
// on. The caller holds s.attaching.
func (s *spaces) restart(sp *space) error {
	old, err := s.halt(sp)
	if err != nil {
		return err
	}
	if err := s.put(sp, &attached{dir: old.dir, since: old.since, held: old.held}); err != nil {
		s.tellHolds(sp, old, nil)
		return err
	}
	return nil
}

// put puts a folder to work that is described by at.
func (s *spaces) put(sp *space, at *attached) error {
	dir := at.dir
	at.stop, at.done = make(chan struct{}), make(chan struct{})
	limits, err := s.n.limits(context.Background())
	if err != nil {
		return err
	}
	f, err := folder.New(folder.Config{
		ID: sp.id.String(), Dir: dir, Tree: s.settling(sp), Blobs: s.n.blobs,
		Scope: scope(sp.id, willow.SubspaceID(sp.id)), Index: s.n.cfg.Folders, CopyLimit: limits.now, LeastLimit: limits.least,
		Spares: filepath.Join(s.n.cfg.Home.Dir, "spares", sp.id.String()),
		Why:    func(path string) string { return s.n.mayOnly(sp, path) }, OnKept: s.kept(sp),
		Log: s.n.log, OnNames: s.namesCame(sp), OnChange: func() {
			s.n.engine.Touch(sp.id)
			if at := s.folderOf(sp); at != nil {
				s.n.troubles.folder(sp, dir, at.folder.State())
			}
			s.tellHolds(sp, at, at.folder.State().Holds)
			s.tell(sp, func(n *news) { n.folder = true })
		},
	})
	if err != nil {
		return fail(CodeFolder, "choose another folder", "%v", err)
	}
	at.folder = f
	s.mu.Lock()
	sp.attached = at
	s.mu.Unlock()
	if s.n.crew.do(func(ctx context.Context) { s.keepInStep(ctx, sp, at) }) {
		return nil
	}
	s.mu.Lock()
	sp.attached = nil
	s.mu.Unlock()
	return stopped()
}

// keepInStep runs a folder until it is detached or ctx ends.
func (s *spaces) keepInStep(ctx context.Context, sp *space, at *attached) {
	defer close(at.done)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- at.folder.Run(ctx) }()
	var err error
	select {
	case err = <-failed:
	case <-at.stop:
		cancel()
		err = <-failed
	}
	if err != nil && ctx.Err() == nil {
		s.n.log.Error("A folder stopped syncing", "folder", at.dir, "error", err)
		s.n.bus.emit("folder_failed", "space", sp.name(), "id", sp.id.String(), "folder", at.dir, "error", err.Error())
	}
}

// detach ends a folder's work and returns when it has ended.
func (s *spaces) detach(sp *space) error {
	at, err := s.halt(sp)
	if err != nil {
		return err
	}
	s.tellHolds(sp, at, nil)
	s.n.engine.Touch(sp.id)
	return nil
}

// halt is detach without telling anybody.
func (s *spaces) halt(sp *space) (*attached, error) {
	s.mu.Lock()
	at := sp.attached
	sp.attached = nil
	s.mu.Unlock()
	if at == nil {
		return nil, fail(CodeNotFound, "see `meadow space list`", "%s isn't attached to a folder here", sp.name())
	}
	close(at.stop)
	<-at.done
	s.n.troubles.forget(sp)
	return at, nil
}

// attachKept starts the folder that a space was attached to before a restart, or
// before it ended for a while.
func (s *spaces) attachKept(ctx context.Context, id willow.NamespaceID) {
	s.forgetEnd(ctx, id)
	s.attaching.Lock()
	defer s.attaching.Unlock()
	s.mu.Lock()
	sp := s.open[id]
	busy := sp.attached != nil
	s.mu.Unlock()
	dir, ok, err := s.n.cfg.Local.Value(ctx, keyFolder+id.String())
	if err == nil && ok && !busy {
		err = s.start(sp, string(dir))
	}
	if err != nil && ctx.Err() == nil {
		s.n.log.Error("A folder can't be synced", "folder", string(dir), "error", err)
	}
}
