package mdn

import (
	"maps"
	"slices"

	"meadow/core/willow"
)

// Subscribe calls fn after interests or statements of a namespace changed, or
// records that this package reads. fn must neither block nor change the account.
func (a *Account) Subscribe(fn func(ns willow.NamespaceID)) (cancel func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := a.next
	a.next++
	a.subscribers[id] = fn
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.subscribers, id)
	}
}

func (a *Account) notify(all ...willow.NamespaceID) {
	a.mu.Lock()
	fns := slices.Collect(maps.Values(a.subscribers))
	a.mu.Unlock()
	for _, fn := range fns {
		for _, ns := range all {
			fn(ns)
		}
	}
}
