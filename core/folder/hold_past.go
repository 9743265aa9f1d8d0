package folder

import (
	"context"
	"time"

	"meadow/core/willow"
)

// passed notes that these files were removed and not kept back, and how many also
// for the next process: a restart must not halve a mass deletion.
func (f *Folder) passed(ctx context.Context, g *guard, lost map[string]willow.Digest) {
	if len(lost) == 0 {
		return
	}
	h := Hold{ID: holdID(), Cause: passedHere, Since: time.Now(), Removes: len(lost)}
	if g == f.there {
		h.Cause = passedElsewhere
	}
	g.window(h.Since) // finds what is stale
	g.passed(h.Since, lost)
	g.past[len(g.past)-1].id = h.ID
	ctx = context.WithoutCancel(ctx) // they are removed, whether or not this process is about to end
	if err := f.cfg.Index.PutHolds(ctx, f.cfg.ID, []Hold{h}, g.stale); err != nil {
		f.log.Warn("note how many files were removed", "err", err)
		return
	}
	g.stale = nil
}

// portionOf is what an earlier process has noted. Nothing was removed in the
// future: the clock was set back.
func portionOf(h Hold) portion {
	at := h.Since
	if now := time.Now(); at.After(now) {
		at = now
	}
	return portion{at: at, n: h.Removes, id: h.ID, earlier: true}
}
