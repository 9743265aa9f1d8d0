package devices

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// view is a device in detail, in words.
type view struct {
	Device     node.Device
	icon       fyne.ThemeIconName
	name       string
	state      string // connected or not
	about      string
	marks      []look.Mark
	warning    look.BannerData // none without a title
	spaces     string
	connection string
	facts      []fact
	note       string
	manages    bool // this device may change others
	manage     bool // and this one
}

type fact struct{ name, value string }

func newView(d node.Device, now time.Time, toGo int64, manages bool) view {
	v := view{
		Device: d, icon: icon(d), name: words.Shown(d.Name), about: kind(d), spaces: spacesSentence(d),
		marks: Row(d, now, toGo).Marks, connection: connection(d, now), manages: manages, manage: manages && !d.Self,
	}
	v.state = words.L("Offline")
	if d.Online {
		v.state = words.L("Connected")
	}
	v.warning = warningOf(d)
	v.facts = facts(d)
	switch {
	case !manages:
		v.note = words.L("This is a limited device: names, spaces and devices are changed on a full one.")
	case d.Self:
		v.note = words.L("To take this device out of the account, remove it on another full device.")
	}
	return v
}

func kind(d node.Device) string {
	if d.Kind == "limited" {
		return words.L("Limited: has the spaces that it was given")
	}
	return words.L("Full: can add and remove devices")
}

func spacesSentence(d node.Device) string {
	s := d.Spaces
	switch {
	case !s.Known:
		return words.L("Which spaces it has isn't known to this device.")
	case s.All:
		return words.L("All spaces, and every new one.")
	case len(s.Names) == 0:
		return words.L("No spaces yet.")
	}
	names := make([]string, 0, len(s.Names))
	for _, n := range s.Names {
		names = append(names, words.Shown(n))
	}
	if len(names) <= 12 {
		return strings.Join(names, ", ")
	}
	return words.N("{{.Names}} and {{.Count}} more", "{{.Names}} and {{.Count}} more", int64(len(names)-12), "Names", strings.Join(names[:12], ", "))
}

func connection(d node.Device, now time.Time) string {
	switch {
	case d.Self:
		return ""
	case !d.Online && d.LastSeen == nil:
		return words.L("Not connected, and never seen by this device.")
	case !d.Online:
		return words.L("Not connected. It was last seen {{.When}}.", "When", words.When(d.LastSeen.Time, now))
	case d.Path == nil:
		return words.L("Connected.")
	}
	switch *d.Path {
	case "lan":
		return words.L("Connected on the same network: files go straight from one to the other.")
	case "relay":
		return words.L("Connected through a relay, which can't read what goes through it. Straight would be faster.")
	}
	return words.L("Connected straight through the internet.")
}

func facts(d node.Device) (list []fact) {
	add := func(name string, value *string) {
		if value != nil && *value != "" {
			list = append(list, fact{name, words.Shown(*value)})
		}
	}
	platform, key := Platform(d.Platform), ShortKey(d.Endpoint)
	add(words.L("System"), &platform)
	add(words.L("Meadow"), d.Version)
	add(words.L("Address"), d.Address)
	add(words.L("Key"), &key)
	return list
}

// ShortKey is the beginning of a device's key, as people compare it.
func ShortKey(endpoint string) string {
	var groups []string
	for i := 0; i+4 <= min(len(endpoint), 16); i += 4 {
		groups = append(groups, endpoint[i:i+4])
	}
	return strings.Join(groups, " ") + " …"
}

// warningOf is what its owner should know of a device.
func warningOf(d node.Device) look.BannerData {
	switch {
	case d.Unanswered:
		return look.BannerData{
			Tone: look.ToneAttention, Icon: look.IconHelp, Title: words.L("It was let in, and never answered"),
			Text: words.L("If you don't know this device, remove it: then it gets nothing. If it is yours, open Meadow there."),
		}
	case d.Notice != nil:
		return look.BannerData{
			Tone: look.ToneAttention, Icon: look.IconWarning,
			Title: frame.Capital(words.Shown(d.Notice.Message)), Text: frame.Capital(words.Shown(d.Notice.Hint)),
		}
	}
	return look.BannerData{}
}
