package local

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFree finds names that nothing has yet.
func TestFree(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []string{"a b.txt", "a b (2).txt", "a b (3).txt"} {
		path := Free(dir, "a b.txt")
		if filepath.Base(path) != want {
			t.Errorf("it is %s, want %s", path, want)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := filepath.Base(Free(dir, ".hidden")); got != ".hidden" {
		t.Errorf("it is %s", got)
	}
}
