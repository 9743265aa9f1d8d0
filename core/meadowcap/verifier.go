package meadowcap

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"meadow/core/willow"
)

// Verifier judges capabilities and entries from outside, and remembers valid
// capabilities, so that a stream of entries costs one signature each. It may be
// used concurrently.
type Verifier struct {
	size    int            // immutable; entries in each of the two maps
	profile willow.Profile // immutable

	mu sync.Mutex
	// Two generations, guarded by mu: what is used is in young, and when that
	// is full, old is forgotten. The keys are encodings.
	young, old map[string]*Capability
}

// NewVerifier returns a verifier under MDN-1 that remembers at least size and at
// most twice as many capabilities, each typically 200 bytes to 1 KiB and at most
// 14 KiB.
func NewVerifier(size int) *Verifier { return NewVerifierUnder(willow.MDN1, size) }

// NewVerifierUnder is NewVerifier for another profile.
func NewVerifierUnder(p willow.Profile, size int) *Verifier {
	return &Verifier{size: max(size, 1), profile: p, young: make(map[string]*Capability)}
}

// Capability decodes a capability and verifies its chain, see [DecodeUnder] and
// [Capability.ValidUnder]. Callers share what it returns. Errors wrap ErrInvalid.
func (v *Verifier) Capability(enc []byte) (*Capability, error) {
	if c := v.known(enc); c != nil {
		return c, nil
	}
	c, err := DecodeUnder(v.profile, enc)
	if err != nil {
		return nil, err
	}
	if err := c.ValidUnder(v.profile); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.rememberLocked(string(enc), c)
	return c, nil
}

func (v *Verifier) known(enc []byte) *Capability {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c := v.young[string(enc)]; c != nil {
		return c
	}
	c := v.old[string(enc)]
	if c != nil {
		v.rememberLocked(string(enc), c)
	}
	return c
}

func (v *Verifier) rememberLocked(enc string, c *Capability) {
	if len(v.young) >= v.size {
		v.old, v.young = v.young, make(map[string]*Capability)
	}
	v.young[enc] = c
}

// Entry decides whether the token authorises the entry (Meadowcap,
// is_authorised_write), and returns the token's capability if so. The capability
// must be valid, for writing, of the entry's namespace, and include the entry;
// its receiver must have signed the entry's canonical encoding. Errors wrap
// ErrInvalid or ErrNotGranted.
func (v *Verifier) Entry(e willow.Entry, t willow.Token) (*Capability, error) {
	c, err := v.Capability(t.Capability)
	if err != nil {
		return nil, err
	}
	if err := c.grants(e); err != nil {
		return nil, err
	}
	if !c.Receiver().Verify(willow.AppendEntry(nil, e), t.Signature) {
		return nil, fmt.Errorf("%w: the entry isn't signed by the capability's receiver", ErrInvalid)
	}
	return c, nil
}

// entriesAtOnce is how many entries a worker of [Verifier.Entries] takes at a
// time: verifying them takes about a millisecond.
const entriesAtOnce = 16

// Entries is Entry for many, in parallel: what it returns is parallel to list,
// nil where the token authorises the entry. Once ctx has ended, what wasn't
// looked at yet has its error.
func (v *Verifier) Entries(ctx context.Context, list []willow.Authorised) []error {
	errs := make([]error, len(list))
	var next atomic.Int64
	work := func() {
		for {
			end := int(next.Add(entriesAtOnce))
			start := end - entriesAtOnce
			if start >= len(list) {
				return
			}
			for i := start; i < min(end, len(list)); i++ {
				if errs[i] = ctx.Err(); errs[i] == nil {
					_, errs[i] = v.Entry(list[i].Entry, list[i].Token)
				}
			}
		}
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (len(list)+entriesAtOnce-1)/entriesAtOnce) - 1 {
		workers.Go(work)
	}
	work()
	workers.Wait()
	return errs
}
