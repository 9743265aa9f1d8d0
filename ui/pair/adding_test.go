package pair

import (
	"errors"
	"strings"
	"testing"
	"time"

	"meadow/core/node"
	"meadow/ui/scene"
)

func begun(size scene.Size) *adding {
	a := new(adding)
	a.begin(scene.New(size).State.Spaces)
	return a
}

func hear(a *adding, events []node.Event) {
	for _, e := range events {
		a.heard(e)
	}
}

func TestAddingPhases(t *testing.T) {
	n := scene.New(scene.Few)
	for until, want := range map[string]phase{"found": choosing, "waiting": wary, "code": comparing, "paired": done} {
		a := begun(scene.Few)
		hear(a, n.Accepts(until, false))
		if a.phase != want || a.device != "Laptop" || a.near && want != done {
			t.Errorf("%s: %+v", until, a)
		}
	}
	a := begun(scene.Few)
	hear(a, n.Accepts("code", true))
	share, left := a.left(scene.At)
	if a.digits != "482913" || left != "1:42 left to type them" || share < 0.84 || share > 0.86 {
		t.Errorf("%q, %q, %v", a.digits, left, share)
	}
	if _, left := a.left(scene.At.Add(time.Hour)); left != "0:00 left to type them" {
		t.Error(left)
	}
	a.failed(&node.Error{Code: node.CodeTimeout, Message: "late"})
	if a.phase != looking || a.digits != "" || !strings.Contains(a.problem, "in time") {
		t.Errorf("%+v", a)
	}
	hear(a, n.Accepts("paired", true))
	if a.failed(errors.New("too late")); a.phase != done || len(a.given) != 3 {
		t.Errorf("%+v", a)
	}
}

func TestChoices(t *testing.T) {
	a := begun(scene.Few)
	if kind, spaces := a.choice(); kind != "full" || spaces != "all" || !a.ready() {
		t.Errorf("%s, %s", kind, spaces)
	}
	a.limited, a.share = true, some
	if _, spaces := a.choice(); spaces != "none" || a.ready() || a.sum() != "Choose at least one space" {
		t.Errorf("%s, %s", spaces, a.sum())
	}
	a.chosen[a.spaces[0].ID], a.chosen[a.spaces[2].ID] = true, true
	if kind, spaces := a.choice(); kind != "limited" || spaces != a.spaces[0].ID+","+a.spaces[2].ID || a.sum() != "It gets 2 spaces, 4.2 GB" {
		t.Errorf("%s, %s, %s", kind, spaces, a.sum())
	}
	a.share = nothing
	if _, spaces := a.choice(); spaces != "none" || !a.ready() || a.sum() != "It gets no spaces for now" {
		t.Errorf("%s, %s", spaces, a.sum())
	}
	many := begun(scene.Many)
	if got := many.like(" TAX"); len(got) < 10 || len(got) > 30 || len(many.like("")) != 200 {
		t.Errorf("%d spaces", len(got))
	}
	// One that has ended can't be given.
	ended := scene.New(scene.Few).State.Spaces
	ended[1].Ended = true
	a.begin(ended)
	if len(a.gets()) != 2 {
		t.Errorf("%d spaces", len(a.gets()))
	}
}

// TestReasons: every failure that pairing has says what is next, in the window's words.
func TestReasons(t *testing.T) {
	for _, code := range []string{
		node.CodeExpired, node.CodeUnreachable, node.CodeTimeout, node.CodeAlreadyPaired, node.CodeUnanswered, node.CodeRefused,
	} {
		text := reason(&node.Error{Code: code, Message: "m", Hint: "h"})
		if strings.Contains(text, "ticket") || !strings.HasSuffix(text, ".") || len(text) < 40 {
			t.Errorf("%s: %q", code, text)
		}
	}
	old := reason(&node.Error{Code: node.CodeRefused, Message: "the other device's version of Meadow can't be a limited device", Hint: "update it"})
	if old != "The other device's version of Meadow can't be a limited device. Update it." {
		t.Error(old)
	}
}
