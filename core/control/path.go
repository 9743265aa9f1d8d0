package control

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"meadow/core/node"
)

const maxSocketPath = 100 // sun_path is 104 bytes on macOS, 108 on Linux

// Path returns where the control socket of a home is. Where the home's own path
// is too long for a socket it is in the system's folder for temporary files,
// under a name made of the user and the home.
func Path(h node.Home) (string, error) {
	dir, err := filepath.Abs(h.Dir)
	if err != nil {
		return "", fmt.Errorf("locate %s: %w", h.Dir, err)
	}
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	path := filepath.Join(dir, "run", "control.sock")
	if len(path) <= maxSocketPath {
		return path, nil
	}
	sum := sha256.Sum256([]byte(dir))
	name := "meadow-" + strconv.Itoa(os.Getuid()) + "-" + hex.EncodeToString(sum[:8])
	return filepath.Join(os.TempDir(), name, "control.sock"), nil
}

// private makes dir, or checks that it is a folder that only this user can open.
func private(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !ownedByUs(info) {
		return fmt.Errorf("%s isn't a folder of this user", dir)
	}
	return os.Chmod(dir, 0o700)
}
