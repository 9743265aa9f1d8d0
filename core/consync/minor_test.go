package consync_test

import (
	"errors"
	"testing"

	"meadow/core/consync"
	"meadow/core/key"
)

// TestOptionalMessages: a peer of the first minor version is sent none, which it
// wouldn't know; one of the next is; and who gets one that it doesn't know
// passes over it.
func TestOptionalMessages(t *testing.T) {
	for hello, speaks := range map[string]bool{"old": false, "new+": true} {
		t.Run(hello, func(t *testing.T) {
			n := newNode(t)
			a := attack(t, n, key.NewDevice())
			a.say(append(consync.FrameHello(hello), consync.FrameHello(hello)...))
			a.say(consync.FrameLater([]byte("of a later version")))
			a.hear(consync.TypeHello)
			a.hear(consync.TypeInterests)
			<-n.hellos
			<-n.hellos // so the first has been taken
			n.engine.PostLater([]byte("news"))
			n.hello.Store("again")
			n.engine.Greet()
			if speaks {
				if got := a.hear(consync.TypeOptional); string(got) != "news" {
					t.Errorf("heard %q", got)
				}
			}
			if got := a.hear(consync.TypeHello); string(got) != "again" {
				t.Errorf("heard %q", got)
			}
		})
	}
}

// TestHelloRefused: nothing that comes after a hello that is refused counts.
func TestHelloRefused(t *testing.T) {
	n := newNode(t)
	a := attack(t, n, key.NewDevice())
	a.say(append(consync.FrameHello("twin"), consync.FrameStop(7)...))
	if err := <-a.victim; !errors.Is(err, errTwin) {
		t.Errorf("the session ended with %v", err)
	}
}
