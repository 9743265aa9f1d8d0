package blob

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"meadow/core/blob/disk"
)

// recordLimit is the length up to which a small blob counts as a part of what is
// written about it: details of versions, records of the account. Those are the
// database's own, and may use half of its reserve.
const recordLimit = 1 << 10

// putStep is how much room is asked for at a time when a length isn't known.
const putStep = 1 << 20

// Room shares out the free space among those who write payloads: the store, and
// whoever else writes what the store gives. The database lies beside the store's
// folder: its reserve is kept there.
func (s *Store) Room() *disk.Keeper { return s.room }

// roomInline returns what is lacking for small blobs, which go into the database.
func (s *Store) roomInline(puts []InlinePut) error {
	var records, payloads uint64
	for _, p := range puts {
		if n := uint64(len(p.Bytes)); n <= recordLimit {
			records += n
		} else {
			payloads += n
		}
	}
	if payloads > 0 {
		if t := s.room.Short(filepath.Dir(s.dir), payloads+records); t != nil {
			return t
		}
		return nil
	}
	if t := s.room.ShortOfRecords(records); t != nil {
		return t
	}
	return nil
}

// claim takes room for what is missing of a blob of length bytes.
func (s *Store) claim(length, missing uint64) (*disk.Claim, error) {
	if length > recordLimit {
		return s.room.Take(s.dir, missing)
	}
	if t := s.room.ShortOfRecords(missing); t != nil {
		return nil, t
	}
	return nil, nil
}

// Records returns those of small blobs that are still taken when there is no room
// for payloads.
func Records(puts []InlinePut) []InlinePut {
	var few []InlinePut
	for _, p := range puts {
		if len(p.Bytes) <= recordLimit {
			few = append(few, p)
		}
	}
	return few
}

// own says in plain words what is wrong with a file of the store's own.
func (s *Store) own(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) && s.gone() {
		return disk.New(disk.Gone, s.dir, err)
	}
	if t := disk.About(err, s.dir); t != nil {
		return t
	}
	return err
}

// gone reports whether the store's folder isn't there: then nothing is to be
// concluded from what isn't in it.
func (s *Store) gone() bool {
	_, err := os.Stat(s.dir)
	return err != nil
}

// roomy writes payload for which there is a claim, which grows as need be.
type roomy struct {
	io.Writer
	s     *Store
	claim *disk.Claim
}

// Write implements io.Writer.
func (w *roomy) Write(b []byte) (int, error) {
	n := uint64(len(b))
	if w.claim.Left() < n {
		more, err := w.s.room.Take(w.s.dir, max(n, putStep))
		if err != nil {
			return 0, err
		}
		w.claim.Release()
		w.claim = more
	}
	m, err := w.Writer.Write(b)
	w.claim.Wrote(uint64(m))
	return m, w.s.own(err)
}
