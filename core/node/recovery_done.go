package node

import (
	"context"
	"encoding/json"
	"slices"

	"meadow/core/mdn"
)

// finish takes the account over. The keys stay until it is noted that it was done.
func (r *recovery) finish(ctx context.Context, k mdn.Keys) error {
	n := r.n
	if r.founded == nil {
		if err := r.found(ctx, k); err != nil {
			return err
		}
	}
	record, err := r.noteDone(ctx)
	if err != nil {
		return err
	}
	n.spaces.reread()
	n.nearby.Refresh()
	n.peers.kick()
	n.bus.emit("recovered", "account", n.account.Name(), "custodian", n.account.Custodian().String(),
		"spaces", len(n.account.AllSpaces()), "adopted", record.Adopted,
		"left_out", append([]string{}, record.LeftOut...), "not_found", append([]string{}, record.NotFound...))
	return nil
}

// found begins the new epochs, and leaves in r.founded what is to be noted.
func (r *recovery) found(ctx context.Context, k mdn.Keys) error {
	n := r.n
	r.mu.Lock()
	record := *r.record
	r.mu.Unlock()
	var o mdn.RefoundOptions
	record.NotFound, record.LeftOut = nil, nil
	for _, name := range record.Keep {
		d, err := n.findDevice(name)
		if err != nil || d.Self {
			record.NotFound = append(record.NotFound, name)
			continue
		}
		o.Keep = append(o.Keep, d.Receiver)
	}
	for _, d := range n.account.Devices() {
		if !d.Self && !slices.Contains(o.Keep, d.Receiver) {
			record.LeftOut = append(record.LeftOut, d.Name)
		}
	}
	if record.Stolen != nil {
		o.Since = *record.Stolen
	}
	adopted, err := n.account.Refound(ctx, k, r.namespaces(), o)
	if err != nil {
		return err
	}
	now := n.cfg.Now().UTC()
	record.Done, record.Adopted = &now, adopted
	r.founded = &record
	return nil
}

// noteDone notes that the account was taken over, and drops the keys.
func (r *recovery) noteDone(ctx context.Context) (recoveryRecord, error) {
	record := *r.founded
	b, err := json.Marshal(record)
	if err != nil {
		return record, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.n.cfg.Local.PutValues(ctx, map[string][]byte{keyRecovery: b}); err != nil {
		return record, err
	}
	r.record = &record
	if err := r.dropKeys(); err != nil {
		r.n.log.Warn("The words' keys weren't dropped", "error", err)
	}
	return record, nil
}
