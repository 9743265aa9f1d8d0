package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/key"
)

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

// fill makes what a home has, without a database.
func fill(staged Home, _ key.Device) error {
	if err := os.MkdirAll(filepath.Join(staged.Blobs(), "aa"), 0o700); err != nil {
		return err
	}
	return os.WriteFile(staged.Database(), []byte("db"), 0o600)
}

func nothing() error { return nil }

func TestSetup(t *testing.T) {
	h := Home{filepath.Join(t.TempDir(), "a", "home")}
	if _, err := h.Device(); err == nil || h.Initialised() {
		t.Error("a home without a key has one")
	}
	var made key.Device
	must(t, h.Setup(func(staged Home, d key.Device) error {
		made = d
		if h.Initialised() || staged.Initialised() {
			t.Error("the key is there before the rest")
		}
		return fill(staged, d)
	}, nothing))
	if got, want := entries(t, h.Dir), []string{"blobs", "device.key", "lock", "meadow.db"}; !slices.Equal(got, want) {
		t.Errorf("the home has %q, want %q", got, want)
	}
	d, err := h.Device()
	must(t, err)
	if d.Endpoint() != made.Endpoint() {
		t.Error("another key was stored")
	}
	for name, want := range map[string]fs.FileMode{"": 0o700, "device.key": 0o600, "lock": 0o600} {
		info, err := os.Stat(filepath.Join(h.Dir, name))
		must(t, err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%q has mode %v, want %v", name, got, want)
		}
	}
	before, err := os.ReadFile(h.keyFile())
	must(t, err)
	fails(t, h.Setup(func(Home, key.Device) error {
		t.Error("a home in use is filled")
		return nil
	}, nothing), CodeAlreadyInitialised)
	after, err := os.ReadFile(h.keyFile())
	must(t, err)
	if string(before) != string(after) {
		t.Error("a refused setup changed the key")
	}
	must(t, os.Remove(h.keyFile()))
	fails(t, h.Setup(fill, nothing), CodeAlreadyInitialised) // a lost key isn't replaced by another
}

func TestSetupLeavesNothingWhenItFails(t *testing.T) {
	broken := errors.New("broken")
	h := Home{filepath.Join(t.TempDir(), "home")}
	at := func(name string) string { return filepath.Join(h.Dir, name) }
	steps := map[string]struct {
		fill func(Home, key.Device) error
		keep func() error
		left []string // but the lock
	}{
		"fill": {func(s Home, d key.Device) error { return errors.Join(fill(s, d), broken) }, nothing, nil},
		"keep": {fill, func() error { return broken }, nil},
		"key": {func(s Home, d key.Device) error {
			return errors.Join(fill(s, d), os.WriteFile(s.keyFile(), nil, 0o600))
		}, nothing, nil},
		"move blobs": {fill, func() error { return os.MkdirAll(at("blobs/mine"), 0o700) }, []string{"blobs"}},
		"move database": {func(s Home, _ key.Device) error {
			return os.MkdirAll(filepath.Join(s.Blobs(), "aa"), 0o700)
		}, nothing, nil},
		"move key": {fill, func() error { return os.MkdirAll(at("device.key/mine"), 0o700) }, []string{"device.key"}},
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			if err := h.Setup(step.fill, step.keep); err == nil {
				t.Fatal("it didn't fail")
			}
			if got, want := entries(t, h.Dir), append(step.left, "lock"); !slices.Equal(got, want) {
				t.Errorf("left %q, want %q", got, want)
			}
			must(t, os.RemoveAll(at("device.key")))
			must(t, os.RemoveAll(at("blobs")))
		})
	}
	must(t, h.Setup(fill, nothing)) // the same home can still be made
}

func TestSetupWhereNothingCanBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	fails(t, Home{file}.Setup(fill, nothing), CodeIO)
	fails(t, Home{filepath.Join(file, "home")}.Setup(fill, nothing), CodeIO)
}

func TestLock(t *testing.T) {
	h := Home{t.TempDir()}
	unlock, err := h.Lock()
	must(t, err)
	_, err = h.Lock()
	fails(t, err, CodeAlreadyRunning)
	fails(t, h.Setup(fill, nothing), CodeAlreadyRunning)
	unlock()
	unlock, err = h.Lock()
	must(t, err)
	unlock()
	_, err = Home{filepath.Join(h.Dir, "none")}.Lock()
	fails(t, err, CodeIO)
	must(t, h.WaitUnlocked(t.Context()))
}

