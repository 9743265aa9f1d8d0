package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"meadow/core/blob/disk"
	"meadow/core/key"
)

// Home is a folder that holds one node: its device key, its database, its
// payloads. Everything that must be unique on a machine is per home.
type Home struct{ Dir string }

// The parts of a home.
func (h Home) keyFile() string { return filepath.Join(h.Dir, "device.key") }

// Database is the path of the node's database.
func (h Home) Database() string { return filepath.Join(h.Dir, "meadow.db") }

// recoveryFile has the keys of an account's words for as long as it isn't wholly
// recovered.
func (h Home) recoveryFile() string { return filepath.Join(h.Dir, "recovery.key") }

// Blobs is the folder of payloads.
func (h Home) Blobs() string { return filepath.Join(h.Dir, "blobs") }

func (h Home) lockFile() string { return filepath.Join(h.Dir, "lock") }

// Initialised reports whether the home has a device key.
func (h Home) Initialised() bool {
	_, err := os.Stat(h.keyFile())
	return err == nil
}

// Lock takes the home for this process until the returned function is called.
// It fails with CodeAlreadyRunning if another process has it.
func (h Home) Lock() (unlock func(), err error) {
	l := flock.New(h.lockFile(), flock.SetPermissions(0o600))
	ok, err := l.TryLock()
	if cause := disk.About(err, h.Dir); cause != nil {
		return nil, fail(CodeIO, cause.Cause.Hint(), "Meadow can't run on %s: %v; nothing was changed", h.Dir, cause)
	}
	if err != nil {
		return nil, fail(CodeIO, "check that the folder can be written", "can't lock %s: %v", h.Dir, err)
	}
	if !ok {
		return nil, fail(CodeAlreadyRunning, "stop that one first, or use another --home",
			"Meadow is already running on %s; nothing was changed", h.Dir)
	}
	return func() { _ = l.Unlock() }, nil
}

// unlockedEvery is how often WaitUnlocked looks.
const unlockedEvery = 20 * time.Millisecond

// WaitUnlocked returns when no process has the home.
func (h Home) WaitUnlocked(ctx context.Context) error {
	l := flock.New(h.lockFile(), flock.SetPermissions(0o600))
	switch _, err := l.TryLockContext(ctx, unlockedEvery); {
	case err == nil:
		return l.Unlock()
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return fail(CodeIO, "check that the folder can be written", "can't look at the lock of %s: %v", h.Dir, err)
	}
}

// Device reads the device key.
func (h Home) Device() (key.Device, error) {
	text, err := os.ReadFile(h.keyFile())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return key.Device{}, fail(CodeNotInitialised, "run `meadow init` first", "%s is not a Meadow home", h.Dir)
	case err != nil:
		return key.Device{}, fail(CodeIO, "check the file's permissions", "can't read the device key: %v", err)
	}
	seed, err := hex.DecodeString(string(bytes.TrimRight(text, "\r\n")))
	if err != nil || len(seed) != key.Size {
		return key.Device{}, fail(CodeIO, "restore the file; a new key would be another device",
			"%s doesn't hold a device key", h.keyFile())
	}
	return key.DeviceFromSeed([key.Size]byte(seed)), nil
}

// writeKey writes the device key, which must not exist, and makes it durable.
func writeKey(file string, d key.Device) error {
	seed := d.Seed()
	return WriteNew(file, []byte(hex.EncodeToString(seed[:])+"\n"))
}

// WriteNew writes a file of mode 0600 that must not exist, durably; on failure
// it leaves none.
func WriteNew(file string, b []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(file)
	}
	return err
}

// Setup makes a home, all or nothing. It calls fill with the staged home and
// its new device key; fill makes the database and must have closed it when it
// returns. Then it calls keep, for what must be safe elsewhere before the home
// appears (the account's words). If that or what follows fails, the caller takes
// back what keep did.
func (h Home) Setup(fill func(staged Home, d key.Device) error, keep func() error) error {
	if err := os.MkdirAll(h.Dir, 0o700); err != nil {
		return fail(CodeIO, "choose another --home", "can't make %s: %v", h.Dir, err)
	}
	unlock, err := h.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	return h.SetupLocked(fill, keep)
}

