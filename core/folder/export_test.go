package folder

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Watched returns the folders that a Folder whose Run has ended had watched.
func (f *Folder) Watched() []string { return slices.Sorted(maps.Keys(f.watch.inodes)) }

// LastScan returns when it had last looked at all.
func (f *Folder) LastScan() time.Time { return f.lastScan }

// Parked returns the rows that it had put away.
func (f *Folder) Parked() []string { return slices.Sorted(maps.Keys(f.parked)) }

// Pause returns once Run waits for goOn to be called. Then it looks at the whole
// directory.
func (f *Folder) Pause(ctx context.Context) (goOn func(), err error) {
	waits, until := make(chan struct{}), make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		_, err := ask(ctx, f, func(context.Context) (none struct{}, err error) {
			close(waits)
			<-until
			f.rescan = true
			return none, nil
		})
		failed <- err
	}()
	select {
	case <-waits:
		return func() { close(until) }, nil
	case err := <-failed:
		return nil, err
	}
}

// Later counts the files that are to be looked at again.
func (f *Folder) Later(ctx context.Context) (int, error) {
	return ask(ctx, f, func(context.Context) (int, error) { return len(f.later), nil })
}
