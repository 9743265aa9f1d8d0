package consync

import "time"

// Small makes an engine's limits small, so that tests reach them.
func (e *Engine) Small(direct, softOpen, forward int, quiet time.Duration) {
	e.limits.direct, e.limits.softOpen, e.limits.forward, e.limits.quiet = direct, softOpen, forward, quiet
	e.limits.batch, e.limits.chunk = 2<<10, 32
}

// ReadAtMost sets the rows per minute that a peer can make the engine read.
func (e *Engine) ReadAtMost(rows float64) { e.limits.rowsPerMin = rows }

// Impatient sets the times after which a silent or stuck peer is given up.
func (e *Engine) Impatient(handshake, idle, progress time.Duration) {
	e.limits.handshake, e.limits.idle, e.limits.progress = handshake, idle, progress
}
