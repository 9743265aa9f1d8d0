package settings

import (
	"cmp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/words"
)

// choice is one of several values, as it reads.
type choice[T comparable] struct {
	value T
	text  string
}

// choices are values to choose from; one that is set and isn't among them is added
// where it belongs.
func choices[T cmp.Ordered](set T, read func(T) string, offered ...T) (all []choice[T]) {
	if !slices.Contains(offered, set) {
		i, _ := slices.BinarySearch(offered[1:], set) // the first may stand for none
		offered = slices.Insert(slices.Clone(offered), i+1, set)
	}
	for _, v := range offered {
		all = append(all, choice[T]{v, read(v)})
	}
	return all
}

// texts are what choices read, and what one of them reads.
func texts[T comparable](all []choice[T], set T) (list []string, now string) {
	for _, c := range all {
		list = append(list, c.text)
		if c.value == set {
			now = c.text
		}
	}
	return list, now
}

// valueOf is what was chosen.
func valueOf[T comparable](all []choice[T], text string) (v T, ok bool) {
	for _, c := range all {
		if c.text == text {
			return c.value, true
		}
	}
	return v, false
}

// rates are the limits to choose from, in bytes a second; 0 is none.
func rates(set int64) []choice[int64] {
	return choices(set, func(v int64) string {
		if v == 0 {
			return words.L("No limit")
		}
		return words.Rate(v)
	}, 0, 128_000, 256_000, 512_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000)
}

// days are for how long history can be kept.
func days(set int) []choice[int] {
	return choices(set, func(v int) string { return words.N("{{.Count}} day", "{{.Count}} days", int64(v)) }, 1, 7, 30, 90, 180, 365)
}

// copyLimits are up to which size files are copied for history.
func copyLimits(set int64) []choice[int64] {
	return choices(set, func(v int64) string {
		if v == 0 {
			return words.L("Never copied")
		}
		return words.L("Up to {{.Size}}", "Size", words.Size(v))
	}, 0, 1_000_000, 16_000_000, 64<<20, 256_000_000, 1_000_000_000, 8_000_000_000)
}

// scales are the sizes of text.
func scales(set float64) []choice[float64] {
	return choices(set, func(v float64) string {
		if v == 1 {
			return words.L("Usual")
		}
		return strconv.FormatFloat(v*100, 'f', 0, 64) + " %"
	}, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2)
}

// frees says what history of fewer days does, before it is done.
func frees(s node.Settings) string {
	kept := words.N("Older versions and removed files are kept for {{.Count}} day then, on all your devices.",
		"Older versions and removed files are kept for {{.Count}} days then, on all your devices.", int64(s.HistoryDays))
	if s.Frees == 0 {
		return kept + " " + words.L("Nothing that is kept here is that old.")
	}
	return kept + " " + words.L("This frees {{.Size}} here, and can't be taken back.", "Size", words.Size(s.Frees))
}

// spaceUsed is what is in the spaces on this device, what is attached, and how many.
func spaceUsed(now *frame.Now) (bytes int64, attached []node.Space) {
	for _, s := range now.Status.Spaces {
		bytes += s.Bytes - min(s.MissingBytes, s.Bytes)
		if s.Folder != nil {
			attached = append(attached, s)
		}
	}
	return bytes, attached
}

// checked says when the words were last right.
func checked(now *frame.Now) string {
	if now == nil || now.Status.WordsChecked == nil {
		return words.L("They have never been checked on this device.")
	}
	return words.L("Last right on this device: {{.Ago}}.", "Ago", words.Ago(now.Status.WordsChecked.Time, now.At))
}

// judged says how the words that were typed are.
func judged(c node.WordsCheck) string {
	if c.Right {
		return words.L("Right: with these words your account comes back if all your devices are lost.")
	}
	switch string(c.Reason) {
	case node.WordsUnknown:
		return words.L("Word {{.Number}} can't be one of them. Look at its letters again.", "Number", words.Number(int64(c.Word)))
	case node.WordsCount:
		return words.N("That is {{.Count}} word; there are 24.", "Those are {{.Count}} words; there are 24.", int64(c.Count))
	case node.WordsOrder:
		return words.L("One of them is another one, or two have changed places.")
	}
	return words.L("These are the words of another account.")
}

// module is a library that Meadow is made with.
type module struct{ name, version string }

// modules are what this program is made with, as it was built.
func modules() (all []module) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, m := range info.Deps {
		all = append(all, module{m.Path, strings.TrimSuffix(m.Version, "+incompatible")})
	}
	return all
}

// shortcut is what keys do.
type shortcut struct{ keys, does string }

// shortcuts are the keys that do something wherever one is; mod is the name of the
// key that goes with letters.
func shortcuts(mod string) []shortcut {
	return []shortcut{
		{mod + "+1", words.L("Home")},
		{mod + "+2", words.L("Devices")},
		{mod + "+3", words.L("People")},
		{mod + "+4", words.L("Access")},
		{mod + "+5", words.L("Transfers")},
		{mod + "+6", words.L("Activity")},
		{mod + "+7", words.L("Settings")},
		{mod + "+N", words.L("New space")},
		{mod + "+D", words.L("Add a device")},
		{mod + "+F", words.L("Find")},
		{mod + "+L", words.L("Open a link to a file or folder")},
		{words.L("Esc"), words.L("Close what is open, or go a step back")},
		{words.L("Tab"), words.L("Go to the next field or button")},
		{mod + "+W", words.L("Close the window; Meadow goes on")},
		{mod + "+Q", words.L("Quit Meadow; nothing is synced until it runs again")},
	}
}
