package home

import (
	"cmp"
	"slices"
	"time"

	"meadow/core/node"
	"meadow/ui/activity"
	"meadow/ui/devices"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// model is what the home shows, made from what is so.
type model struct {
	state    frame.State
	headline string
	detail   string
	progress float64 // of all that is to be fetched; negative: nothing is
	needs    []need
	holds    []node.Hold
	offers   []node.Invite
	recovery *node.Recovery
	comeback look.BannerData // what there is to say of it
	devices  []line
	spaces   []line
	recent   []line
	bare     bool // neither another device nor a space: the beginning
	alone    bool // no other device
}

// line is a row that leads somewhere.
type line struct {
	row   look.RowData
	place frame.Place
}

// newModel makes the model of what is so, what moves, and what happened last.
func newModel(now *frame.Now, flows node.Transfers, rows []node.ActivityRow) model {
	m := model{
		state: frame.StateOf(now), headline: headline(now), detail: detail(now, flows), progress: progress(now.Status.Spaces),
		holds: now.Holds,
	}
	for _, a := range now.Wants() {
		m.needs = append(m.needs, needOf(a, now.At))
	}
	if tip, ok := wordsTip(now); ok {
		m.needs = append(m.needs, tip)
	}
	m.needs = append(m.needs, endings(now)...)
	m.offers = now.Waiting()
	m.recovery, m.comeback = now.Status.Recovery, recovering(now.Status.Recovery, now.At)
	m.devices = deviceLines(now, devices.ToGo(flows))
	m.spaces = spaceLines(now)
	m.recent = recentLines(rows, now.At)
	m.alone = len(m.devices) == 0
	m.bare = m.alone && len(m.spaces) == 0 && len(m.needs) == 0 && len(m.offers) == 0 && m.comeback.Title == ""
	return m
}

// headline is how things are, in the fewest words.
func headline(now *frame.Now) string {
	switch frame.StateOf(now) {
	case frame.Idle:
		return words.L("Everything is in step")
	case frame.Syncing:
		if missing := missing(now.Status.Spaces); missing > 0 {
			return words.L("{{.Size}} to go", "Size", words.Size(missing))
		}
		return words.L("Catching up")
	case frame.Waiting:
		return words.L("Waiting for {{.Devices}}", "Devices", frame.Names(frame.WaitsFor(now)))
	case frame.Stopped:
		return words.L("Not part of an account yet")
	}
	return frame.Summary(now)
}

// detail is what the headline leaves open.
func detail(now *frame.Now, flows node.Transfers) string {
	spaces := now.Status.Spaces
	var others, online, inStep, waitHere []string
	for _, d := range now.Status.Devices {
		if d.Self {
			continue
		}
		others = append(others, d.Name)
		if d.Online {
			online = append(online, d.Name)
			if d.InStep != nil && *d.InStep {
				inStep = append(inStep, d.Name)
			}
			if d.Waits == node.WaitsHere {
				waitHere = append(waitHere, d.Name)
			}
		}
	}
	switch {
	case len(others) == 0:
		return words.L("Files stay on this device until you add another one.")
	case frame.StateOf(now) == frame.Paused:
		return words.L("Nothing is sent or fetched until then. What you change here is kept and goes out afterwards.")
	case len(online) == 0:
		return words.L("What you change here is kept, and goes out as soon as one of them is there.")
	case missing(spaces) > 0:
		return fetching(now, flows)
	case len(inStep) == len(online):
		return words.L("This device and {{.Devices}} have the same files.", "Devices", frame.Names(inStep))
	case len(frame.WaitsFor(now)) > 0:
		return words.L("Nothing moves now. Folders are still being written there, or somebody is asked something.")
	case len(inStep)+len(waitHere) == len(online):
		return words.L("All else is in step with {{.Devices}}.", "Devices", frame.Names(append(inStep, waitHere...)))
	case len(inStep) > 0:
		return words.L("In step with {{.Devices}} so far.", "Devices", frame.Names(inStep))
	}
	return words.L("What is new is being exchanged with {{.Devices}}.", "Devices", frame.Names(online))
}

// fetching is what comes, how fast, and how much of it unless the headline says that.
func fetching(now *frame.Now, flows node.Transfers) string {
	spaces := now.Status.Spaces
	names, size := frame.Names(incomplete(spaces)), words.Size(missing(spaces))
	short := frame.StateOf(now) == frame.Syncing
	switch {
	case flows.RateIn == 0 && short:
		return words.L("Fetching {{.Spaces}}.", "Spaces", names)
	case flows.RateIn == 0:
		return words.L("Fetching {{.Spaces}}, {{.Size}} to go.", "Spaces", names, "Size", size)
	case short:
		return words.L("Fetching {{.Spaces}} at {{.Rate}}.", "Spaces", names, "Rate", words.Rate(flows.RateIn))
	}
	return words.L("Fetching {{.Spaces}}, {{.Size}} to go at {{.Rate}}.", "Spaces", names, "Size", size, "Rate", words.Rate(flows.RateIn))
}

// moves reports whether something may move between devices now.
func moves(now *frame.Now) bool {
	for _, d := range now.Status.Devices {
		if !d.Self && d.Online && d.Waits == "" && (d.InStep == nil || !*d.InStep) {
			return true
		}
	}
	return missing(now.Status.Spaces) > 0
}

func missing(spaces []node.Space) (bytes int64) {
	for _, s := range spaces {
		bytes += s.MissingBytes
	}
	return bytes
}

func incomplete(spaces []node.Space) (names []string) {
	for _, s := range spaces {
		if s.MissingBytes > 0 {
			names = append(names, s.Name)
		}
	}
	return names
}

// progress is how much there is of the spaces that something is missing of.
func progress(spaces []node.Space) float64 {
	var all, lacking int64
	for _, s := range spaces {
		if s.MissingBytes > 0 {
			all, lacking = all+s.Bytes, lacking+s.MissingBytes
		}
	}
	if lacking == 0 {
		return -1
	}
	return float64(max(all-lacking, 0)) / float64(max(all, lacking))
}

// deviceLines are the other devices: those that are connected first, then those
// that were seen last.
func deviceLines(now *frame.Now, toGo map[string]int64) (lines []line) {
	var others []node.Device
	for _, d := range now.Status.Devices {
		if !d.Self {
			others = append(others, d)
		}
	}
	slices.SortStableFunc(others, func(a, b node.Device) int {
		if a.Online != b.Online {
			return cmp.Compare(btoi(b.Online), btoi(a.Online))
		}
		if a.Online {
			return 0
		}
		return seen(b).Compare(seen(a).Time)
	})
	for _, d := range others {
		lines = append(lines, line{
			row:   devices.Row(d, now.At, toGo[d.Endpoint]),
			place: frame.Place{Screen: frame.Devices, Item: d.Endpoint},
		})
	}
	return lines
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func seen(d node.Device) node.Time {
	if d.LastSeen == nil {
		return node.Time{}
	}
	return *d.LastSeen
}

// spaceLines are the spaces: those that there is something to say of first, then
// the largest.
func spaceLines(now *frame.Now) (lines []line) {
	spaces := slices.Clone(now.Status.Spaces)
	slices.SortStableFunc(spaces, func(a, b node.Space) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.Bytes, a.Bytes))
	})
	for _, s := range spaces {
		lines = append(lines, line{row: spaceRow(s, now.At), place: frame.Place{Screen: frame.Space, Space: s.ID}})
	}
	return lines
}

