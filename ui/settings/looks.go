package settings

import (
	"fyne.io/fyne/v2"

	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Names of preferences, which are this user's on this computer.
const (
	preferMode     = "theme"
	preferScale    = "scale"
	preferLanguage = "language"
	PreferQuiet    = "quiet"     // nothing is told of what needs the user
	PreferNoDigest = "no-digest" // nor of what came in
)

// Dress gives the program the looks and the language that were set. On the interface
// thread.
func Dress(a fyne.App) {
	p := a.Preferences()
	words.Speak(p.String(preferLanguage))
	a.Settings().SetTheme(look.New(look.Mode(p.StringWithFallback(preferMode, string(look.ModeSystem))), float32(p.FloatWithFallback(preferScale, 1))))
}

// looks is the theme, the size of text and the language.
type looks struct {
	screen                *Screen
	mode, scale, language *keys.Select
}

func newLooks(s *Screen) *looks {
	l := &looks{screen: s}
	p := s.frame.App.Preferences()
	modes := []choice[look.Mode]{
		{look.ModeSystem, words.L("As the system")}, {look.ModeLight, words.L("Light")}, {look.ModeDark, words.L("Dark")},
	}
	l.mode = chooser(modes, look.Mode(p.StringWithFallback(preferMode, string(look.ModeSystem))), func(m look.Mode) {
		p.SetString(preferMode, string(m))
		Dress(s.frame.App)
	})
	scale := p.FloatWithFallback(preferScale, 1)
	l.scale = chooser(scales(scale), scale, func(v float64) {
		p.SetFloat(preferScale, v)
		Dress(s.frame.App)
		s.page.Refresh()
	})
	languages := []choice[string]{{"", words.L("As the system")}}
	for _, w := range words.Languages() {
		languages = append(languages, choice[string]{w.Code, w.Name})
	}
	l.language = chooser(languages, p.String(preferLanguage), func(code string) {
		p.SetString(preferLanguage, code)
		words.Speak(code)
		s.frame.Say(words.L("Texts that are shown already change when the window is opened again"), nil)
	})
	return l
}

// chooser is a choice; chosen is called with what is chosen, if that is another one.
func chooser[T comparable](all []choice[T], now T, chosen func(T)) *keys.Select {
	list, is := texts(all, now)
	s := keys.NewSelect(list, nil)
	if is == "" {
		is = list[0]
	}
	s.SetSelected(is)
	s.OnChanged = func(text string) {
		if v, ok := valueOf(all, text); ok {
			chosen(v)
		}
	}
	return s
}

func (l *looks) name() string  { return "looks" }
func (l *looks) title() string { return title(l.name()) }

func (l *looks) content() fyne.CanvasObject {
	return rows(
		newSetting(words.L("Theme"), "", choosing(l.mode)).content,
		newSetting(words.L("Size of text"), words.L("Of everything in this window."), choosing(l.scale)).content,
		newSetting(words.L("Language"), words.L("Meadow speaks English so far."), choosing(l.language)).content,
	)
}

func (l *looks) put(*frame.Now) {}

// telling is what the desktop is told.
type telling struct{ needs, digest *keys.Check }

func newTelling(s *Screen) *telling {
	p := s.frame.App.Preferences()
	check := func(text, key string) *keys.Check {
		c := keys.NewCheck(text, nil)
		c.SetChecked(!p.Bool(key))
		c.OnChanged = func(on bool) { p.SetBool(key, !on) }
		return c
	}
	return &telling{
		needs:  check(words.L("Tell me when something needs me"), PreferQuiet),
		digest: check(words.L("Tell me what came in after a while"), PreferNoDigest),
	}
}

func (t *telling) name() string  { return "tell" }
func (t *telling) title() string { return title(t.name()) }

func (t *telling) content() fyne.CanvasObject {
	return rows(
		checkRow(t.needs, words.L("Removals that wait for you, conflicts, a full disk, a new device. Each once, and never while you look at this window.")),
		checkRow(t.digest, words.L("One message when a device was away and has brought its changes.")),
	)
}

func (t *telling) put(*frame.Now) {}
