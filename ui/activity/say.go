// Package activity shows what happened, and has the words for it: a sentence for each
// kind of row that the core records.
package activity

import (
	"path"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/paged"
	"meadow/ui/words"
)

// Line is a row of the log as one reads it.
type Line struct {
	Icon     fyne.ThemeIconName
	Tone     look.Tone
	Sentence string      // what happened
	Where    string      // space, folder, size; may be empty
	Place    frame.Place // where it leads; no screen if nowhere
}

// teller says what rows of a kind tell.
type teller struct {
	group string
	icon  fyne.ThemeIconName
	tone  look.Tone
	say   func(row) string
	facts func(row) []string // beside space and folder, or nil
	place func(row) frame.Place
}

// Groups of kinds, for the filter.
const (
	groupFiles   = "files"
	groupDecide  = "decide"
	groupDevices = "devices"
	groupSpaces  = "spaces"
	groupPeople  = "people"
	groupMeadow  = "meadow"
)

// tellers are all kinds that the core records.
var tellers = map[string]teller{
	node.ActivityAdded:      {groupFiles, look.IconAdd, look.ToneGood, sayAdded, size, placeFile},
	node.ActivityChanged:    {groupFiles, look.IconRename, look.ToneInfo, sayChanged, size, placeFile},
	node.ActivityRemoved:    {groupFiles, look.IconTrash, look.ToneMuted, sayRemoved, nil, placeSpace},
	node.ActivityRenamed:    {groupFiles, look.IconArrowRight, look.ToneInfo, sayRenamed, nil, placeFile},
	node.ActivityFiles:      {groupFiles, look.IconCopy, look.ToneInfo, sayFiles, filesFacts, placeSpace},
	node.ActivityConflict:   {groupDecide, look.IconConflict, look.ToneAttention, sayConflict, conflictFacts, placeConflicts},
	node.ActivityResolved:   {groupDecide, look.IconConflict, look.ToneGood, sayResolved, nil, placeFile},
	node.ActivityUnresolved: {groupDecide, look.IconConflict, look.ToneAttention, sayUnresolved, nil, placeConflicts},
	node.ActivityErased:     {groupFiles, look.IconTrash, look.ToneMuted, sayErased, nil, placeSpace},

	node.ActivityHold:      {groupDecide, look.IconHold, look.ToneAttention, sayHold, nil, placeSpace},
	node.ActivityHoldEnded: {groupDecide, look.IconHold, look.ToneGood, sayHoldEnded, nil, placeSpace},

	node.ActivityJoined:        {groupDevices, look.IconGood, look.ToneGood, sayJoined, nil, placeDevice},
	node.ActivityDeviceAdded:   {groupDevices, look.IconAddDevice, look.ToneGood, sayDeviceAdded, nil, placeDevice},
	node.ActivityDeviceRenamed: {groupDevices, look.IconLaptop, look.ToneInfo, sayDeviceRenamed, nil, placeDevice},
	node.ActivityDeviceRemoved: {groupDevices, look.IconLaptop, look.ToneMuted, sayDeviceRemoved, nil, placeDevice},
	node.ActivityExpelled:      {groupDevices, look.IconOffline, look.ToneDanger, sayExpelled, nil, placeNone},

	node.ActivitySpaceAdded:     {groupSpaces, look.IconSpace, look.ToneGood, saySpaceAdded, nil, placeSpace},
	node.ActivitySpaceRenamed:   {groupSpaces, look.IconSpace, look.ToneInfo, saySpaceRenamed, nil, placeSpace},
	node.ActivitySpaceDeleted:   {groupSpaces, look.IconSpace, look.ToneMuted, saySpaceDeleted, nil, placeNone},
	node.ActivitySpaceDropped:   {groupSpaces, look.IconSpace, look.ToneMuted, saySpaceDropped, nil, placeNone},
	node.ActivitySpaceGiven:     {groupSpaces, look.IconSpace, look.ToneGood, saySpaceGiven, nil, placeDevice},
	node.ActivitySpaceWithdrawn: {groupSpaces, look.IconSpace, look.ToneMuted, saySpaceWithdrawn, nil, placeDevice},
	node.ActivitySpaceEnded:     {groupSpaces, look.IconDetach, look.ToneAttention, saySpaceEnded, nil, placeSpace},
	node.ActivityAttached:       {groupSpaces, look.IconAttach, look.ToneInfo, sayAttached, nil, placeSpace},
	node.ActivityDetached:       {groupSpaces, look.IconDetach, look.ToneMuted, sayDetached, nil, placeSpace},
	node.ActivityDrop:           {groupSpaces, look.IconCopy, look.ToneInfo, sayDrop, nil, placeSpace},

	node.ActivityPaused:       {groupMeadow, look.IconPause, look.ToneMuted, sayPaused, nil, placeNone},
	node.ActivityResumed:      {groupMeadow, look.IconResume, look.ToneGood, sayResumed, nil, placeNone},
	node.ActivityTrouble:      {groupMeadow, look.IconWarning, look.ToneDanger, sayTrouble, nil, placeSpace},
	node.ActivityTroubleEnded: {groupMeadow, look.IconCheck, look.ToneGood, sayTroubleEnded, nil, placeSpace},
	node.ActivityFolderFailed: {groupMeadow, look.IconError, look.ToneDanger, sayFolderFailed, nil, placeSpace},
	node.ActivityClone:        {groupMeadow, look.IconCopy, look.ToneDanger, sayClone, nil, placeDevice},
	node.ActivityFreed:        {groupMeadow, look.IconDisk, look.ToneMuted, sayFreed, nil, placeNone},
	node.ActivitySettings:     {groupMeadow, look.IconSettings, look.ToneMuted, saySettings, nil, placeSettings},
	node.ActivityMigrated:     {groupMeadow, look.IconRefresh, look.ToneMuted, sayMigrated, nil, placeNone},
}

