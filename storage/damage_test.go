package storage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meadow/core/blob/disk"
)

// TestNoDatabase: what isn't a database is told from a newer one, and left alone.
func TestNoDatabase(t *testing.T) {
	for _, content := range []string{"x", strings.Repeat("This is no database.", 350), strings.Repeat("\x00", 8192)} {
		path := filepath.Join(t.TempDir(), "meadow.db")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		var e *disk.Trouble
		if _, err := Open(context.Background(), path, quiet); !errors.As(err, &e) || e.Cause != disk.Damaged || e.Where != path || errors.Is(err, ErrNewer) {
			t.Errorf("Open of %.20q = %v", content, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("%.20q has changed, %v", content, err)
		}
	}
}

// TestDamageFound: pages that hold something else are found when they are read or
// written, and stay a trouble.
func TestDamageFound(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "meadow.db")
	d, err := Open(ctx, path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Local().PutValues(ctx, map[string][]byte{"a": []byte("b")}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 2 * pageSizeBytes; i < len(b); i++ { // but for the schema
		b[i] = 0xa5
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	var e *disk.Trouble
	if d, err = Open(ctx, path, quiet); err != nil {
		if !errors.As(err, &e) || e.Cause != disk.Damaged {
			t.Errorf("Open = %v", err)
		}
		return
	}
	defer d.Close()
	if _, _, err := d.Local().Value(ctx, "a"); !errors.As(err, &e) || e.Cause != disk.Damaged {
		t.Errorf("Value = %v", err)
	}
	if err := d.Local().PutValues(ctx, map[string][]byte{"a": []byte("c")}); !errors.As(err, &e) || e.Cause != disk.Damaged {
		t.Errorf("PutValues = %v", err)
	}
}
