package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"meadow/core/folder"
	"meadow/core/willow"
)

const copyLimit = 64 << 20 // bytes of a file whose previous version is kept by copying

// SpaceAttach keeps a folder in step with a space from now on. The folder is
// made if it isn't there. Files that are there already are adopted if they are
// equal, become conflict copies if they differ, and are added otherwise.
func (n *Node) SpaceAttach(ctx context.Context, name, dir string) (Space, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return Space{}, err
	}
	if !filepath.IsAbs(dir) {
		return Space{}, fail(CodeUsage, "give an absolute path", "%q isn't an absolute path", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Space{}, fail(CodeFolder, "choose another folder", "can't make the folder: %v", err)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Space{}, fail(CodeFolder, "choose another folder", "can't use the folder: %v", err)
	}
	if err := n.spaces.claim(sp, real); err != nil {
		return Space{}, err
	}
	if err := n.cfg.Local.PutValues(ctx, map[string][]byte{keyFolder + sp.info.ID.String(): []byte(real)}); err != nil {
		return Space{}, errors.Join(err, n.spaces.detach(sp))
	}
	n.bus.emit("attached", "space", sp.info.Name, "folder", real)
	return n.space(ctx, sp)
}

// SpaceDetach stops that. The files stay.
func (n *Node) SpaceDetach(ctx context.Context, name string) (Space, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return Space{}, err
	}
	if err := n.cfg.Local.PutValues(ctx, map[string][]byte{keyFolder + sp.info.ID.String(): nil}); err != nil {
		return Space{}, err
	}
	if err := n.spaces.detach(sp); err != nil {
		return Space{}, err
	}
	if err := n.cfg.Folders.Forget(ctx, sp.info.ID.String()); err != nil {
		return Space{}, err
	}
	n.bus.emit("detached", "space", sp.info.Name)
	return n.space(ctx, sp)
}

// claim starts a folder for a space if the place is free.
func (s *spaces) claim(sp *space, dir string) error {
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
		return fail(CodeExists, "detach it first", "%s is attached to %s already; nothing was changed", sp.info.Name, sp.attached.dir)
	}
	for _, other := range s.open {
		if other.attached != nil && nested(dir, other.attached.dir) {
			return fail(CodeFolder, "choose another folder",
				"%s and the folder of %s lie in each other; nothing was changed", dir, other.info.Name)
		}
	}
	return s.startLocked(sp, dir)
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
func nested(a, b string) bool {
	a, b = a+string(filepath.Separator), b+string(filepath.Separator)
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

func (s *spaces) startLocked(sp *space, dir string) error {
	id := sp.info.ID
	f, err := folder.New(folder.Config{
		ID: id.String(), Dir: dir, Tree: sp.tree, Blobs: s.n.blobs,
		Scope: scope(id, willow.SubspaceID(id)), Index: s.n.cfg.Folders, CopyLimit: copyLimit,
		Log: s.n.log, OnChange: func() {
			s.n.engine.Touch(id)
			s.n.bus.emit("folder", "space", sp.info.Name)
		},
	})
	if err != nil {
		return fail(CodeFolder, "choose another folder", "%v", err)
	}
	at := &attached{dir: dir, folder: f, done: make(chan struct{})}
	sp.attached = at
	ready := make(chan struct{})
	s.spawn(func(ctx context.Context) error {
		defer close(at.done)
		ctx, at.cancel = context.WithCancel(ctx)
		defer at.cancel()
		close(ready)
		if err := f.Run(ctx); err != nil && ctx.Err() == nil {
			s.n.log.Error("A folder stopped syncing", "folder", dir, "error", err)
			s.n.bus.emit("folder_failed", "folder", dir, "error", err.Error())
		}
		return nil
	})
	<-ready
	return nil
}

// detach ends a folder's work and returns when it has ended.
func (s *spaces) detach(sp *space) error {
	s.mu.Lock()
	at := sp.attached
	sp.attached = nil
	s.mu.Unlock()
	if at == nil {
		return fail(CodeNotFound, "see `meadow space list`", "%s isn't attached to a folder here", sp.info.Name)
	}
	at.cancel()
	<-at.done
	s.n.engine.Touch(sp.info.ID)
	return nil
}

// attachKept starts the folder that a space was attached to before a restart.
func (s *spaces) attachKept(ctx context.Context, id willow.NamespaceID) {
	dir, ok, err := s.n.cfg.Local.Value(ctx, keyFolder+id.String())
	if err != nil || !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp := s.open[id]; sp.attached == nil {
		if err := s.startLocked(sp, string(dir)); err != nil {
			s.n.log.Error("A folder can't be synced", "folder", string(dir), "error", err)
		}
	}
}
