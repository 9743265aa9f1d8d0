//go:build !linux

package nearby

import (
	"sync"
	"time"
)

// lookEvery is how often interfaces are looked at where the system isn't asked to
// tell.
const lookEvery = 3 * time.Second

// watch tells that interfaces or addresses may have changed.
type watch struct {
	changed chan struct{}
	done    chan struct{}
	loop    sync.WaitGroup
}

func watchLinks() (*watch, error) {
	w := &watch{changed: make(chan struct{}, 1), done: make(chan struct{})}
	w.loop.Go(w.run)
	return w, nil
}

func (w *watch) run() {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-w.done:
			return
		}
		select {
		case w.changed <- struct{}{}:
		default:
		}
	}
}

func (w *watch) close() {
	close(w.done)
	w.loop.Wait()
}
