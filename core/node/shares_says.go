package node

import (
	"fmt"
	"strings"
	"time"

	"meadow/core/mdn"
)

// Sentences about shares. They guess nobody's gender, and say what is kept.

// uncounted in place of a number of files is that it isn't known.
const uncounted = -1

// shareSays says what a share means for who gives it.
func shareSays(o ShareOptions, files int64, now time.Time) string {
	who := Shown(o.With)
	var b strings.Builder
	what := sharedWhat(o, files, now)
	switch mdn.Level(o.Level) {
	case mdn.LevelWrite:
		fmt.Fprintf(&b, "%s can see, change and delete %s", who, what)
	case mdn.LevelContribute:
		fmt.Fprintf(&b, "%s can see %s, and add files beside them without changing any", who, what)
	default:
		fmt.Fprintf(&b, "%s can see %s", who, what)
	}
	if o.Until == nil || o.Until.IsZero() {
		b.WriteString(", until you take it back. ")
	} else {
		fmt.Fprintf(&b, ", until %s. ", dayTime(o.Until.Time, now))
	}
	if o.MayPassOn {
		fmt.Fprintf(&b, "%s may hand it on to others. ", who)
	}
	fmt.Fprintf(&b, "%s keeps what was downloaded by then.", who)
	return b.String()
}

// sharedWhat names what is shared.
func sharedWhat(o ShareOptions, files int64, now time.Time) string {
	from := ""
	if o.From != nil {
		from = "what is written from " + dayTime(o.From.Time, now) + " on"
	}
	switch {
	case files == uncounted && from != "":
		return from + " in " + placeOf(o.Space, o.Path)
	case files == uncounted:
		return "what is in " + placeOf(o.Space, o.Path) + " and anything added"
	case from != "":
		return fmt.Sprintf("%s (%s now)", from, countOf(files, "file"))
	}
	return countOf(files, "file") + " now and anything added"
}

// placeOf names a space, or a folder of it.
func placeOf(space, path string) string {
	if path == "" {
		return Shown(space)
	}
	return Shown(space + "/" + path)
}

// inviteSays says what an invitation means for who was invited.
func inviteSays(i Invite, now time.Time) string {
	what := Shown(i.Space)
	if i.Path != "" {
		what = fmt.Sprintf("the folder %s of %s", Shown(i.Path), what)
	}
	can := "see"
	switch mdn.Level(i.Level) {
	case mdn.LevelWrite:
		can = "see, change and delete what is in"
	case mdn.LevelContribute:
		can = "see, and add files to,"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s lets you %s %s", Shown(i.From), can, what)
	if i.Since != nil {
		fmt.Fprintf(&b, ", as far as it was written from %s on", dayTime(i.Since.Time, now))
	}
	if i.Until != nil {
		fmt.Fprintf(&b, ", until %s", dayTime(i.Until.Time, now))
	}
	b.WriteString(".")
	if i.MayPassOn {
		b.WriteString(" You may hand it on to others.")
	}
	return b.String()
}

// dayTime is a time as people say it, with the year if that isn't this one.
func dayTime(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.Year() != now.Year() {
		return t.Format("Mon 2 Jan 2006 15:04")
	}
	return t.Format("Mon 2 Jan 15:04")
}

func countOf(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
