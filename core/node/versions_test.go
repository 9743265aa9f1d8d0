package node

import (
	"strings"
	"testing"

	"meadow/core/consync"
)

// TestOtherVersions pairs a node with one that greets as an older or a newer
// version does: they sync, and people are told what to update.
func TestOtherVersions(t *testing.T) {
	for name, c := range map[string]struct {
		speak      func(*hello)
		code, hint string
		version    string
	}{
		"the first release": {
			func(h *hello) { h.about = about{} }, NoticeOlder, "update Meadow on desk", "test",
		},
		"a later one": {
			func(h *hello) {
				h.Protocol = consync.Minor + 1
				if h.Version != "" {
					h.Version = "2.0"
				}
			}, NoticeNewer, "update Meadow on this device", "2.0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			laptop, desk := alone(t), fresh(t, "", "desk")
			desk.speak = c.speak
			desk.start()
			pair(t, laptop, desk)
			_, err := laptop.SpaceCreate(t.Context(), "Notes")
			must(t, err)
			laptop.put("Notes", "a", "1")
			laptop.inStep("desk")
			desk.put("Notes", "b", "2")
			desk.inStep("laptop")
			laptop.until("the notice", func() bool { return laptop.noticed("desk") == c.code })
			check := func() {
				t.Helper()
				list, err := laptop.DeviceList(t.Context())
				must(t, err)
				d := list[1]
				if d.Notice == nil || d.Notice.Hint != c.hint || d.Version == nil || *d.Version != c.version {
					t.Errorf("desk is %+v, notice %+v", d, d.Notice)
				}
				if s, err := laptop.Status(t.Context()); err != nil || s.State == "attention" {
					t.Errorf("state %s, %v", s.State, err)
				}
			}
			check()
			laptop.until("the event", func() bool {
				events, _, _ := laptop.bus.since(0)
				for _, e := range events {
					if e.Name == "notice" && e.Fields["hint"] == c.hint && e.Fields["device"] == "desk" {
						return true
					}
				}
				return false
			})
			desk.close()
			laptop.again()
			check()
			desk.speak = nil // it was updated
			desk.start()
			laptop.until("the end of the notice", func() bool { return laptop.noticed("desk") == "" })
		})
	}
}

// TestNoCommonProtocol: a device of a time when the protocol has another name.
func TestNoCommonProtocol(t *testing.T) {
	laptop, desk := paired(t)
	laptop.inStep("desk")
	desk.close()
	laptop.peers.unspoken(desk.key(), true)
	laptop.until("the notice", func() bool { return laptop.noticed("desk") == NoticeProtocol })
	desk.start()
	laptop.until("the end of the notice", func() bool { return laptop.noticed("desk") == "" })
}

// TestUnknownInHello: what a later version says in its hello is passed over.
func TestUnknownInHello(t *testing.T) {
	h := readHello([]byte(`{"version":"9","features":["x"],"protocol":4,"runs":"2.AQIDBAUGAQIDBAUG","later":{"a":[1]}}`))
	if h.Version != "9" || h.Protocol != 4 || h.Runs == nil || h.Runs.last != 2 {
		t.Errorf("read %+v", h)
	}
	if h := readHello([]byte(`{"version":"9","runs":"` + strings.Repeat("9", 30) + `"}`)); h.Version != "" {
		t.Errorf("read %+v of what can't be read", h)
	}
}
