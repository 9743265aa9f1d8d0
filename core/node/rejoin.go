package node

import (
	"context"
	"errors"
	"os"

	"meadow/core/key"
	"meadow/core/mdn"
)

// Rejoin makes the home of a device that was removed from its account, or left
// behind when that was recovered, one that can join again: under a new key, since
// the old one is out for ever, and with all that it has. The caller has locked the
// home, and closes the database. It gets a new name if one is given. Nothing is changed
// if the device belongs to an account.
func Rejoin(ctx context.Context, cfg Config, device string) error {
	err := withAccount(ctx, cfg, func(a *mdn.Account) error {
		if !a.Paired() {
			return mdn.ErrMember
		}
		return a.Leave(ctx)
	})
	if errors.Is(err, mdn.ErrMember) {
		return fail(CodeAlreadyInitialised, "use another --home for another account",
			"%s is a Meadow home already; nothing was changed", cfg.Home.Dir)
	}
	if err != nil {
		return err
	}
	values := map[string][]byte{keyRuns: nil, keyTwin: nil, keyRecovery: nil}
	if device != "" {
		values[keyDeviceName] = []byte(device)
	}
	if err := cfg.Local.PutValues(ctx, values); err != nil {
		return err
	}
	if err := cfg.Home.dropRecovery(); err != nil {
		return err
	}
	return cfg.Home.replaceKey(key.NewDevice())
}

// replaceKey gives a home another device key.
func (h Home) replaceKey(d key.Device) error {
	fresh := h.keyFile() + ".new"
	_ = os.Remove(fresh)
	err := writeKey(fresh, d)
	if err == nil {
		err = os.Rename(fresh, h.keyFile())
	}
	if err != nil {
		return fail(CodeIO, "check that the folder can be written", "can't write the new device key: %v", err)
	}
	return syncDir(h.Dir)
}
