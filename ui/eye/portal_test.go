//go:build linux || freebsd || openbsd || netbsd

package eye

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
)

// TestLatePictureGoes: a picture that the desktop takes after it was called off
// isn't left behind.
func TestLatePictureGoes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "the whole screen.png")
	synctest.Test(t, func(t *testing.T) {
		if err := os.WriteFile(file, []byte("a picture"), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		allowed, called := make(chan struct{}), make(chan error)
		go func() {
			_, err := fromDesktop(ctx, func() (string, error) {
				<-allowed
				return (&url.URL{Scheme: "file", Path: file}).String(), nil
			})
			called <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-called; !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
		close(allowed)
		synctest.Wait()
		if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the picture is still there: %v", err)
		}
	})
}
