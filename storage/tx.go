package storage

import "meadow/core/willow"

// writeTx is what a write does its work with: a savepoint in the writer's
// transaction. Statements are compiled once for each text, so texts should be
// constants. It is used on the writer's goroutine only, until fn returns.
//
// What the write changes for subscribers of willow.Store goes into change; it
// is told after the commit, and not at all if the write is undone.
type writeTx struct {
	*conn
	w       *writer
	changes []willow.Change
	spaces  map[willow.NamespaceID]*space // of this write
	origin  willow.Origin                 // of what is inserted
	awaited []*pruning                    // what the caller waits for after the commit
}

// change returns the news of this write about a namespace, to add to.
func (tx *writeTx) change(ns willow.NamespaceID) *willow.Change {
	for i := range tx.changes {
		if tx.changes[i].Namespace == ns {
			return &tx.changes[i]
		}
	}
	tx.changes = append(tx.changes, willow.Change{Namespace: ns})
	return &tx.changes[len(tx.changes)-1]
}