// SetupLocked is Setup for a caller that has locked the home, whose folder is there
// therefore.
func (h Home) SetupLocked(fill func(staged Home, d key.Device) error, keep func() error) error {
	if err := h.free(); err != nil {
		return err
	}
	stage, err := os.MkdirTemp(h.Dir, ".init-")
	if err != nil {
		return fail(CodeIO, "check that the folder can be written", "can't write to %s: %v", h.Dir, err)
	}
	defer os.RemoveAll(stage)
	staged, d := Home{stage}, key.NewDevice()
	if err := fill(staged, d); err != nil {
		return err
	}
	if err := keep(); err != nil {
		return err
	}
	return h.adopt(staged, d)
}

// free reports why a home can't be made here.
func (h Home) free() error {
	h.finish()
	h.sweep()
	if h.Initialised() {
		return fail(CodeAlreadyInitialised, "use another --home for another account",
			"%s is a Meadow home already; nothing was changed", h.Dir)
	}
	if _, err := os.Stat(h.Database()); err == nil {
		return fail(CodeAlreadyInitialised, "restore device.key, or choose another --home",
			"%s has a Meadow database but no device key; nothing was changed", h.Dir)
	}
	return h.dropRecovery() // of one that was cut off before it had a database
}

// finish completes a Setup that was cut off between moving the database into
// place and moving the key, its last step.
func (h Home) finish() {
	if _, err := os.Stat(h.Database()); err != nil || h.Initialised() {
		return
	}
	staged, err := filepath.Glob(filepath.Join(h.Dir, ".init-*", "device.key"))
	if err != nil || len(staged) != 1 {
		return
	}
	if os.Rename(staged[0], h.keyFile()) == nil {
		_ = os.RemoveAll(filepath.Dir(staged[0]))
	}
}

// sweep removes what a Setup left that was cut off before: nothing was final then.
func (h Home) sweep() {
	staged, _ := filepath.Glob(filepath.Join(h.Dir, ".init-*")) // the pattern is right
	for _, dir := range staged {
		_ = os.RemoveAll(dir)
	}
}

// Unmake takes a home back that belongs to no account, so that another can be made.
// The caller has locked it, knows that it has none, and has closed all that was open.
// If it is cut off, the home is as it was, or gone.
func (h Home) Unmake() error {
	stage, err := os.MkdirTemp(h.Dir, ".init-")
	if err != nil {
		return fail(CodeIO, "check that the folder can be written", "can't write to %s: %v; nothing was changed", h.Dir, err)
	}
	defer os.RemoveAll(stage)
	staged := Home{stage}
	// The key goes first: with it alone there, finish takes all of this back.
	for _, from := range []string{h.keyFile(), h.Database() + "-wal", h.Database() + "-shm", h.Database(), h.Blobs(), h.recoveryFile()} {
		err := os.Rename(from, filepath.Join(staged.Dir, filepath.Base(from)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			h.finish()
			return fail(CodeIO, "check that the folder can be written", "can't take back %s: %v", h.Dir, err)
		}
	}
	return nil
}

// adopt moves a staged home into place, the device key last.
func (h Home) adopt(staged Home, d key.Device) error {
	if err := writeKey(staged.keyFile(), d); err != nil {
		return fail(CodeIO, "check that the disk has room", "can't write the device key: %v", err)
	}
	moves := []struct{ from, to string }{
		{staged.Blobs(), h.Blobs()},
		{staged.recoveryFile(), h.recoveryFile()},
		{staged.Database(), h.Database()},
		{staged.keyFile(), h.keyFile()},
	}
	for i, m := range moves {
		err := os.Rename(m.from, m.to)
		if err == nil || errors.Is(err, fs.ErrNotExist) && (m.from == staged.Blobs() || m.from == staged.recoveryFile()) {
			continue
		}
		for _, done := range moves[:i] {
			_ = os.RemoveAll(done.to)
		}
		return fail(CodeIO, "check that the folder can be written", "can't make the home: %v", err)
	}
	return syncDir(h.Dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open %s: %w", dir, err)
	}
	defer d.Close()
	_ = d.Sync() // not every file system can
	return nil
}
