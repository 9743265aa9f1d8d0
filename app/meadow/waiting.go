package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"meadow/core/control"
	"meadow/core/node"
)

// openAgain is how often a home is tried that has no room to be opened.
const openAgain = 3 * time.Second

// waitForRoom opens a home, however long that takes on a full disk: a machine that
// starts with one isn't left without Meadow. Meanwhile every command is answered
// with what is lacking. Any other failure is returned.
func (r *running) waitForRoom(ctx context.Context, o *output, open func() error) error {
	err := open()
	lacks := lacksRoom(err)
	if lacks == nil {
		return err
	}
	var last atomic.Pointer[node.Error]
	last.Store(lacks)
	defer r.refuse(ctx, last.Load)()
	for said := ""; lacks != nil; lacks = lacksRoom(err) {
		last.Store(lacks)
		if lacks.Message != said {
			said = lacks.Message
			if err := o.event(waitingEvent(lacks), printWaiting); err != nil {
				return err
			}
		}
		timer := time.NewTimer(openAgain)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		err = open()
	}
	return err
}

// refuse answers commands until stop is called. Where there isn't room for a socket
// either they find nobody.
func (r *running) refuse(ctx context.Context, why func() *node.Error) (stop func()) {
	server, err := control.Listen(r.home, r.log, r.program)
	if err != nil {
		r.log.Warn("Commands can't be answered yet", "error", err)
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Refuse(ctx, why); err != nil {
			r.log.Warn("Commands aren't answered", "error", err)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// lacksRoom returns what is to be said of a full disk, nil if a failure is about
// anything else, or there is none.
func lacksRoom(err error) *node.Error {
	if err == nil {
		return nil
	}
	e := *node.AsError(err)
	if e.Code != node.CodeFull {
		return nil
	}
	e.Message = "Meadow waits to start: " + e.Message
	return &e
}

func waitingEvent(e *node.Error) node.Event {
	return node.Event{Name: "waiting", Time: node.Time{Time: time.Now()}, Fields: map[string]any{
		"code": e.Code, "reason": e.Message, "hint": e.Hint,
	}}
}

func printWaiting(e node.Event) string {
	return fmt.Sprintf("%v; %v.", e.Fields["reason"], e.Fields["hint"])
}
