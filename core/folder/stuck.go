package folder

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"meadow/core/blob"
	"meadow/core/blob/disk"
	"meadow/core/folder/tree"
)

// How soon what failed because of a disk is tried again: when a look at the disk
// shows that the cause is gone, and anyway after a while.
const (
	probeEvery = 3 * time.Second
	stuckAgain = 20 * time.Second
)

// maxTroubles bounds what is said of one folder.
const maxTroubles = 20

// Trouble is why some paths can't be written, or read into the tree, that is no
// fault of theirs: a full disk is one Trouble, however many files wait.
type Trouble struct {
	Where string // where the disk is mounted, or a folder
	Says  string // a sentence for people, without an end
	Needs uint64 // bytes to be freed, if that is what it takes
	Full  bool
	Paths int // that wait
}

// Needing is the sentence about who needs it: the space's name.
func (t Trouble) Needing(who string) string {
	if t.Full && t.Needs > 0 {
		return who + " needs " + disk.Bytes(t.Needs) + " more on " + t.Where + t.Says
	}
	return who + ": " + t.Says
}

// stuck is a path that waits for its disk.
type stuck struct {
	trouble *disk.Trouble
	size    uint64
	read    bool // it waits to be read, and is in Folder.later; else to be written
}

// stick has a path wait for the disk if that is why err came, and reports whether
// it is.
func (f *Folder) stick(p string, err error, size uint64, read bool) bool {
	t := disk.About(err, f.cfg.Dir)
	switch {
	case t == nil:
		return false
	case t.Cause == disk.Denied && !read:
		if t = f.denied(p, err); t == nil {
			return false
		}
	case !t.Cause.Whole(), t.Cause == disk.Broken && read:
		return false
	}
	if read {
		f.retryLater(p, stuckAgain, false)
	}
	if len(f.stuck) == 0 {
		f.stuckTried = time.Now()
	}
	f.stuck[p] = stuck{t, size, read}
	f.stuckNews = true
	return true
}

// unstick forgets that paths, or all of them, waited to be read or written: they
// are looked at now.
func (f *Folder) unstick(paths iter.Seq[string], all, read bool) {
	if len(f.stuck) == 0 {
		return
	}
	if all {
		paths = maps.Keys(f.stuck)
	}
	for p := range paths {
		if s, ok := f.stuck[p]; ok && s.read == read {
			delete(f.stuck, p)
		}
	}
	f.stuckNews = true
}

// tellStuck brings the desk up to date with what waits.
func (f *Folder) tellStuck() {
	if !f.stuckNews {
		return
	}
	f.stuckNews = false
	ts := f.troubles()
	count := 0
	for _, s := range f.stuck {
		if !s.read { // else it is counted with the files to be looked at again
			count++
		}
	}
	f.update(func(d *desk) { d.stuck, d.troubles = count, ts })
}

// troubles sums up what waits, by where and why.
func (f *Folder) troubles() []Trouble {
	type key struct {
		cause disk.Cause
		where string
		read  bool
	}
	sums := map[key]Trouble{}
	for _, s := range f.stuck {
		k := key{s.trouble.Cause, s.trouble.Where, s.read}
		t := sums[k]
		t.Paths++
		t.Needs += s.size
		t.Where, t.Says = s.trouble.Where, s.trouble.Error()
		if k.cause == disk.Denied {
			t.Says += ": give this user the right to write there"
		}
		sums[k] = t
	}
	var ts []Trouble
	for k, t := range sums {
		size := t.Needs
		t.Needs = 0
		if k.cause == disk.Full {
			if now := f.cfg.Blobs.Room().Short(k.where, size); now != nil {
				t.Full, t.Needs, t.Says = true, now.Needs, now.Rest()
			}
		}
		ts = append(ts, t)
	}
	slices.SortFunc(ts, func(a, b Trouble) int {
		return cmp.Or(b.Paths-a.Paths, strings.Compare(a.Where, b.Where), strings.Compare(a.Says, b.Says))
	})
	return ts[:min(len(ts), maxTroubles)]
}

