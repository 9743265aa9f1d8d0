package main

import (
	"context"
	"errors"
	"log/slog"

	"meadow/core/key"
	"meadow/core/node"
)

// maker makes a home, or changes nothing.
type maker struct {
	home   node.Home
	log    *slog.Logger
	locked bool // the caller has locked the home
}

// account makes a home with a new account. Keep gets its words before anything is
// final, and there is no home if it fails.
func (m maker) account(ctx context.Context, account, device string, keep func(words string) error) error {
	var words string
	return m.setup(ctx, func(cfg node.Config) (err error) {
		words, err = node.Create(ctx, cfg, account, device)
		return err
	}, func() error { return keep(words) })
}

// joining makes a home that will join an account.
func (m maker) joining(ctx context.Context, device string) error {
	return m.setup(ctx, func(cfg node.Config) error { return node.CreateJoining(ctx, cfg, device) }, func() error { return nil })
}

// rejoining makes the home of a device that was removed one that can join again, under
// a new name if one is given.
func (m maker) rejoining(ctx context.Context, device string) error {
	d, err := m.home.Device()
	if err != nil {
		return err
	}
	unlock, err := m.home.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	cfg, db, err := open(ctx, m.home, d, m.log, nil)
	if err != nil {
		return err
	}
	return errors.Join(node.Rejoin(ctx, cfg, device), db.Close())
}

// recoverOptions are the choices of recover.
type recoverOptions struct {
	Words  string // as somebody has typed them
	Device string
	node.RecoverOptions
}

// recover makes a home of the account that words belong to, and returns its
// custodian id. Wrong words leave nothing behind.
func (m maker) recover(ctx context.Context, o recoverOptions) (custodian string, err error) {
	w, err := node.ReadWords(o.Words)
	if err != nil {
		return "", err
	}
	err = m.setup(ctx, func(cfg node.Config) (err error) {
		custodian, err = node.Recover(ctx, cfg, w, o.Device, o.RecoverOptions)
		return err
	}, func() error { return nil })
	return custodian, err
}

func (m maker) setup(ctx context.Context, fill func(node.Config) error, keep func() error) error {
	setup := m.home.Setup
	if m.locked {
		setup = m.home.SetupLocked
	}
	err := setup(func(staged node.Home, d key.Device) error {
		cfg, db, err := open(ctx, staged, d, m.log, nil)
		if err != nil {
			return err
		}
		defer db.Close()
		return fill(cfg)
	}, keep)
	if err == nil {
		return nil
	}
	if e := node.AsError(err); e.Code == node.CodeFull {
		return &node.Error{Code: e.Code, Message: e.Message, Hint: "free some space there and try again; no home was made"}
	}
	return err
}
