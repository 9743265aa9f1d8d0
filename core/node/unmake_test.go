package node

import (
	"os"
	"path/filepath"
	"testing"

	"meadow/core/key"
)

// TestUnmake takes a home back, and a cut-off of that at every step: then it is as it
// was, or gone, and either way the next can be made or opened.
func TestUnmake(t *testing.T) {
	fresh := func() Home {
		h := Home{t.TempDir()}
		must(t, h.Setup(func(staged Home, _ key.Device) error {
			return os.WriteFile(staged.Database(), []byte("the database"), 0o600)
		}, func() error { return nil }))
		must(t, os.Mkdir(h.Blobs(), 0o700))
		return h
	}
	h := fresh()
	must(t, os.WriteFile(filepath.Join(h.Dir, "kept.log"), nil, 0o600))
	must(t, h.Unmake())
	if h.Initialised() || h.free() != nil {
		t.Errorf("another home can't be made: %v", h.free())
	}
	for _, gone := range []string{h.Database(), h.Blobs()} {
		if _, err := os.Lstat(gone); err == nil {
			t.Errorf("%s is still there", gone)
		}
	}
	if _, err := os.Stat(filepath.Join(h.Dir, "kept.log")); err != nil {
		t.Error("what isn't of the home went with it")
	}

	h = fresh() // cut off when only the key had been moved
	d, err := h.Device()
	must(t, err)
	stage := filepath.Join(h.Dir, ".init-cut")
	must(t, os.Mkdir(stage, 0o700))
	must(t, os.Rename(h.keyFile(), filepath.Join(stage, "device.key")))
	if h.free() == nil {
		t.Error("a home with a database was given away")
	}
	if again, err := h.Device(); err != nil || again.Endpoint() != d.Endpoint() {
		t.Errorf("the device isn't what it was: %v", err)
	}

	h = fresh() // cut off when the database had gone, too
	must(t, os.Mkdir(filepath.Join(h.Dir, ".init-cut"), 0o700))
	must(t, os.Rename(h.keyFile(), filepath.Join(h.Dir, ".init-cut", "device.key")))
	must(t, os.Rename(h.Database(), filepath.Join(h.Dir, ".init-cut", "meadow.db")))
	if err := h.free(); err != nil {
		t.Errorf("another home can't be made: %v", err)
	}
}