// tellerOf returns who tells rows of a kind.
func tellerOf(kind string) (t teller, ok bool) {
	if t, ok = tellers[kind]; !ok {
		t, ok = peopleTellers[kind]
	}
	return t, ok
}

// row is a row with what sentences need often.
type row struct {
	node.ActivityRow
	now time.Time
}

// Tell puts a row of the log in words.
func Tell(r node.ActivityRow, now time.Time) Line {
	t, ok := tellerOf(r.Kind)
	if !ok { // of a later version
		t = teller{icon: look.IconActivity, say: sayOther, place: placeSpace}
	}
	told := row{r, now}
	l := Line{Icon: t.icon, Tone: t.tone, Sentence: t.say(told), Place: t.place(told)}
	var facts []string
	if r.Space != "" && t.group != groupPeople && !strings.HasPrefix(r.Kind, "space_") {
		facts = append(facts, words.Shown(string(r.Space)))
	}
	if dir := path.Dir(string(r.Path)); r.Path != "" && t.group != groupPeople && dir != "." {
		facts = append(facts, words.Shown(dir))
	}
	if t.facts != nil {
		facts = append(facts, t.facts(told)...)
	}
	l.Where = strings.Join(facts, " · ")
	return l
}

func (r row) device() string {
	switch {
	case r.Self:
		return words.L("This device")
	case r.Device == "":
		return words.L("Another device")
	}
	return words.Shown(string(r.Device))
}

func (r row) file() string  { return words.Shown(path.Base(string(r.Path))) }
func (r row) space() string { return words.Shown(string(r.Space)) }

func (r row) text(name string) string  { return paged.Details(r.Details).Text(name) }
func (r row) number(name string) int64 { return paged.Details(r.Details).Number(name) }

func size(r row) []string {
	if r.Bytes == 0 {
		return nil
	}
	return []string{words.Size(r.Bytes)}
}

func conflictFacts(r row) []string {
	if r.Self {
		return []string{words.L("The version of this device is kept beside the other one")}
	}
	return []string{words.L("The version of {{.Device}} is kept beside the other one", "Device", r.device())}
}

// filesFacts is what became of many files.
func filesFacts(r row) (facts []string) {
	if n := r.number("added"); n > 0 {
		facts = append(facts, words.N("{{.Count}} added", "{{.Count}} added", n))
	}
	if n := r.number("changed"); n > 0 {
		facts = append(facts, words.N("{{.Count}} changed", "{{.Count}} changed", n))
	}
	if n := r.number("removed"); n > 0 {
		facts = append(facts, words.N("{{.Count}} removed", "{{.Count}} removed", n))
	}
	if n := r.number("renamed"); n > 0 {
		facts = append(facts, words.N("{{.Count}} renamed", "{{.Count}} renamed", n))
	}
	if n := r.number("conflicts"); n > 0 {
		facts = append(facts, words.N("{{.Count}} conflict", "{{.Count}} conflicts", n))
	}
	return append(facts, size(r)...)
}

func placeNone(row) frame.Place { return frame.Place{} }

func placeSpace(r row) frame.Place {
	if r.SpaceID == "" {
		return frame.Place{}
	}
	return frame.Place{Screen: frame.Space, Space: string(r.SpaceID)}
}

func placeFile(r row) frame.Place {
	p := placeSpace(r)
	p.Path = string(r.Path)
	return p
}

func placeConflicts(r row) frame.Place {
	p := placeSpace(r)
	p.Item = "conflicts"
	return p
}

func placeDevice(r row) frame.Place {
	return frame.Place{Screen: frame.Devices, Item: string(r.Endpoint)}
}

func placeSettings(row) frame.Place { return frame.Place{Screen: frame.Settings} }
