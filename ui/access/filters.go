package access

import (
	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// filters are the chips and the search field.
type filters struct {
	writes, ends, unused, through *look.Chip
	search                        *keys.Entry
	changed                       func(Query)
	quiet                         bool
}

func (f *filters) build(changed func(Query)) {
	chip := func(text string, icon fyne.ThemeIconName) *look.Chip {
		return look.NewChip(text, icon, func(bool) { f.tell() })
	}
	f.changed = changed
	f.writes = chip(words.L("Who can write?"), look.IconRename)
	f.ends = chip(words.L("Ends this week"), look.IconClock)
	f.unused = chip(words.L("Never used"), look.IconMoon)
	f.through = chip(words.L("Through someone else"), look.IconLink)
	f.search = keys.NewEntry()
	f.search.SetPlaceHolder(words.L("Find a name"))
	f.search.OnChanged = func(string) { f.tell() }
}

func (f *filters) chips() []*look.Chip { return []*look.Chip{f.writes, f.ends, f.unused, f.through} }

func (f *filters) tell() {
	if !f.quiet {
		f.changed(Query{
			MapFilter: node.MapFilter{Writes: f.writes.On(), Ends: f.ends.On(), Unused: f.unused.On(), Through: f.through.On()}, Text: f.search.Text,
		})
	}
}

// clear turns all off, and tells nobody.
func (f *filters) clear() {
	f.quiet = true
	for _, c := range f.chips() {
		c.Set(false)
	}
	f.search.SetText("")
	f.quiet = false
}

func (f *filters) hide(hidden bool) {
	for _, c := range f.chips() {
		c.Hidden = hidden
	}
	f.search.Hidden = hidden
}