// TestSetupLocked: who has locked a home can make it, and nobody else meanwhile.
func TestSetupLocked(t *testing.T) {
	h := Home{t.TempDir()}
	unlock, err := h.Lock()
	must(t, err)
	fails(t, h.Setup(fill, nothing), CodeAlreadyRunning)
	must(t, h.SetupLocked(fill, nothing))
	fails(t, h.SetupLocked(fill, nothing), CodeAlreadyInitialised)
	waiting, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := h.WaitUnlocked(waiting); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waited for a locked home with %v", err)
	}
	freed := make(chan error)
	go func() { freed <- h.WaitUnlocked(t.Context()) }()
	unlock()
	must(t, <-freed)
}

func TestDeviceKeyFile(t *testing.T) {
	h := Home{t.TempDir()}
	_, err := h.Device()
	fails(t, err, CodeNotInitialised)
	good := strings.Repeat("07", key.Size)
	for _, text := range []string{good, good + "\n", good + "\r\n", strings.Repeat("aB", key.Size)} {
		must(t, os.WriteFile(h.keyFile(), []byte(text), 0o600))
		if _, err := h.Device(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{
		"", "\n", good[2:], good[1:], good + "0", good + "00", good + good, good + "\n" + good,
		strings.Repeat("x", 2*key.Size), "\x00" + good[1:], " " + good,
	} {
		must(t, os.WriteFile(h.keyFile(), []byte(text), 0o600))
		_, err := h.Device()
		fails(t, err, CodeIO)
		if err != nil && len(text) > 8 && strings.Contains(err.Error(), text[8:]) {
			t.Errorf("the error tells the key: %v", err)
		}
	}
	must(t, os.Remove(h.keyFile()))
	must(t, os.Mkdir(h.keyFile(), 0o700))
	_, err = h.Device()
	fails(t, err, CodeIO)
}

func TestCheckName(t *testing.T) {
	for _, good := range []string{"a", "Füße 🐄", strings.Repeat("x", 100), strings.Repeat("ü", 100), " ", "a.b", ".."} {
		if err := CheckName(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", strings.Repeat("x", 101), "a/b", "a,b", "a\nb", "a\x00", "\x7f", "\u0085", "\xff"} {
		fails(t, CheckName(bad), CodeUsage)
	}
}

func TestWriteNew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "words")
	must(t, WriteNew(file, []byte("a")))
	if err := WriteNew(file, []byte("b")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another file: %v", err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "a" {
		t.Errorf("it holds %q, %v", b, err)
	}
	if err := WriteNew(filepath.Join(file, "x"), nil); err == nil {
		t.Error("a file was made below a file")
	}
}

func TestSetupCutOffBeforeItsLastStep(t *testing.T) {
	h := Home{Dir: t.TempDir()}
	stage := filepath.Join(h.Dir, ".init-1")
	d := key.NewDevice()
	if err := errors.Join(os.Mkdir(stage, 0o700), writeKey(Home{Dir: stage}.keyFile(), d), os.WriteFile(h.Database(), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	err := h.Setup(func(Home, key.Device) error { return errors.New("made again") }, func() error { return nil })
	if AsError(err).Code != CodeAlreadyInitialised {
		t.Errorf("Setup: %v", err)
	}
	if got, err := h.Device(); err != nil || got.Endpoint() != d.Endpoint() {
		t.Errorf("the key wasn't put into place: %v", err)
	}
	if _, err := os.Stat(stage); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the stage is left: %v", err)
	}
}

// TestSetupSweeps: what one left that was cut off goes with the next.
func TestSetupSweeps(t *testing.T) {
	h := Home{t.TempDir()}
	left := filepath.Join(h.Dir, ".init-1")
	must(t, os.Mkdir(left, 0o700))
	must(t, os.WriteFile(filepath.Join(left, "meadow.db"), []byte("x"), 0o600))
	no := errors.New("no")
	if err := h.Setup(func(Home, key.Device) error { return no }, nil); !errors.Is(err, no) {
		t.Error(err)
	}
	if names := entries(t, h.Dir); len(names) != 1 || names[0] != "lock" {
		t.Errorf("left %q", names)
	}
}
