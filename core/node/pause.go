package node

import (
	"context"
	"errors"
	"time"
)

func (p *peers) loadPause(ctx context.Context) error {
	v, ok, err := p.n.cfg.Local.Value(ctx, keyPausedUntil)
	if err != nil || !ok {
		return err
	}
	var until time.Time
	if len(v) > 0 && until.UnmarshalText(v) != nil {
		return errors.New("the stored pause can't be read")
	}
	p.setPause(true, until)
	return nil
}

// setPause starts or ends a pause and, if it starts, every session.
func (p *peers) setPause(on bool, until time.Time) {
	p.mu.Lock()
	p.paused, p.until = on, until
	if on {
		for _, s := range p.sessions {
			_ = s.conn.Close(closePaused)
		}
	}
	p.mu.Unlock()
	p.kick()
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
	n.bus.emit("paused")
	return n.Status(ctx)
}

// Resume ends a pause.
func (n *Node) Resume(ctx context.Context) (Status, error) {
	n.resume(ctx)
	return n.Status(ctx)
}

func (n *Node) resume(ctx context.Context) {
	if err := n.cfg.Local.PutValues(ctx, map[string][]byte{keyPausedUntil: nil}); err != nil {
		n.log.Warn("The end of the pause wasn't noted", "error", err)
	}
	n.peers.setPause(false, time.Time{})
	n.bus.emit("resumed")
}
