//go:build headless

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// A story of people: every actor is an account with nodes of its own, and what an
// actor does is done by commands on one of them, the first unless told otherwise.
//
//	id := as(ada).share("Photos/2026", bob, "read")
//	as(bob).accept(id)
//	as(bob).reads("Photos", "2026/beach.jpg", "…")
//	as(bob).cannotWrite("Photos", "2026/beach.jpg")

// actor is somebody in a story.
type actor struct {
	*story
	name  string
	nodes []*stage.Node
	at    *stage.Node // the node that commands are for
}

// as reads well.
func as(a *actor) *actor { return a }

// actor makes an account with a node for each device.
func (s *story) actor(name string, devices ...string) *actor {
	s.Helper()
	a := &actor{story: s, name: name}
	for i, d := range devices {
		n := s.node(strings.ToLower(name) + "-" + d)
		if i == 0 {
			_, err := n.Init(s.ctx, name)
			s.must(err)
		} else {
			s.must(n.InitJoin(s.ctx))
		}
		s.must(n.Start(s.ctx))
		if i > 0 {
			s.must(stage.Pair(s.ctx, a.nodes[0], n))
		}
		a.nodes = append(a.nodes, n)
	}
	a.at = a.nodes[0]
	return a
}

// meet makes two people know each other.
func (s *story) meet(a, b *actor) {
	s.Helper()
	s.must(stage.Meet(s.ctx, a.at, b.at))
	for _, who := range []struct{ has, other *actor }{{a, b}, {b, a}} {
		for _, n := range who.has.nodes[1:] {
			who.has.on(n).until("it knows "+who.other.name, func() bool {
				var people []node.Person
				who.has.on(n).do(&people, "contact", "list")
				return len(people) > 0 && anyOf(people, func(p node.Person) bool { return p.Name == who.other.name })
			})
		}
	}
}

func anyOf[T any](all []T, ok func(T) bool) bool {
	for _, x := range all {
		if ok(x) {
			return true
		}
	}
	return false
}

// on is the actor at another node.
func (a *actor) on(n *stage.Node) *actor {
	b := *a
	b.at = n
	return &b
}

func (a *actor) do(answer any, args ...string) {
	a.Helper()
	a.must(a.at.Do(a.ctx, answer, args...))
}

// until waits until something holds at the actor's node.
func (a *actor) until(what string, ok func() bool) {
	a.Helper()
	ctx, cancel := context.WithTimeout(a.ctx, patience)
	defer cancel()
	if err := a.at.Until(ctx, what, func() (bool, error) { return ok(), nil }); err != nil {
		a.Fatalf("%s: it never came that %s: %v", a.at.Device, what, err)
	}
}

// patience is for what takes a moment, on a busy machine.
const patience = 90 * time.Second

// puts stores a file.
func (a *actor) puts(space, path, content string) {
	a.Helper()
	_, err := a.at.Raw(a.ctx, strings.NewReader(content), "--json", "put", space, path, "-")
	if err != nil {
		a.Fatalf("%s puts %s in %s: %v", a.at.Device, path, space, err)
	}
}

// refused expects a call that one may not make: exit code 1, not_allowed.
func (a *actor) refused(in string, args ...string) {
	a.Helper()
	a.fail(1, node.CodeNotAllowed, in, args...)
}

// fail expects a call to fail.
func (a *actor) fail(exit int, code, in string, args ...string) {
	a.Helper()
	_, err := a.at.Raw(a.ctx, strings.NewReader(in), append([]string{"--json"}, args...)...)
	var f *stage.Failure
	if !errors.As(err, &f) || f.Exit != exit || f.Code != code {
		a.Errorf("%s: meadow %q: %v, want exit %d and %s", a.at.Device, args, err, exit, code)
	}
}

// cannotWrite expects a file not to be stored, and nothing to be changed.
func (a *actor) cannotWrite(space, path string) {
	a.Helper()
	before := a.rows(space)
	a.refused("mine", "put", space, path, "-")
	if after := a.rows(space); !sameRows(before, after) {
		a.Errorf("%s: a refused write changed %s: %v, was %v", a.at.Device, space, after, before)
	}
}

// share shares SPACE[/FOLDER] and returns the id.
func (a *actor) share(place string, with *actor, level string, flags ...string) string {
	a.Helper()
	var s node.Share
	a.do(&s, append([]string{"share", place, "--with", with.name, "--level", level}, flags...)...)
	return s.ID
}

// accept waits for an invitation and accepts it.
func (a *actor) accept(id string) {
	a.Helper()
	a.invited(id)
	a.do(nil, "invite", "accept", id)
}

// invited waits for an invitation.
func (a *actor) invited(id string) node.Invite {
	a.Helper()
	var found node.Invite
	a.until("the invitation "+id+" comes", func() bool {
		var all []node.Invite
		a.do(&all, "invite", "list")
		return anyOf(all, func(i node.Invite) bool { found = i; return i.ID == id })
	})
	return found
}

// shareOf returns a share as it is now.
func (a *actor) shareOf(id string) node.Share {
	a.Helper()
	var all []node.Share
	a.do(&all, "shares")
	for _, s := range all {
		if s.ID == id {
			return s
		}
	}
	return node.Share{}
}

// revoke takes a share back.
func (a *actor) revoke(id string, flags ...string) node.Revoked {
	a.Helper()
	var r node.Revoked
	a.do(&r, append([]string{"revoke", id}, flags...)...)
	return r
}

