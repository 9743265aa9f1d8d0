package scene

import (
	"context"

	"meadow/core/node"
	"meadow/ui/settings"
)

// Settings implements settings.Node.
func (n *Node) Settings(_ context.Context, c node.SettingsChange) (node.Settings, error) {
	if n.Set.HistoryDays == 0 {
		n.Set = node.Settings{HistoryDays: 90, CopyLimit: 64 << 20, LimitOut: 2_000_000}
		for _, s := range n.State.Spaces {
			n.Set.HistoryBytes += s.HistoryBytes
		}
	}
	set := n.Set
	for to, from := range map[*int64]*int64{&set.CopyLimit: c.CopyLimit, &set.LimitIn: c.LimitIn, &set.LimitOut: c.LimitOut} {
		if from != nil {
			*to = *from
		}
	}
	if c.LimitLAN != nil {
		set.LimitLAN = *c.LimitLAN
	}
	if c.HistoryDays != nil {
		if set.HistoryDays = *c.HistoryDays; set.HistoryDays < n.Set.HistoryDays {
			set.Frees = set.HistoryBytes / 3
		}
	}
	if !c.DryRun {
		n.Set = set
	}
	return set, nil
}

// CheckWords implements settings.Node: the account's words are "right" 24 times.
func (n *Node) CheckWords(_ context.Context, words string) (node.WordsCheck, error) {
	list := node.SplitWords(words)
	c := node.WordsCheck{Count: len(list)}
	if len(list) != 24 {
		c.Reason = node.WordsCount
		return c, nil
	}
	for i, w := range list {
		if w != "right" {
			c.Reason, c.Word = node.WordsUnknown, node.Count(i+1)
			return c, nil
		}
	}
	c.Right = true
	n.State.WordsChecked = ptr(at(0))
	return c, nil
}

// Computer is one that Meadow may start with, for settings.
type Computer struct{ Login bool }

// AtLogin implements settings.Host.
func (h *Computer) AtLogin() (bool, error) { return h.Login, nil }

// SetAtLogin implements settings.Host.
func (h *Computer) SetAtLogin(on bool) error {
	h.Login = on
	return nil
}

// About implements settings.Host.
func (h *Computer) About() settings.About {
	return settings.About{Home: "/home/anna/.local/share/meadow", Log: "/home/anna/.local/share/meadow/logs/meadow.log"}
}
