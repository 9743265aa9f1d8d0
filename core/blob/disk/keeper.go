package disk

import "sync"

// reserveMost bounds the reserve: it has room for the database's log, which grows
// to a quarter of it, for a copy during a migration of all but the largest
// databases, and for a few hundred thousand entries.
const reserveMost = 256 << 20

// Reserve is how much of a file system of this size payloads leave to the
// database: 256 MiB, but of a small one no more than an eighth.
func Reserve(total uint64) uint64 { return min(reserveMost, total/8) }

// spareRoom is the part of Reserve that is left on file systems where only the
// user's files are, so that a full disk isn't filled to its last byte.
const spareRoom = 16

// Keeper shares out the room of file systems among those who write payloads. Its
// methods may be called concurrently.
type Keeper struct {
	home string // a folder beside the database

	mu    sync.Mutex
	taken map[string]uint64 // file system -> bytes claimed and not written
}

// NewKeeper makes a Keeper that keeps the reserve for the database in home.
func NewKeeper(home string) *Keeper {
	return &Keeper{home: home, taken: make(map[string]uint64)}
}

// Claim is room that was given to someone. Its methods may be called on nil, and
// by one goroutine at a time.
type Claim struct {
	k    *Keeper
	fs   string
	left uint64
}

// Take claims room for n bytes of payload in dir, on whatever file system that
// is. The error is a *Trouble that says how much is lacking. Where the system
// doesn't say how much is free, there is room for everything.
func (k *Keeper) Take(dir string, n uint64) (*Claim, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	id, err := fileSystem(existing(dir))
	if err != nil {
		return nil, nil
	}
	if t := k.lackingLocked(dir, id, n, 1); t != nil {
		return nil, t
	}
	k.taken[id] += n
	return &Claim{k: k, fs: id, left: n}, nil
}

// Short returns what is lacking for n bytes of payload in dir, nil if nothing is.
func (k *Keeper) Short(dir string, n uint64) *Trouble {
	k.mu.Lock()
	defer k.mu.Unlock()
	id, err := fileSystem(existing(dir))
	if err != nil {
		return nil
	}
	return k.lackingLocked(dir, id, n, 1)
}

// ShortOfRecords is Short for bytes that go into the database itself and are no
// longer than what is written about them: half of the reserve is for those.
func (k *Keeper) ShortOfRecords(n uint64) *Trouble {
	k.mu.Lock()
	defer k.mu.Unlock()
	id, err := fileSystem(existing(k.home))
	if err != nil {
		return nil
	}
	return k.lackingLocked(k.home, id, n, 2)
}

// lackingLocked returns what is lacking for n bytes in dir if a part of the
// reserve is to stay, 1/part.
func (k *Keeper) lackingLocked(dir, id string, n, part uint64) *Trouble {
	s, err := Of(dir)
	if err != nil || s.Total == 0 {
		return nil
	}
	keep := Reserve(s.Total) / part
	var shown uint64
	if home, err := fileSystem(existing(k.home)); err == nil && home == id {
		shown = keep
	} else {
		keep /= spareRoom
	}
	want := n + keep + k.taken[id]
	if n == 0 || s.Free >= want {
		return nil
	}
	return &Trouble{Cause: Full, Where: Mount(dir), Needs: want - s.Free, Free: s.Free, Keeps: shown}
}

// Wrote says that n bytes of the claim have been written: the system knows of
// them.
func (c *Claim) Wrote(n uint64) {
	if c == nil {
		return
	}
	n = min(n, c.left)
	c.left -= n
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	if c.k.taken[c.fs] -= n; c.k.taken[c.fs] == 0 {
		delete(c.k.taken, c.fs)
	}
}

// Left returns how much of the claim hasn't been written.
func (c *Claim) Left() uint64 {
	if c == nil {
		return 0
	}
	return c.left
}

// Release gives back what hasn't been written.
func (c *Claim) Release() {
	if c != nil {
		c.Wrote(c.left)
	}
}
