package blob

import (
	"errors"
	"fmt"
	"os"
)

// save begins to make durable what is here, after the save before it has ended.
func (d *Download) save() error {
	if err := d.wait(); err != nil {
		return err
	}
	if d.tree != nil {
		if err := d.tree.flush(); err != nil {
			return err
		}
	}
	d.unsaved = 0
	row := Row{Hash: d.hash, Length: d.length, Kind: File, Have: d.disk.Clone()}
	held := Held{d.scope, d.hash, d.got.Clone()}
	file, saving := d.file, make(chan error, 1)
	d.saving = saving
	go func() { saving <- d.note(file, row, held) }()
	return nil
}

// roomLeft returns what is lacking if someone else has filled the disk meanwhile,
// so that a payload doesn't go on into the reserve.
func (d *Download) roomLeft() error {
	if t := d.store.room.Short(d.store.dir, 1); t != nil && d.own {
		return t
	}
	return nil
}

// wait waits for a save in the background.
func (d *Download) wait() error {
	if d.saving == nil {
		return nil
	}
	err := <-d.saving
	d.saving = nil
	return err
}

// note fsyncs the file, then writes to the index what it has. If the blob has
// become complete in another way meanwhile, its row stays.
func (d *Download) note(file *os.File, row Row, held Held) error {
	if file != nil {
		if err := syncData(file); err != nil {
			return err
		}
	}
	defer d.store.lock(d.hash)()
	old, ok, err := d.store.idx.Row(d.ctx, d.hash)
	if err != nil {
		return err
	}
	switch {
	case ok && old.Complete():
		return d.store.idx.Put(d.ctx, nil, []Held{held})
	case !d.own: // it was complete when we began
		return ErrLost
	default:
		return d.store.idx.Put(d.ctx, []Row{row}, []Held{held})
	}
}

// finish makes the complete blob durable.
func (d *Download) finish() error {
	if err := d.wait(); err != nil {
		return err
	}
	row := Row{Hash: d.hash, Length: d.length, Kind: File, Have: d.disk}
	if d.length <= InlineLimit {
		row.Kind, row.Bytes = Inline, d.buf[:d.length]
	}
	if d.tree != nil {
		if err := d.tree.flush(); err != nil {
			return err
		}
	}
	if d.own && row.Kind == File {
		if err := d.openFile(); err != nil {
			return err
		}
		// Earlier claims may have been longer.
		if err := d.file.Truncate(int64(d.length)); err != nil {
			return err
		}
	}
	if err := d.note(d.file, row, Held{d.scope, d.hash, d.got}); err != nil {
		return err
	}
	d.done = true
	return nil
}

// Close ends the Download and notes what has come so far, so that a later Fetch
// goes on from there.
func (d *Download) Close() error {
	defer d.store.release(d.hash)
	defer d.claim.Release()
	err := d.wait()
	if !d.done && d.unsaved > 0 && d.length > InlineLimit {
		if err = errors.Join(err, d.save()); d.saving != nil {
			err = errors.Join(err, d.wait())
		}
	}
	d.tree.close()
	if d.file != nil {
		err = errors.Join(err, d.file.Close())
	}
	if err != nil {
		return fmt.Errorf("close download: %w", local(d.store.own(err)))
	}
	return nil
}
