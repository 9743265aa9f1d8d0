package home

import (
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/hold"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// need is something that waits for the user, and the one button that goes there.
type need struct {
	hold  string // the id of a hold: then it is shown by the hold's own banner
	tone  look.Tone
	icon  fyne.ThemeIconName
	title string
	text  string // what is kept, and what to do
	verb  string
	place frame.Place
}

// needOf puts what is asked in words.
func needOf(a frame.Need, now time.Time) need {
	space := words.Shown(a.Space.Name)
	n := need{tone: look.ToneAttention, place: frame.Place{Screen: frame.Space, Space: a.Space.ID}}
	switch a.Kind {
	case frame.NeedTrouble:
		return troubleNeed(a, now)
	case frame.NeedNotice:
		return noticeNeed(a.Notice)
	case frame.NeedHold:
		return holdNeed(a)
	case frame.NeedConflicts:
		n.icon, n.place.Item = look.IconConflict, "conflicts"
		n.title = words.N("{{.Count}} file in {{.Space}} was changed on two devices at once",
			"{{.Count}} files in {{.Space}} were changed on two devices at once", a.Space.Conflicts, "Space", space)
		n.text, n.verb = words.L("Both versions are kept until you choose."), words.L("Compare")
	case frame.NeedEnded:
		n.icon = look.IconDetach
		n.title = words.L("{{.Space}} is no longer shared with this device", "Space", space)
		n.text, n.verb = words.L("Your files stay, but what you change in the folder goes nowhere."), words.L("Open space")
	case frame.NeedUnwritable:
		n.icon, n.place.Item = look.IconFile, "names"
		n.title = words.N("{{.Count}} file of {{.Space}} can't be in its folder here", "{{.Count}} files of {{.Space}} can't be in its folder here",
			a.Space.Unwritable, "Space", space)
		n.text, n.verb = words.L("Kept in Meadow. Another name often solves it."), words.L("Show files")
	case frame.NeedUnanswered, frame.NeedDevice:
		return deviceNeed(a)
	}
	return n
}

// troubleNeed is about something that can't be stored or read.
func troubleNeed(a frame.Need, now time.Time) need {
	n := need{
		tone: look.ToneDanger, icon: look.IconDisk, title: frame.Capital(words.Shown(a.Trouble.What)),
		text: words.L("Since {{.When}}, at {{.Where}}. Meadow goes on by itself when this is solved.",
			"When", words.When(a.Trouble.Since.Time, now), "Where", words.Shown(a.Trouble.Where)),
		verb: words.L("Open space"), place: frame.Place{Screen: frame.Space, Space: a.Space.ID},
	}
	switch {
	case a.Trouble.Needs > 0:
		n.verb, n.place = words.L("Free up room"), frame.Place{Screen: frame.Settings, Item: "history"}
	case a.Space.ID == "":
		n.verb, n.place = words.L("See what happened"), frame.Place{Screen: frame.Activity, Item: "trouble"}
	}
	return n
}

// noticeNeed is about this device as a whole.
func noticeNeed(notice node.Notice) need {
	n := need{
		tone: look.ToneDanger, icon: look.IconWarning, title: frame.Capital(words.Shown(notice.Message)),
		text: frame.Capital(words.Shown(notice.Hint)), verb: words.L("See what happened"), place: frame.Place{Screen: frame.Activity, Item: "clone"},
	}
	if notice.Code == node.NoticeRemoved {
		n.icon, n.place.Item = look.IconOffline, "expelled"
		n.title = words.L("This device was removed from the account")
		n.text = words.L("Your files stay where they are, and are no longer kept in step.")
	}
	return n
}

// holdNeed is what a hold says where its own banner has no room.
func holdNeed(a frame.Need) need {
	h := a.Hold
	n := need{
		hold: h.ID, tone: look.ToneAttention, icon: look.IconHold,
		text: words.L("Nothing is removed until you say so."), verb: words.L("Decide"),
		place: frame.Place{Screen: frame.Space, Space: a.Space.ID, Item: h.ID},
	}
	pairs := []any{"Device", words.Shown(h.Device), "Of", words.Number(h.Of), "Space", words.Shown(h.Space)}
	if h.Kind == "missing" {
		n.icon = look.IconDisk
		n.title = words.N("{{.Count}} file of {{.Space}} is on a disk that is gone", "{{.Count}} files of {{.Space}} are on a disk that is gone", h.Removes, pairs...)
		return n
	}
	if h.Here {
		n.title, n.text = hold.Sentence(h), words.L("They are gone from this folder and nowhere else until you say so.")
		return n
	}
	n.title = words.N("{{.Device}} wants to remove {{.Count}} of {{.Of}} files in {{.Space}}",
		"{{.Device}} wants to remove {{.Count}} of {{.Of}} files in {{.Space}}", h.Removes, pairs...)
	return n
}

func deviceNeed(a frame.Need) need {
	name := words.Shown(a.Device.Name)
	n := need{
		tone: look.ToneAttention, icon: look.IconHelp, verb: words.L("Show device"),
		place: frame.Place{Screen: frame.Devices, Item: a.Device.Endpoint},
	}
	if a.Kind == frame.NeedUnanswered {
		n.title = words.L("{{.Device}} was let in and never answered", "Device", name)
		n.text = words.L("If you don't know it, remove it. If it is yours, open Meadow there.")
		return n
	}
	n.icon, n.title, n.text = look.IconWarning, frame.Capital(words.Shown(a.Notice.Message)), frame.Capital(words.Shown(a.Notice.Hint))
	return n
}

const wordsAskedEvery = 90 * 24 * time.Hour

// wordsTip asks now and then whether the words of the account can still be found.
func wordsTip(now *frame.Now) (need, bool) {
	checked := now.Status.WordsChecked
	if checked == nil || now.At.Sub(checked.Time) < wordsAskedEvery {
		return need{}, false
	}
	return need{
		tone: look.ToneInfo, icon: look.IconWords, title: words.L("Do you still have your recovery words?"),
		text: words.L("You typed them right {{.Ago}}. Without them a lost account stays lost.", "Ago", words.Ago(checked.Time, now.At)),
		verb: words.L("Check them"), place: frame.Place{Screen: frame.Settings, Item: "words"},
	}, true
}

// endings tell of access that ends within a day, on both sides.
func endings(now *frame.Now) (needs []need) {
	at := func(t *node.Time) string { return words.Until(t.Time, now.At) }
	for _, s := range now.Shares {
		if s.State == frame.Accepted && share.EndsSoon(s.Until, now.At) {
			needs = append(needs, need{
				tone: look.ToneInfo, icon: look.IconClock,
				title: words.L("{{.Person}}'s access to {{.Space}} ends {{.When}}", "Person", words.Shown(s.With), "Space", share.What(s.Space, s.Path), "When", at(s.Until)),
				text:  words.L("It ends by itself. Change it if they need it longer."), verb: words.L("Look"),
				place: frame.Place{Screen: frame.People, Item: s.Custodian},
			})
		}
	}
	for _, v := range now.Invites {
		if v.State == frame.Accepted && share.EndsSoon(v.Until, now.At) {
			needs = append(needs, need{
				tone: look.ToneInfo, icon: look.IconClock,
				title: words.L("Your access to {{.Space}} ends {{.When}}", "Space", share.What(v.Space, v.Path), "When", at(v.Until)),
				text:  words.L("What is here by then stays. Ask {{.Person}} if you need it longer.", "Person", words.Shown(v.From)), verb: words.L("Look"),
				place: frame.Place{Screen: frame.People, Item: v.Custodian},
			})
		}
	}
	return needs
}
