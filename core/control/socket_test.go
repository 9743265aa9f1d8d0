//go:build unix

package control_test

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meadow/core/control"
	"meadow/core/node"
)

// listen opens a home's socket; cleaning up its folder ends it.
func listen(t *testing.T, h node.Home) error {
	t.Helper()
	_, err := control.Listen(h, slog.New(slog.DiscardHandler), control.Program{})
	return err
}

func TestSocketFolder(t *testing.T) {
	s := account(t)
	socket, err := control.Path(s.home)
	must(t, err)
	if filepath.Dir(filepath.Dir(socket)) != s.home.Dir {
		t.Errorf("the socket is %s", socket)
	}
	info, err := os.Stat(filepath.Dir(socket))
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("its folder has mode %v", info.Mode())
	}
}

func TestLongHome(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 30), "home")
	s := serve(t, dir, "Ada")
	s.ask("status", control.Args{})
	socket, err := control.Path(s.home)
	must(t, err)
	if strings.HasPrefix(socket, dir) || len(socket) > 107 {
		t.Errorf("the socket is %s", socket)
	}
	other, err := control.Path(node.Home{Dir: dir + "2"})
	must(t, err)
	if other == socket {
		t.Error("two homes share a socket")
	}
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(dir, link))
	if same, err := control.Path(node.Home{Dir: link}); err != nil || same != socket {
		t.Errorf("through a link it is %s, %v", same, err)
	}
}

func TestSocketFolderOfOthers(t *testing.T) {
	h := node.Home{Dir: t.TempDir()}
	socket, err := control.Path(h)
	must(t, err)
	dir := filepath.Dir(socket)
	must(t, os.Symlink(t.TempDir(), dir))
	if listen(t, h) == nil {
		t.Error("a link is taken for the socket's folder")
	}
	must(t, os.Remove(dir))
	must(t, os.WriteFile(dir, nil, 0o600))
	if listen(t, h) == nil {
		t.Error("a file is taken for the socket's folder")
	}
	must(t, os.Remove(dir))
	must(t, os.MkdirAll(filepath.Join(socket, "x"), 0o700))
	if listen(t, h) == nil {
		t.Error("a folder is taken for the socket")
	}
	must(t, os.RemoveAll(dir))
	if os.Getuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	must(t, os.Mkdir(dir, 0o777))
	must(t, os.Chown(dir, 65534, 65534))
	if listen(t, h) == nil {
		t.Error("another user's folder is used")
	}
}

// TestDeadSocket: what a killed process left doesn't stop the next one.
func TestDeadSocket(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	socket, err := control.Path(node.Home{Dir: dir})
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(socket), 0o755))
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	must(t, err)
	l.SetUnlinkOnClose(false)
	must(t, l.Close())
	s := serve(t, dir, "Ada")
	s.ask("status", control.Args{})
	info, err := os.Stat(filepath.Dir(socket))
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the folder's mode stays %v", info.Mode())
	}
}
