package space

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCopies takes a file out twice to be looked at: one copy, which nobody else can
// read or write, and none when Meadow ends.
func TestCopies(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var c copies
	asked := 0
	get := func() (io.ReadCloser, int64, error) {
		asked++
		return io.NopCloser(strings.NewReader("text")), 4, nil
	}
	first, err := c.of("v/1", "a:b.txt", get)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.of("v/1", "a:b.txt", get)
	if err != nil || second != first || asked != 1 || filepath.Base(first) != "a_b.txt" {
		t.Errorf("%s and %s, asked %d times, %v", first, second, asked, err)
	}
	if info, err := os.Stat(first); err != nil || info.Mode().Perm()&0o277 != 0 {
		t.Errorf("it is %v, %v", info.Mode(), err)
	}
	if _, err := c.of("v2", "broken", func() (io.ReadCloser, int64, error) { return nil, 0, errors.New("gone") }); err == nil {
		t.Error("a copy of nothing was made")
	}
	c.remove()
	if _, err := os.Stat(first); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is left: %v", err)
	}
}

func TestLocalName(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt": "a.txt", "a/b": "a_b", "CON?": "CON_", "two\nlines": "two_lines", "dots...": "dots", "..": "_", "\xff": "_",
	} {
		if got := localName(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