func rank(s node.Space) int {
	switch {
	case s.Trouble != nil || s.Holds > 0 || s.Conflicts > 0 || s.Unwritable > 0 || s.Warning != nil:
		return 0
	case s.MissingBytes > 0:
		return 1
	case s.Ended:
		return 3
	}
	return 2
}

func spaceRow(s node.Space, now time.Time) look.RowData {
	row := look.RowData{
		Icon: look.IconSpace, Chip: true, Tone: look.ToneGood, Title: words.Shown(s.Name), Subtitle: folderOf(s),
		Trailing: words.Size(s.Bytes), Faint: s.Ended, Marks: []look.Mark{stateMark(s)},
	}
	if s.Shared != nil && !s.Ended {
		row.Icon, row.Subtitle = look.IconShare, devices.Facts(share.Theirs(*s.Shared, now), row.Subtitle)
	}
	if s.Ended {
		row.Tone = look.ToneMuted
	}
	return row
}

func folderOf(s node.Space) string {
	files := words.N("{{.Count}} file", "{{.Count}} files", s.Files)
	switch {
	case s.Entries == 0:
		files = words.L("Empty")
	case s.Files == 0: // but folders
		files = words.L("No files")
	}
	if s.Folder == nil {
		return devices.Facts(files, words.L("Only in Meadow"))
	}
	return devices.Facts(files, words.Shown(*s.Folder))
}

// stateMark is the one thing to know of a space.
func stateMark(s node.Space) look.Mark {
	attention := look.Mark{Tone: look.ToneAttention, Icon: look.IconWarning}
	switch {
	case s.Ended:
		return look.Mark{Tone: look.ToneMuted, Icon: look.IconDetach, Text: words.L("No longer shared")}
	case s.Trouble != nil:
		attention.Tone, attention.Icon, attention.Text = look.ToneDanger, look.IconError, words.L("Waits")
	case s.Holds > 0:
		attention.Icon, attention.Text = look.IconHold, words.N("Removal held", "{{.Count}} removals held", s.Holds)
	case s.Conflicts > 0:
		attention.Icon = look.IconConflict
		attention.Text = words.N("{{.Count}} conflict", "{{.Count}} conflicts", s.Conflicts)
	case s.Unwritable > 0:
		attention.Text = words.N("{{.Count}} left out", "{{.Count}} left out", s.Unwritable)
	case s.MissingBytes > 0:
		return look.Mark{Tone: look.ToneInfo, Icon: look.IconSync, Text: words.L("{{.Size}} to go", "Size", words.Size(s.MissingBytes))}
	case s.Warning != nil:
		attention.Text = words.L("Slow to notice changes")
	default:
		return look.Mark{Tone: look.ToneGood, Icon: look.IconCheck, Text: words.L("All here")}
	}
	return attention
}

// recentLines are the latest rows of the log.
func recentLines(rows []node.ActivityRow, now time.Time) (lines []line) {
	for _, r := range rows {
		l := activity.Tell(r, now)
		place := l.Place
		if place.Screen == "" {
			place = frame.Place{Screen: frame.Activity}
		}
		tone := look.ToneMuted // colour only where it is called for
		if l.Tone == look.ToneAttention || l.Tone == look.ToneDanger {
			tone = l.Tone
		}
		lines = append(lines, line{
			row:   look.RowData{Icon: l.Icon, Tone: tone, Title: l.Sentence, Trailing: words.Ago(r.Time.Time, now)},
			place: place,
		})
	}
	return lines
}
