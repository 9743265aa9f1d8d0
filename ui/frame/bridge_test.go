package frame_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/scene"
)

// busy is a node that tells of something every millisecond, for a while.
type busy struct {
	*scene.Node
	n     int
	asked atomic.Int64
}

func (b *busy) Events(ctx context.Context, _ bool, emit func(node.Event) error) error {
	for range b.n {
		if err := emit(node.Event{Name: "changed"}); err != nil {
			return err
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

func (b *busy) Status(ctx context.Context) (node.Status, error) {
	b.asked.Add(1)
	return b.Node.Status(ctx)
}

// TestFeedIsCalm: ten thousand events in ten seconds reach the window at most ten
// times a second, and the tray once a second; afterwards a hidden feed rests.
func TestFeedIsCalm(t *testing.T) {
	for seen, most := range map[bool]int64{true: 10 * 10, false: 10} {
		test.NewTempApp(t)
		synctest.Test(t, func(t *testing.T) {
			n := &busy{Node: scene.New(scene.Few), n: 10_000}
			feed := frame.NewFeed(n, time.Now)
			var told, events atomic.Int64
			feed.Subscribe(func(now *frame.Now) {
				told.Add(1)
				events.Add(int64(len(now.Events)))
			})
			feed.Seen(seen)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				feed.Run(ctx)
				close(done)
			}()
			time.Sleep(10 * time.Second)
			synctest.Wait()
			if got := told.Load(); got > most+2 || got < most/2 {
				t.Errorf("seen %v: told %d times in 10 s", seen, got)
			}
			time.Sleep(5 * time.Second)
			synctest.Wait()
			before := n.asked.Load()
			time.Sleep(time.Hour)
			synctest.Wait()
			if !seen && n.asked.Load() != before {
				t.Errorf("hidden, it asked %d times in a quiet hour", n.asked.Load()-before)
			}
			if seen && events.Load() != 10_000 {
				t.Errorf("%d events came through", events.Load())
			}
			cancel()
			<-done
		})
	}
}

// TestWorker does things beside the thread, and says nothing after its end.
func TestWorker(t *testing.T) {
	test.NewTempApp(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := frame.NewWorker(ctx, false)
		var mu sync.Mutex // the toolkit's driver for tests has no thread of its own
		var got []string
		add := func(s string) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, s)
		}
		wrong := errors.New("wrong")
		w.Go(func(context.Context) error { return wrong }, func(err error) { add(err.Error()) })
		synctest.Wait()
		end := frame.Follow(w, func(ctx context.Context, emit func(string) error) error {
			for ctx.Err() == nil {
				_ = emit("tick")
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
				}
			}
			return ctx.Err()
		}, add, func(error) { add("over") })
		time.Sleep(2500 * time.Millisecond)
		end()
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if len(got) != 4 || got[0] != "wrong" {
			t.Errorf("it got %q", got)
		}
		w.Go(func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		}, func(error) { t.Error("told after the end") })
		cancel()
		w.Wait()
	})
}
