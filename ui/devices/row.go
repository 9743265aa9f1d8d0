// Package devices is the screen of the account's devices, and the words for a device that
// other screens show too.
package devices

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Row is a device as a line of a list: how it is connected, and whether it is in
// step or how many bytes are still to come from it or go to it, if that is known.
func Row(d node.Device, now time.Time, toGo int64) look.RowData {
	row := look.RowData{Icon: icon(d), Chip: true, Title: words.Shown(d.Name), Subtitle: about(d, now), Faint: !d.Online}
	if d.Online {
		row.Tone = look.ToneGood
	}
	if d.Self {
		row.Marks = []look.Mark{{Tone: look.ToneInfo, Text: words.L("This device")}}
		return row
	}
	if mark, ok := warning(d); ok {
		row.Marks = append(row.Marks, mark)
	}
	if !d.Online {
		row.Marks = append(row.Marks, look.Mark{Tone: look.ToneMuted, Icon: look.IconOffline, Text: words.L("Offline")})
		return row
	}
	row.Marks = append(row.Marks, path(d), step(d, toGo))
	return row
}

func icon(d node.Device) fyne.ThemeIconName { return look.DeviceIconName(d.Name, d.Platform) }

// Compact is a device as a line where there is less room: one badge, and the rest of
// its state below its name.
func Compact(d node.Device, now time.Time, toGo int64) look.RowData {
	row := Row(d, now, toGo)
	parts := []string{}
	switch {
	case d.Self:
	case d.Online:
		parts = append(parts, path(d).Text)
	case d.Unanswered:
		parts = append(parts, words.L("Let in, and never answered"))
	case d.LastSeen == nil:
		parts = append(parts, words.L("Never seen yet"))
	default:
		parts = append(parts, words.L("Last seen {{.When}}", "When", words.Ago(d.LastSeen.Time, now)))
	}
	if p := Platform(d.Platform); p != "" && (d.Online || d.LastSeen == nil) {
		parts = append(parts, p)
	}
	row.Subtitle = Facts(parts...)
	switch mark, warned := warning(d); {
	case d.Self:
	case warned:
		row.Marks = []look.Mark{mark}
	default:
		row.Marks = row.Marks[len(row.Marks)-1:]
	}
	return row
}

// about is what there is to say of a device beside its name.
func about(d node.Device, now time.Time) string {
	parts := []string{}
	switch {
	case d.Online:
	case d.Unanswered:
		parts = append(parts, words.L("Let in, and never answered"))
	case d.LastSeen == nil:
		parts = append(parts, words.L("Never seen yet"))
	default:
		parts = append(parts, words.L("Last seen {{.When}}", "When", words.Ago(d.LastSeen.Time, now)))
	}
	if p := Platform(d.Platform); p != "" {
		parts = append(parts, p)
	}
	if !d.Self && d.Spaces.Known {
		parts = append(parts, Has(d.Spaces))
	}
	return Facts(parts...)
}

// Facts joins what is said of something in a line.
func Facts(parts ...string) string { return strings.Join(parts, " · ") }

// Has says which spaces a device has.
func Has(s node.DeviceSpaces) string {
	switch {
	case !s.Known:
		return words.L("Its spaces aren't known here")
	case s.All:
		return words.L("All spaces")
	case len(s.Names) == 0:
		return words.L("No spaces")
	case len(s.Names) <= 2:
		names := make([]string, len(s.Names))
		for i, n := range s.Names {
			names[i] = words.Shown(n)
		}
		return strings.Join(names, ", ")
	}
	return words.N("{{.Count}} space", "{{.Count}} spaces", int64(len(s.Names)))
}

// Platform is the name of a system as people say it.
func Platform(name string) string {
	switch name {
	case "darwin":
		return "macOS"
	case "windows":
		return "Windows"
	case "linux":
		return "Linux"
	case "android":
		return "Android"
	case "ios":
		return "iOS"
	case "freebsd":
		return "FreeBSD"
	}
	return words.Shown(name)
}

// path is how a device is connected.
func path(d node.Device) look.Mark {
	mark := look.Mark{Tone: look.ToneMuted, Icon: look.IconDirect, Text: words.L("Direct")}
	if d.Path != nil {
		switch *d.Path {
		case "lan":
			mark.Icon, mark.Text = look.IconLAN, words.L("LAN")
		case "relay":
			mark.Icon, mark.Text = look.IconRelay, words.L("Relay")
		}
	}
	if d.RTT != nil && *d.RTT > 0 {
		mark.Text = words.L("{{.Path}} {{.Milliseconds}} ms", "Path", mark.Text, "Milliseconds", words.Number(*d.RTT))
	}
	return mark
}

// step is whether a device is in step, or how far it is from it.
func step(d node.Device, toGo int64) look.Mark {
	switch {
	case d.InStep != nil && *d.InStep:
		return look.Mark{Tone: look.ToneGood, Icon: look.IconCheck, Text: words.L("In step")}
	case d.Waits == node.WaitsHere:
		return look.Mark{Tone: look.ToneAttention, Icon: look.IconHold, Text: words.L("Waits for you")}
	case d.Waits == node.WaitsThere:
		return look.Mark{Tone: look.ToneMuted, Icon: look.IconClock, Text: words.L("Not done there")}
	case toGo > 0:
		return look.Mark{Tone: look.ToneInfo, Icon: look.IconSync, Text: words.L("{{.Size}} to go", "Size", words.Size(toGo))}
	}
	return look.Mark{Tone: look.ToneInfo, Icon: look.IconSync, Text: words.L("Catching up")}
}

// warning is what a device's owner should know of it.
func warning(d node.Device) (look.Mark, bool) {
	mark := look.Mark{Tone: look.ToneAttention, Icon: look.IconWarning}
	switch {
	case d.Unanswered:
		mark.Icon, mark.Text = look.IconHelp, words.L("No answer")
	case d.Notice == nil:
		return mark, false
	case d.Notice.Code == node.NoticeClone:
		mark.Text = words.L("There is a copy of it")
	case d.Notice.Code == node.NoticeProtocol:
		mark.Text = words.L("Can't talk to it")
	case d.Notice.Code == node.NoticeOlder:
		mark.Text = words.L("Older Meadow")
	case d.Notice.Code == node.NoticeNewer:
		mark.Text = words.L("Newer Meadow")
	case d.Notice.Code == node.NoticeClock:
		mark.Text = words.L("Clock differs")
	default:
		mark.Text = words.L("See its details")
	}
	return mark, true
}
