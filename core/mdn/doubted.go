package mdn

import (
	"context"
	"fmt"

	"meadow/core/key"
	"meadow/core/willow"
)

// readDoubted notes which devices persons' identity spaces listed by a chain that has
// died, if nobody has removed the devices themselves: who had listed them was removed,
// and the record by who vouches for them is on its way. It comes from these devices,
// so the identity is exchanged with them, and nothing else.
func (a *Account) readDoubted(ctx context.Context, v *view) error {
	v.doubted = map[key.Endpoint]willow.NamespaceID{}
	for i := range v.people {
		who := v.people[i].Custodian
		lost, err := a.unreplaced(ctx, who, nil)
		if err != nil {
			return fmt.Errorf("read whose devices are in doubt: %w", err)
		}
		for _, e := range lost {
			keys, ok := pathKeys(e.Entry.Path, 1)
			if !ok || !devicesPath.IsPrefixOf(e.Entry.Path) || e.Entry.PayloadLength == 0 || v.set(who).Removed(keys[0]) {
				continue
			}
			if _, known := v.owners[keys[0]]; !known {
				v.doubted[keys[0]] = who
			}
		}
	}
	return nil
}