// probe has what waits tried again if it is time, or if a look at the disks shows
// that there is hope.
func (f *Folder) probe(now time.Time) {
	asked := false
	f.update(func(d *desk) { asked, d.retry = d.retry, false })
	if len(f.stuck) == 0 {
		f.probeWait = probeEvery
		return
	}
	if !asked && now.Before(f.probeAt) {
		return
	}
	f.probeAt = now.Add(f.probeWait)
	if !asked && now.Before(f.stuckTried.Add(stuckAgain)) && !f.hope() {
		return
	}
	f.stuckTried = now
	f.probeWait = min(2*f.probeWait, stuckAgain) // perhaps hope was in vain
	var write []string
	for p, s := range f.stuck {
		if r, ok := f.later[p]; s.read && ok {
			r.at = now
			f.later[p] = r
		} else if !s.read {
			write = append(write, p)
			delete(f.stuck, p)
		}
	}
	f.soil(write...)
	f.stuckNews = true
}

// hope reports whether something that waits looks as if it could be done now.
func (f *Folder) hope() bool {
	seen := map[*disk.Trouble]bool{}
	least := map[string]uint64{} // place -> the smallest that waits for room there
	for _, s := range f.stuck {
		switch t := s.trouble; {
		case t.Cause == disk.Full:
			if n, ok := least[t.Where]; !ok || s.size < n {
				least[t.Where] = s.size
			}
		case seen[t]:
		case t.Passed():
			return true
		default:
			seen[t] = true
		}
	}
	for where, n := range least {
		if f.cfg.Blobs.Room().Short(where, max(n, 1)) == nil {
			return true
		}
	}
	return false
}

// Retry has what couldn't be done tried again at once: something was mended.
func (f *Folder) Retry() {
	f.update(func(d *desk) { d.retry = true })
	f.nudge()
}

// begin reads the rows. As long as it is the disk that can't, it is tried again.
func (f *Folder) begin(ctx context.Context) error {
	for {
		rows, err := f.cfg.Index.Rows(ctx, f.cfg.ID)
		if err == nil {
			f.loadRows(rows)
			err = f.loadHolds(ctx)
		}
		if err == nil {
			return nil
		}
		if disk.CauseOf(err) == disk.None {
			return err
		}
		f.fail(err)
		timer := time.NewTimer(probeEvery)
		select {
		case <-timer.C:
		case <-f.wake:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
}

// words is an error about the whole folder for people.
func words(err error) string {
	var t *disk.Trouble
	if errors.As(err, &t) {
		return t.Error()
	}
	return err.Error()
}

// blockSize is what a file takes at least on most disks.
const blockSize = 4096

func onDisk(n int) uint64 { return (uint64(n) + blockSize - 1) / blockSize * blockSize }

// claimSmall takes room for all small files of a group. Without it each has to ask
// for its own, and those that fit are written.
func (a *applier) claimSmall(jobs []*job, small map[blob.Hash][]byte) *disk.Claim {
	var sum uint64
	for _, j := range jobs {
		if b, ok := small[blob.Hash(j.want.Digest)]; ok && j.want.Kind == tree.File {
			sum += onDisk(len(b))
		}
	}
	claim, err := a.f.cfg.Blobs.Room().Take(a.f.cfg.Dir, sum)
	if err != nil {
		return nil
	}
	return claim
}

// fits reports whether there is room for a small file.
func (a *applier) fits(claim *disk.Claim, n int) error {
	if n == 0 || claim.Left() >= onDisk(n) {
		claim.Wrote(onDisk(n))
		return nil
	}
	if t := a.f.cfg.Blobs.Room().Short(a.f.cfg.Dir, onDisk(n)); t != nil {
		return t
	}
	return nil
}
