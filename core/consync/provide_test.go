package consync

import (
	"testing"
	"testing/synctest"
	"time"
)

// narrow is a peer that takes so many bytes per second, within its deadline.
type narrow struct {
	Stream
	rate     int
	deadline time.Time
}

func (n *narrow) Write(b []byte) (int, error) {
	time.Sleep(time.Duration(len(b)) * time.Second / time.Duration(n.rate))
	if time.Now().After(n.deadline) {
		return 0, errRefused
	}
	return len(b), nil
}

func (n *narrow) SetDeadline(t time.Time) error { n.deadline = t; return nil }

// TestSlowPeer: what a slow peer takes is counted as it takes it, and isn't given up;
// a fast one is given more at once.
func TestSlowPeer(t *testing.T) {
	for rate, want := range map[int]struct {
		pieces int
		within time.Duration
	}{
		4 << 10:   {13, 16 * time.Second}, // one of 64 KiB, then of 16
		100 << 20: {4, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			peer := &narrow{rate: rate}
			pieces, sent, last := 0, 0, time.Now()
			w := &steady{Writer: peer, stream: peer, limit: 30 * time.Second, count: func(n int) {
				if took := time.Since(last); took > want.within {
					t.Errorf("nothing was counted for %v", took)
				}
				pieces, sent, last = pieces+1, sent+n, time.Now()
			}}
			if n, err := w.Write(make([]byte, 256<<10)); n != 256<<10 || err != nil {
				t.Errorf("wrote %d bytes, %v", n, err)
			}
			if pieces != want.pieces || sent != 256<<10 {
				t.Errorf("%d bytes in %d pieces, want %d", sent, pieces, want.pieces)
			}
		})
	}
}