// rows are what is shown of a space, by path; nil if there is no such space.
func (a *actor) rows(space string) map[string]node.File {
	a.Helper()
	var files []node.File
	err := a.at.Do(a.ctx, &files, "ls", space)
	var f *stage.Failure
	if errors.As(err, &f) && f.Code == node.CodeNotFound {
		return nil
	}
	a.must(err)
	rows := map[string]node.File{}
	for _, f := range files {
		if f.Kind != "folder" {
			rows[f.Path] = f
		}
	}
	return rows
}

// sameRows reports whether the same versions are shown.
func sameRows(a, b map[string]node.File) bool {
	if len(a) != len(b) {
		return false
	}
	for path, f := range a {
		if g := b[path]; g.Version != f.Version || g.Digest != f.Digest {
			return false
		}
	}
	return true
}

// content reads a file; ok is false if it isn't here.
func (a *actor) content(space, path string) (text string, ok bool) {
	a.Helper()
	out, err := a.at.Raw(a.ctx, nil, "get", space, path)
	var f *stage.Failure
	if errors.As(err, &f) {
		return "", false
	}
	a.must(err)
	return string(out), true
}

// reads waits until a file has a content.
func (a *actor) reads(space, path, want string) {
	a.Helper()
	a.until(fmt.Sprintf("%s in %s is %q", path, space, want), func() bool {
		got, ok := a.content(space, path)
		return ok && got == want
	})
}

// cannotRead expects that there is nothing at a path.
func (a *actor) cannotRead(space, path string) {
	a.Helper()
	if text, ok := a.content(space, path); ok {
		a.Errorf("%s reads %s in %s: %q", a.at.Device, path, space, text)
	}
}

// leave stops a node for as long as something happens.
func (a *actor) leave(n *stage.Node, meanwhile func()) {
	a.Helper()
	a.must(n.Stop())
	meanwhile()
	a.must(n.Start(a.ctx))
}

// says runs a command and returns what it tells a person.
func (a *actor) says(args ...string) string {
	a.Helper()
	out, err := a.at.Raw(a.ctx, nil, args...)
	a.must(err)
	return string(out)
}

// TestReadAFolder: Ada shows Bob a folder, and takes it back.
func TestReadAFolder(t *testing.T) {
	s := tell(t)
	ada, bob := s.actor("Ada", "laptop"), s.actor("Bob", "phone")
	s.meet(ada, bob)
	as(ada).do(nil, "space", "create", "Photos")
	as(ada).puts("Photos", "2026/beach.jpg", "the beach")
	as(ada).puts("Photos", "private/diary.txt", "secret")
	id := as(ada).share("Photos/2026", bob, "read", "--until", "30d")
	if says := as(bob).invited(id).Says; !strings.Contains(says, "Ada lets you see the folder 2026 of Photos, until ") {
		t.Errorf("the invitation says %q", says)
	}
	as(bob).accept(id)
	as(bob).reads("Photos", "2026/beach.jpg", "the beach")
	as(bob).cannotRead("Photos", "private/diary.txt")
	as(bob).cannotWrite("Photos", "2026/mine.txt")
	as(bob).cannotWrite("Photos", "2026/beach.jpg")
	as(bob).refused("", "rm", "Photos", "2026/beach.jpg")
	as(bob).refused("", "share", "Photos/2026", "--with", "Ada", "--level", "read")
	var spaces []node.Space
	as(bob).do(&spaces, "space", "list")
	if len(spaces) != 1 || spaces[0].Owner != "Ada" || spaces[0].Level != "read" || spaces[0].Until == nil {
		t.Errorf("Bob's spaces are %+v", spaces)
	}
	as(ada).until("Bob has accepted", func() bool { return as(ada).shareOf(id).State == node.ShareAccepted })
	as(ada).puts("Photos", "2026/dunes.jpg", "the dunes")
	as(bob).reads("Photos", "2026/dunes.jpg", "the dunes")
	as(ada).until("it is used", func() bool { return as(ada).shareOf(id).LastUsed != nil })

	receipt := as(ada).revoke(id)
	if !receipt.Done || len(receipt.Stopped) != 1 || receipt.Holds.Files != 2 {
		t.Errorf("the receipt is %+v", receipt)
	}
	as(ada).puts("Photos", "2026/later.jpg", "later")
	as(bob).until("the space has ended", func() bool {
		as(bob).do(&spaces, "space", "list")
		return spaces[0].Ended
	})
	as(bob).cannotRead("Photos", "2026/later.jpg")
	as(bob).reads("Photos", "2026/beach.jpg", "the beach") // what was downloaded stays
	as(ada).fail(1, node.CodeNotFound, "", "revoke", id)
	for _, a := range []*actor{ada, bob} {
		if log := as(a).says("activity"); !strings.Contains(log, "Photos/2026") {
			t.Errorf("%s's log says nothing of it:\n%s", a.name, log)
		}
	}
}

// bytesOf is an answer as it came, for keys that structs don't show.
func (a *actor) bytesOf(args ...string) []map[string]json.RawMessage {
	a.Helper()
	out, err := a.at.Raw(a.ctx, nil, append([]string{"--json"}, args...)...)
	a.must(err)
	var all []map[string]json.RawMessage
	a.must(json.NewDecoder(bytes.NewReader(out)).Decode(&all))
	return all
}

// keysOf checks names that others build on.
func keysOf(t *testing.T, what string, got map[string]json.RawMessage, want ...string) {
	t.Helper()
	for _, name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s has no %q: %v", what, name, got)
		}
	}
}
