package node

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"meadow/core/mdn"
)

// RecoveryNow doesn't wait for what other devices still have: the account is taken
// over with what is here.
func (n *Node) RecoveryNow(ctx context.Context) (Recovery, error) {
	r := n.recovery
	if _, ok := r.working(); !ok {
		return Recovery{}, fail(CodeNotFound, "see `meadow status`", "no account is being recovered here")
	}
	if !r.anything() {
		return Recovery{}, fail(CodeNotHere, "start a device of the account, on this network or at an address for --from",
			"nothing of the account has been found yet; nothing was changed")
	}
	r.mu.Lock()
	r.now = true
	r.mu.Unlock()
	r.wake.kick()
	for next := 0; ; {
		_, end, more := n.bus.since(next)
		if _, ok := r.working(); !ok {
			return *n.recoveryState(ctx), nil
		}
		next = end
		select {
		case <-more:
		case <-n.stopping:
			return Recovery{}, stopped()
		case <-ctx.Done():
			return Recovery{}, ctx.Err()
		}
	}
}

// RecoveryWords gives the words again, whose keys were kept for thirty days only.
func (n *Node) RecoveryWords(ctx context.Context, text string, o RecoverOptions) (Recovery, error) {
	w, err := ReadWords(text)
	if err != nil {
		return Recovery{}, err
	}
	if err := n.recovery.goOn(ctx, w, o); err != nil {
		return Recovery{}, err
	}
	n.recovery.wake.kick()
	return *n.recoveryState(ctx), nil
}

// goOn keeps the keys of words again.
func (r *recovery) goOn(ctx context.Context, w mdn.Words, o RecoverOptions) error {
	n := r.n
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record == nil || r.record.Done != nil {
		return fail(CodeAlreadyInitialised, "use another --home for another account",
			"%s is a Meadow home already, and isn't being recovered; nothing was changed", n.cfg.Home.Dir)
	}
	k, err := w.Keys()
	if err != nil {
		return err
	}
	if !k.Of(n.account) {
		return fail(CodeWords, "use another --home for another account",
			"these are the words of another account than the one that is being recovered here; nothing was changed")
	}
	record := *r.record
	record.Since = n.cfg.Now().UTC()
	if o.From != "" {
		record.From = o.From
	}
	if o.Since != nil {
		record.Stolen = o.Since
	}
	if len(o.Keep) > 0 {
		record.Keep = o.Keep
	}
	b, err := json.Marshal(record)
	if err == nil {
		err = n.cfg.Home.keepRecovery(k)
	}
	if err == nil {
		err = n.cfg.Local.PutValues(ctx, map[string][]byte{keyRecovery: b})
	}
	if err != nil {
		return err
	}
	r.record, r.keys = &record, &k
	return nil
}

// recoveryState says how far a recovery is; nil if there is none, or it was done
// long ago.
func (n *Node) recoveryState(ctx context.Context) *Recovery {
	return n.recovery.state(ctx)
}

// recoveryTold is how long it is said that a recovery is done.
const recoveryTold = 7 * 24 * time.Hour

// state reads much of the store, so nothing is locked meanwhile.
func (r *recovery) state(ctx context.Context) *Recovery {
	rec, keys := r.copied()
	if rec == nil {
		return nil
	}
	n := r.n
	s := &Recovery{
		Since: Time{rec.Since}, Until: Time{rec.Since.Add(recoveryKept)}, From: rec.From, Adopted: rec.Adopted,
		Keep: append([]string{}, rec.Keep...), NotFound: append([]string{}, rec.NotFound...),
		LeftOut: append([]string{}, rec.LeftOut...), Devices: []string{}, Spaces: len(n.account.AllSpaces()),
	}
	for _, d := range n.account.Devices() {
		if !d.Self && n.peers.online(d.Endpoint) != nil {
			s.Devices = append(s.Devices, d.Name)
		}
	}
	switch {
	case rec.Done != nil && n.cfg.Now().Sub(*rec.Done) > recoveryTold:
		return nil
	case rec.Done != nil:
		s.State, s.Says = RecoveryDone, fmt.Sprintf("the account %s is back, with %s", n.account.Name(), countSpaces(s.Spaces))
	case !keys:
		s.State, s.Says = RecoveryWords, "your account is back, your data is not: nothing of it was found, and the words are needed to look on"
	case !r.anything():
		s.State, s.Says = RecoverySearching, "your account is back, your data is not: no device that has it was found yet"
	default:
		s.State = RecoveryFetching
		s.Missing = int64(r.bytesMissing(ctx))
		s.Says = fmt.Sprintf("your account was found, with %s; what is there is being fetched", countSpaces(s.Spaces))
	}
	return s
}

func countSpaces(n int) string {
	if n == 1 {
		return "1 space"
	}
	return fmt.Sprintf("%d spaces", n)
}

// Codes of notices about recoveries.
const (
	NoticeRecovery = "recovery" // the account is being recovered on this device
	NoticeEpochs   = "epochs"   // the words were used twice at one time
)

// recoveryNotices tells of a recovery that isn't done, and of one that was done
// twice at a time.
func (n *Node) recoveryNotices(ctx context.Context) (list []Notice) {
	if s := n.recoveryState(ctx); s != nil && s.State != RecoveryDone {
		hint := "start a device of the account on this network, or give the address of one to `meadow recover`; keep the others that you trust switched on"
		switch s.State {
		case RecoveryFetching:
			hint = "keep the devices that have your data switched on; `meadow recover --finish` doesn't wait for the rest"
		case RecoveryWords:
			hint = "run `meadow recover` with the words again"
		}
		list = append(list, Notice{Code: NoticeRecovery, Message: s.Says, Hint: hint})
	}
	if ns := n.account.Conflicts(); len(ns) > 0 {
		what := n.spaces.name(ns[0])
		if ns[0] == n.account.Identity() || ns[0] == n.account.Home() {
			what = "the account itself"
		}
		list = append(list, Notice{
			Code: NoticeEpochs,
			Message: fmt.Sprintf("the account was recovered with its words on two devices at once: they contradict each other, and %s isn't synced",
				what),
			Hint: "decide on one of the two devices and run `meadow recover` with the words once more, in a new home there",
		})
	}
	return list
}
