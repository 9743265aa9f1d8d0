package mdn

import (
	"meadow/core/key"
	"meadow/core/meadowcap"
)

// shown returns the capability that this device shows of a namespace: the one that
// it reads by, or one that has died because a device was removed, or in a new
// epoch. With that it gets nothing but statements: an epoch may bring it back, and
// it has to hear of that. What was withdrawn is over.
func (v *view) shown(ns [key.Size]byte) *meadowcap.Capability {
	if c := v.read(ns); c != nil {
		return c
	}
	for _, c := range v.caps[ns].read {
		if !v.set(ns).withdrawnFrom(c) {
			return c
		}
	}
	return nil
}

// withdrawnFrom reports whether a chain is dead because a handover in it was
// withdrawn.
func (s *Set) withdrawnFrom(c *meadowcap.Capability) bool {
	for st := range s.against(c) {
		if st.Kind() == KindWithdraw {
			return true
		}
	}
	return false
}

// out reports whether this device isn't one of the account any more since the
// account was recovered: no chain of it begins in the identity space's epoch.
func (v *view) out() bool {
	set := v.set(v.identity)
	if !v.paired() || set.epoch == 0 {
		return false
	}
	for _, c := range v.caps[v.identity].read {
		if set.begins(c) {
			return false
		}
	}
	return true
}

// cutOff reports whether this device has been removed from the account, or left
// behind when it was recovered.
func (v *view) cutOff(self key.Receiver) bool { return v.removed(self) || v.out() }
