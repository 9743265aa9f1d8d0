//go:build unix

package node

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOpenPipe: what isn't a file isn't waited for.
func TestOpenPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "x"+DropExt)
	must(t, syscall.Mkfifo(pipe, 0o600))
	for _, file := range []string{pipe, filepath.Dir(pipe)} {
		var e *Error
		if _, _, err := openDrop(file); !errors.As(err, &e) || e.Code != CodeIO {
			t.Errorf("%s: %v", file, err)
		}
	}
}
