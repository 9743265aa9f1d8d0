package people

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"meadow/core/node"
	"meadow/ui/devices"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// listed are the people whose names, or devices' names, have a text in them: those who
// wait for an answer first, then who is connected, then who was seen last; who is
// blocked comes last.
func listed(all []node.Person, text string) []node.Person {
	text = strings.ToLower(strings.TrimSpace(text))
	var list []node.Person
	for _, p := range all {
		if matches(p, text) {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b node.Person) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(-seen(a).Unix(), -seen(b).Unix()), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func matches(p node.Person, text string) bool {
	if text == "" {
		return true
	}
	for _, name := range append(deviceNames(p), p.Name, p.Calls) {
		if strings.Contains(strings.ToLower(name), text) {
			return true
		}
	}
	return false
}

func deviceNames(p node.Person) (names []string) {
	for _, d := range p.Devices {
		names = append(names, d.Name)
	}
	return names
}

func rank(p node.Person) int {
	switch {
	case p.Blocked:
		return 3
	case p.Waiting > 0:
		return 0
	case p.Online:
		return 1
	}
	return 2
}

func seen(p node.Person) time.Time {
	switch {
	case p.Online:
		return time.Time{} // all at the same time: by name
	case p.LastSeen == nil:
		return p.Added.Time
	}
	return p.LastSeen.Time
}

// rowOf is somebody as a line of the list.
func rowOf(p node.Person, now time.Time) look.RowData {
	row := look.RowData{Title: words.Shown(p.Name), Faint: p.Blocked}
	parts := []string{seenText(p, now)}
	if p.Shares > 0 {
		parts = append(parts, words.N("has {{.Count}} from you", "has {{.Count}} from you", int64(p.Shares)))
	}
	if n := p.Invites - p.Waiting; n > 0 {
		parts = append(parts, words.N("you have {{.Count}}", "you have {{.Count}}", int64(n)))
	}
	row.Subtitle = devices.Facts(parts...)
	switch {
	case p.Blocked:
		row.Marks = []look.Mark{{Tone: look.ToneMuted, Icon: look.IconIgnore, Text: words.L("Blocked")}}
	case p.Waiting > 0:
		row.Marks = []look.Mark{{
			Tone: look.ToneInfo, Icon: look.IconShare, Text: words.N("{{.Count}} offer", "{{.Count}} offers", int64(p.Waiting)),
		}}
	}
	return row
}

func seenText(p node.Person, now time.Time) string {
	switch {
	case p.Online:
		return words.L("Connected")
	case p.LastSeen == nil:
		return words.L("Never seen yet")
	}
	return words.L("Last seen {{.When}}", "When", words.Ago(p.LastSeen.Time, now))
}

// view is somebody in detail.
type view struct {
	person  node.Person
	name    string
	about   string
	blocked look.BannerData // none without a title
	offers  []node.Invite
	given   []node.Share
	got     []node.Invite
	rows    struct{ given, got, devices []look.RowData }
	note    string
}

func newView(p node.Person, ties *frame.Ties, now time.Time) view {
	v := view{person: p, name: words.Shown(p.Name)}
	v.about = words.L("Known since {{.Day}}", "Day", words.Day(p.Added.Time))
	if calls := words.Shown(p.Calls); calls != "" && calls != v.name {
		v.about = devices.Facts(words.L("Calls themselves {{.Name}}", "Name", calls), v.about)
	}
	if p.Blocked {
		v.blocked = look.BannerData{
			Tone: look.ToneAttention, Icon: look.IconIgnore, Title: words.L("{{.Person}} is blocked", "Person", v.name),
			Text: words.L("Your devices neither send anything to theirs nor take anything. What is shared goes on when you unblock them."),
		}
	}
	v.given = sharesOf(p, ties.Shares)
	for _, i := range ties.Invites {
		switch {
		case i.Custodian != p.Custodian:
		case i.State == frame.Offered && !p.Blocked:
			v.offers = append(v.offers, i)
		case i.State != frame.Declined:
			v.got = append(v.got, i)
		}
	}
	slices.SortStableFunc(v.got, func(a, b node.Invite) int { return cmp.Compare(order(a.State), order(b.State)) })
	for _, s := range v.given {
		v.rows.given = append(v.rows.given, share.GivenRow(s, now, false))
	}
	for _, i := range v.got {
		v.rows.got = append(v.rows.got, share.GotRow(i, now))
	}
	for _, d := range p.Devices {
		v.rows.devices = append(v.rows.devices, deviceRow(d, now))
	}
	if len(p.Devices) == 0 {
		v.note = words.L("None of their devices is known yet.")
	}
	return v
}

// sharesOf are what somebody has or had: what runs first.
func sharesOf(p node.Person, all []node.Share) (list []node.Share) {
	for _, s := range all {
		if s.Custodian == p.Custodian {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b node.Share) int { return cmp.Compare(order(a.State), order(b.State)) })
	return list
}

func order(state string) int {
	if share.Running(state) {
		return 0
	}
	return 1
}

func deviceRow(d node.PersonDevice, now time.Time) look.RowData {
	row := look.RowData{
		Icon: look.DeviceIconName(d.Name, d.Platform), Chip: true, Title: words.Shown(d.Name), Subtitle: devices.Platform(d.Platform), Faint: !d.Online,
	}
	mark := look.Mark{Tone: look.ToneMuted, Icon: look.IconOffline, Text: words.L("Offline")}
	switch {
	case d.Online:
		row.Tone = look.ToneGood
		mark = look.Mark{Tone: look.ToneGood, Icon: look.IconDirect, Text: words.L("Connected")}
		switch d.Path {
		case "lan":
			mark.Icon, mark.Text = look.IconLAN, words.L("On this network")
		case "relay":
			mark.Icon, mark.Text = look.IconRelay, words.L("Through a relay")
		}
	case d.LastSeen != nil:
		row.Subtitle = devices.Facts(row.Subtitle, words.L("last seen {{.When}}", "When", words.Ago(d.LastSeen.Time, now)))
	}
	row.Marks = []look.Mark{mark}
	return row
}
