package folder

import (
	"context"
	"maps"
	"time"
)

// Delays of Run.
const (
	retryRoot    = 2 * time.Second // after an error that is about everything
	retryRootMax = 20 * time.Second
)

// loop does one thing after the other: it alone changes rows and disk.
func (f *Folder) loop(ctx context.Context) error {
	f.rescan = true
	var failed time.Duration // delay of the next try after a failure
	for ctx.Err() == nil {
		did, err := f.step(ctx)
		f.tellStuck()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed = min(max(2*failed, retryRoot), retryRootMax)
			if IsMissing(err) {
				failed = min(failed, rootEvery)
			}
			f.fail(err)
			if err := f.wait(ctx, time.Now().Add(failed)); err != nil {
				return err
			}
			f.rescan = f.rescan || IsMissing(err)
			continue
		}
		failed = 0
		f.update(func(d *desk) { d.err = "" })
		if did {
			continue
		}
		if err := f.wait(ctx, f.next(ctx)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// fail shows an error that keeps the whole folder from being synced.
func (f *Folder) fail(err error) {
	news := false
	f.update(func(d *desk) {
		if IsMissing(err) && f.waited("") {
			d.warning, d.err = words(err), ""
			return
		}
		news = d.err != words(err)
		d.err = words(err)
	})
	if news {
		f.log.Error("folder stopped", "err", err)
	}
}

// step does the most urgent work and reports whether there was any.
func (f *Folder) step(ctx context.Context) (did bool, err error) {
	f.poll()
	f.probe(time.Now())
	f.tellNames(ctx, time.Now())
	if did, err := f.holdStep(ctx); did || err != nil {
		return did, err
	}
	var scans []chan error
	var dirty bool
	f.update(func(d *desk) {
		scans, d.scans = d.scans, nil
		dirty = d.dirtyAll || len(d.dirty) > 0
	})
	if f.rescan || len(scans) > 0 {
		f.rescan = false
		err := f.scanAll(ctx)
		f.rescan = f.rescan || err != nil
		for _, done := range scans {
			done <- err
		}
		f.lastScan = time.Now()
		return true, err
	}
	if due := f.due(); len(due) > 0 {
		err := f.scanSome(ctx, due)
		f.rescan = f.rescan || err != nil // what was due isn't known any more
		return true, err
	}
	if dirty {
		return true, f.pass(ctx)
	}
	f.update(func(d *desk) { d.ready = true })
	return f.judge(ctx, true)
}

// poll takes what has happened on disk, if something is waiting.
func (f *Folder) poll() {
	select {
	case b := <-f.watch.batches:
		f.happened(b)
	default:
	}
}

// happened notes what a batch asks for.
func (f *Folder) happened(b batch) {
	if b.all {
		f.watch.forget(map[string]bool{"": true}) // events were lost: so may be watches
		f.rescan = true
		return
	}
	for p, whole := range b.paths {
		f.events[p] = f.events[p] || whole
	}
}

// due returns the paths that are to be looked at now.
func (f *Folder) due() map[string]bool {
	due := f.events
	f.events = map[string]bool{}
	now := time.Now()
	for p, r := range f.later {
		if !now.Before(r.at) {
			if _, ok := due[p]; !ok {
				due[p] = false
			}
		}
	}
	return due
}

// scanSome looks at paths on which events or retries are due.
func (f *Folder) scanSome(ctx context.Context, paths map[string]bool) error {
	ds, err := f.openRoot(ctx)
	if err != nil {
		return err
	}
	defer ds.close()
	whole := map[string]bool{}
	retried := map[string]time.Time{}
	for p, w := range paths {
		if w {
			whole[p] = true
		}
		if r, ok := f.later[p]; ok {
			r.at = time.Now().Add(r.delay) // told apart from one that is put off again
			f.later[p], retried[p] = r, r.at
		}
	}
	f.watch.forget(whole)
	f.unstick(maps.Keys(paths), false, true)
	if err := f.scanPaths(ctx, ds, paths); err != nil {
		return err
	}
	for p, at := range retried {
		r, ok := f.later[p]
		if ok && r.at.Equal(at) {
			delete(f.later, p)
		}
		if !ok || r.at.Equal(at) || r.quiet {
			f.soil(p)
		}
	}
	f.countLater()
	return nil
}

// next returns when there will be something to do without anyone asking.
func (f *Folder) next(ctx context.Context) time.Time {
	at := f.nextNames(f.lastScan.Add(f.every()))
	for _, r := range f.later {
		if r.at.Before(at) {
			at = r.at
		}
	}
	if len(f.stuck) > 0 && f.probeAt.Before(at) {
		at = f.probeAt
	}
	if h := f.nextHold(); h.Before(at) {
		at = h
	}
	if s := f.dropSpares(ctx, time.Now()); !s.IsZero() && s.Before(at) {
		at = s
	}
	return at
}

// wait returns when someone asks for something, when something has happened on
// disk, or at a time.
func (f *Folder) wait(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-f.wake:
	case b := <-f.watch.batches:
		f.happened(b)
	case <-timer.C:
		f.rescan = f.rescan || !time.Now().Before(f.lastScan.Add(f.every()))
	}
	return nil
}
