package main

import (
	"errors"
	"fmt"
	"time"

	"meadow/core/node"
	"meadow/storage"
)

// databaseError says in a user's words why the database wasn't opened.
func databaseError(err error) error {
	var full *storage.RoomError
	switch {
	case errors.Is(err, storage.ErrNewer):
		return &node.Error{
			Code: node.CodeNewer, Message: fmt.Sprintf("%v; it was not touched", errors.Unwrap(err)), // without its path
			Hint: "update Meadow on this device",
		}
	case errors.As(err, &full):
		return &node.Error{
			Code: node.CodeFull, Message: fmt.Sprintf("%v; it was not touched", full),
			Hint: fmt.Sprintf("free %s on the disk of %s; Meadow goes on by itself", size(full.Need-full.Free), full.Dir),
		}
	}
	return err
}

// showMigration returns what shows how far the migration of the database is: an
// event a second, before the one that says that the node is ready, if it takes
// longer than that.
func showMigration(o *output) func(storage.Migration) {
	return func(m storage.Migration) {
		e := node.Event{Name: "migrating", Time: node.Time{Time: time.Now()}, Fields: map[string]any{
			"from": m.From, "to": m.To, "step": string(m.Step), "done": m.Done, "total": m.Total,
		}}
		_ = o.event(e, func(node.Event) string { return migrationLine(m) }) // a reader that is gone is told so later
	}
}

func migrationLine(m storage.Migration) string {
	if m.Step == storage.Copying {
		return fmt.Sprintf("Keeping a copy of the database before it is changed: %s of about %s.", size(m.Done), size(m.Total))
	}
	return fmt.Sprintf("Changing the database to version %d: step %d of %d.", m.To, m.Done+1, m.Total)
}
