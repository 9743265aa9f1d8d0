package folder

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"meadow/core/blob"
)

// placeless is a blob store that needs the bytes of every file.
type placeless struct {
	Blobs
	at string // the place that is known
}

func (b *placeless) Moved(_ context.Context, _ blob.Hash, p blob.Place) error {
	b.at = p.Path
	return nil
}

func (b *placeless) Release(context.Context, blob.Hash, string) (bool, error) { return true, nil }

// TestSpareThatCantBeMoved stays where it was set aside, as on a file system that
// is mounted inside the folder.
func TestSpareThatCantBeMoved(t *testing.T) {
	aside := filepath.Join(t.TempDir(), tempName())
	if err := os.WriteFile(aside, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	var blobs placeless
	missing := filepath.Join(t.TempDir(), "missing")
	f, err := New(Config{Dir: missing, Blobs: &blobs})
	if err != nil {
		t.Fatal(err)
	}
	f.keep(t.Context(), aside, Row{Digest: [32]byte{1}})
	if _, err := os.Lstat(aside); err != nil || blobs.at != aside || f.spares[[32]byte{1}].path != aside {
		t.Errorf("the file is known to be at %q, kept at %q: %v", blobs.at, f.spares[[32]byte{1}].path, err)
	}
	if _, err := os.Lstat(missing); err == nil {
		t.Error("a folder that was missing has been made")
	}
}
