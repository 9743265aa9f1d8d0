package node

import (
	"context"
	"time"
)

func (p *peers) loadPause(ctx context.Context) error {
	v, ok, err := p.n.cfg.Local.Value(ctx, keyPausedUntil)
	if err != nil || !ok {
		return err
	}
	var until time.Time
	if len(v) > 0 && until.UnmarshalText(v) != nil {
		p.n.log.Warn("The end of the pause can't be read, so it lasts until resumed")
	}
	p.setPause(true, until)
	return nil
}

// setPause starts or ends a pause and, if it starts, every session.
func (p *peers) setPause(on bool, until time.Time) {
	p.mu.Lock()
	p.paused, p.until = on, until
	p.mu.Unlock()
	if on {
		p.closeAll(closePaused)
	}
	p.kickSome(true)
}

// pauseTimer fires when the pause is over.
func (p *peers) pauseTimer() *time.Timer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.paused || p.until.IsZero() {
		t := time.NewTimer(time.Hour)
		t.Stop()
		return t
	}
	return time.NewTimer(p.until.Sub(p.clock()))
}

// resumeDue ends the pause if its time has come.
func (p *peers) resumeDue(ctx context.Context) {
	p.mu.Lock()
	due := p.paused && !p.until.IsZero() && !p.clock().Before(p.until)
	p.mu.Unlock()
	if !due {
		return // another pause has begun meanwhile
	}
	if err := p.n.resume(context.WithoutCancel(ctx)); err != nil {
		p.n.log.Warn("The end of the pause wasn't noted", "error", err)
	}
}

// Pause stops all syncing for a while, or until Resume if d is zero. It
// outlasts a restart.
func (n *Node) Pause(ctx context.Context, d time.Duration) (Status, error) {
	var until time.Time
	text := []byte{}
	if d > 0 {
		until = n.cfg.Now().Add(d)
		text = []byte(until.UTC().Format(time.RFC3339Nano))
	}
	if err := n.cfg.Local.PutValues(ctx, map[string][]byte{keyPausedUntil: text}); err != nil {
		return Status{}, err
	}
	n.peers.setPause(true, until)
	n.bus.emit("paused", "until", Time{until})
	return n.Status(ctx)
}

// Resume ends a pause.
func (n *Node) Resume(ctx context.Context) (Status, error) {
	if err := n.resume(ctx); err != nil {
		return Status{}, err
	}
	return n.Status(ctx)
}

// resume ends the pause, even if it can't note that.
func (n *Node) resume(ctx context.Context) error {
	err := n.cfg.Local.PutValues(ctx, map[string][]byte{keyPausedUntil: nil})
	n.peers.setPause(false, time.Time{})
	n.bus.emit("resumed")
	return err
}
