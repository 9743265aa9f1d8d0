package mdn_test

import (
	"context"
	"time"

	"meadow/core/willow"
)

// adopter is a device's mdn.Adopter; it leaves what left names.
type adopter struct{ *device }

func (a adopter) Adopt(ctx context.Context, ns willow.NamespaceID, doomed func([]byte) bool, until time.Time) (int, error) {
	return a.adopt(ctx, ns, doomed, until)
}

func (a adopter) Left(context.Context, willow.NamespaceID, func([]byte) bool, time.Time) ([]string, error) {
	return a.left, nil
}

// adopt does with the entries that write makes what package tree does with files.
func (d *device) adopt(ctx context.Context, ns willow.NamespaceID, doomed func([]byte) bool, until time.Time) (adopted int, err error) {
	area := willow.Area{AnySubspace: true, Path: willow.MustPath("files"), Times: willow.AllTimes}
	type place struct {
		ss willow.SubspaceID
		p  willow.Path
	}
	newest := map[place]willow.Authorised{}
	note := func(e willow.Authorised) {
		late := !until.IsZero() && e.Entry.Timestamp >= willow.TimestampOf(until)
		at := place{e.Entry.Subspace, e.Entry.Path}
		old, ok := newest[at]
		if len(e.Entry.Path.Components()) > 1 && !(late && doomed(e.Token.Capability)) && (!ok || e.Entry.Compare(old.Entry) > 0) {
			newest[at] = e
		}
	}
	for e, err := range d.config.Entries.Area(ctx, ns, area) {
		if err != nil {
			return adopted, err
		}
		note(e)
	}
	for e, err := range d.config.Entries.History(ctx, ns, area, false) {
		if err != nil {
			return adopted, err
		}
		if !until.IsZero() {
			note(e.Authorised)
		}
	}
	for _, e := range newest {
		if !doomed(e.Token.Capability) {
			continue
		}
		e.Entry.Timestamp += 2
		again, err := d.Sign(ctx, e.Entry)
		if err != nil {
			return adopted, err
		}
		if _, err := d.config.Entries.Insert(ctx, 0, []willow.Incoming{{Authorised: again}}); err != nil {
			return adopted, err
		}
		adopted++
	}
	return adopted, nil
}
