package storage

import (
	"os"
	"sync"
	"time"
)

// Step is a part of a migration.
type Step string

// The steps of a migration.
const (
	Copying  Step = "copy"    // the database, as it was; counted in bytes
	Applying Step = "migrate" // counted in scripts of a version
)

// Migration is how far the migration of a database is.
type Migration struct {
	From, To    int // schema versions
	Step        Step
	Done, Total int64 // of the step; about, where it copies
}

// showEvery is how often a migration is shown, and how long one takes at least
// that is shown at all.
const showEvery = time.Second

// progress is what a migration says while it is at work.
type progress struct {
	mu  sync.Mutex
	now Migration // guarded by mu
}

// at notes how far the migration is.
func (p *progress) at(step Step, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Step, p.now.Done, p.now.Total = step, done, total
}

// watch shows how far the migration is until the returned function is called.
func (m *migrator) watch(first Migration, show func(Migration)) (stop func()) {
	if show == nil {
		return func() {}
	}
	m.now = first
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(showEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				show(m.current())
			case <-ended:
				return
			}
		}
	}()
	return func() { close(ended); <-done }
}

// current returns how far the migration is.
func (m *migrator) current() Migration {
	m.mu.Lock()
	now := m.now
	m.mu.Unlock()
	if now.Step == Copying { // SQLite doesn't say, so the file must
		if info, err := os.Stat(CopyName(m.path, now.From) + ".tmp"); err == nil {
			now.Done = min(info.Size(), now.Total)
		}
	}
	return now
}
