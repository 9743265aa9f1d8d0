package frame_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/scene"
)

// failing is a node that can't say what is so while it is ill.
type failing struct {
	busy
	ill atomic.Bool
}

func (f *failing) Status(ctx context.Context) (node.Status, error) {
	if f.ill.Load() {
		return node.Status{}, errors.New("the disk is gone")
	}
	return f.busy.Status(ctx)
}

// TestWarnsOnce: a node that fails at every look is written of once for each time.
func TestWarnsOnce(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
		defer slog.SetDefault(before)
		n := &failing{busy: busy{Node: scene.New(scene.Few), n: 100_000}}
		feed := frame.NewFeed(n, time.Now)
		feed.Seen(true)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			feed.Run(ctx)
			close(done)
		}()
		for _, ill := range []bool{true, false, true} {
			n.ill.Store(ill)
			time.Sleep(10 * time.Second)
		}
		cancel()
		<-done
		if got := strings.Count(log.String(), "the disk is gone"); got != 2 {
			t.Errorf("it was written %d times:\n%s", got, log.String())
		}
	})
}
