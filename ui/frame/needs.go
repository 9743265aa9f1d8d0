package frame

import (
	"meadow/core/node"
)

// Need is something that waits for somebody to decide or do it. Which of its fields
// are set follows from its kind.
type Need struct {
	Kind    NeedKind
	Space   node.Space // its ID is empty if it is about no space
	Device  node.Device
	Hold    node.Hold
	Trouble node.Trouble
	Notice  node.Notice
}

// NeedKind says what is asked.
type NeedKind string

// The kinds, in the order in which they matter.
const (
	NeedTrouble    NeedKind = "trouble"    // something can't be stored or read: Trouble, maybe Space
	NeedNotice     NeedKind = "notice"     // this device is out, or there is a copy of it: Notice
	NeedHold       NeedKind = "hold"       // removals wait: Hold, Space
	NeedConflicts  NeedKind = "conflicts"  // files changed on two devices at once: Space
	NeedEnded      NeedKind = "ended"      // what is saved in the folder goes nowhere: Space
	NeedUnwritable NeedKind = "unwritable" // the folder can't hold something: Space
	NeedUnanswered NeedKind = "unanswered" // let in, and never heard of: Device
	NeedDevice     NeedKind = "device"     // a device that can't be synced with as it is: Device, Notice
)

// Wants lists what waits for somebody, what matters most first.
func (n *Now) Wants() []Need {
	var needs []Need
	for _, t := range n.Status.Trouble {
		a := Need{Kind: NeedTrouble, Trouble: t}
		if t.Space != nil {
			a.Space = n.named(*t.Space)
		}
		needs = append(needs, a)
	}
	for _, notice := range n.Status.Notices {
		if notice.Code == node.NoticeRemoved || notice.Code == node.NoticeClone {
			needs = append(needs, Need{Kind: NeedNotice, Notice: notice})
		}
	}
	for _, h := range n.Holds {
		needs = append(needs, Need{Kind: NeedHold, Hold: h, Space: n.named(h.Space)})
	}
	for _, is := range []struct {
		kind NeedKind
		of   func(node.Space) bool
	}{
		{NeedConflicts, func(s node.Space) bool { return s.Conflicts > 0 }},
		{NeedEnded, func(s node.Space) bool { return s.Ended && s.Folder != nil }},
		{NeedUnwritable, func(s node.Space) bool { return s.Unwritable > 0 }},
	} {
		for _, s := range n.Status.Spaces {
			if is.of(s) {
				needs = append(needs, Need{Kind: is.kind, Space: s})
			}
		}
	}
	return append(needs, n.deviceNeeds()...)
}

func (n *Now) deviceNeeds() (needs []Need) {
	for _, d := range n.Status.Devices {
		switch {
		case d.Unanswered:
			needs = append(needs, Need{Kind: NeedUnanswered, Device: d})
		case d.Notice != nil && (d.Notice.Code == node.NoticeClone || d.Notice.Code == node.NoticeProtocol):
			needs = append(needs, Need{Kind: NeedDevice, Device: d, Notice: *d.Notice})
		}
	}
	return needs
}

// named returns the space of a name.
func (n *Now) named(name string) node.Space {
	for _, s := range n.Status.Spaces {
		if s.Name == name {
			return s
		}
	}
	return node.Space{Name: name}
}

// Needs counts what waits for somebody to decide or do something.
func (n *Now) Needs() int { return len(n.Wants()) }
