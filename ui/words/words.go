// Package words has the texts that people read: it translates them through
// fyne/lang, and puts numbers, sizes and times into words. The English text is the
// key; translations/en.json is collected from the code by `make words`, and another
// language is one more file beside it.
//
// No other package of the window has a text for people that didn't come through
// [L] or [N].
package words

import (
	"embed"
	"fmt"
	"math"
	"sync"
	"time"

	"fyne.io/fyne/v2/lang"

	"meadow/core/node"
)

//go:generate go run meadow/ui/words/collect

//go:embed translations
var files embed.FS

var load = sync.OnceFunc(func() {
	if err := lang.AddTranslationsFS(files, "translations"); err != nil {
		panic(err) // the program was built with a broken file
	}
})

// L is a text in the user's language. Pairs of names and values fill its
// {{.Name}} places: L("Remove {{.Device}}", "Device", name).
func L(text string, pairs ...any) string {
	load()
	switch {
	case isPlain():
		return filled(text, values(pairs))
	case len(pairs) == 0:
		return lang.L(text)
	}
	return lang.L(text, values(pairs))
}

// N is a text about count things, in the form that the language wants:
// N("{{.Count}} file", "{{.Count}} files", n). {{.Count}} is written with
// separators.
func N(one, other string, count int64, pairs ...any) string {
	load()
	v := values(pairs)
	v["Count"] = Number(count)
	switch {
	case isPlain() && count == 1:
		return filled(one, v)
	case isPlain():
		return filled(other, v)
	}
	return lang.N(other, int(min(count, math.MaxInt32)), v)
}

func values(pairs []any) map[string]any {
	v := make(map[string]any, len(pairs)/2+1)
	for i := 0; i+1 < len(pairs); i += 2 {
		v[pairs[i].(string)] = pairs[i+1]
	}
	return v
}

// Shown is a name as it is safe to show: see [node.Shown].
func Shown(name string) string { return node.Shown(name) }

// Number writes a count with separators: 1,204.
func Number(n int64) string {
	if n < 0 {
		return "-" + Number(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", Number(n/1000), n%1000)
}

// Size writes bytes in the units that file managers use: 4.2 GB.
func Size(bytes int64) string {
	if bytes < 1000 {
		return N("{{.Count}} byte", "{{.Count}} bytes", bytes)
	}
	v, units := float64(bytes), []string{"kB", "MB", "GB", "TB", "PB", "EB"}
	i := -1
	for v >= 999.5 && i < len(units)-1 {
		v /= 1000
		i++
	}
	if v < 9.95 {
		return fmt.Sprintf("%.1f %s", v, units[i])
	}
	return fmt.Sprintf("%.0f %s", v, units[i])
}

// Rate writes bytes a second: 12 MB/s.
func Rate(bytes int64) string { return L("{{.Size}}/s", "Size", Size(bytes)) }

// Ago says how long ago t was, roughly; never in the future.
func Ago(t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case t.IsZero():
		return L("never")
	case d < time.Minute:
		return L("just now")
	case d < time.Hour:
		return N("{{.Count}} minute ago", "{{.Count}} minutes ago", int64(d/time.Minute))
	case d < 24*time.Hour:
		return N("{{.Count}} hour ago", "{{.Count}} hours ago", int64(d/time.Hour))
	case d < 60*24*time.Hour:
		return N("{{.Count}} day ago", "{{.Count}} days ago", int64(d/(24*time.Hour)))
	}
	return Day(t)
}

// Left says how long something still takes, roughly.
func Left(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return N("{{.Count}} second", "{{.Count}} seconds", int64((d+time.Second/2)/time.Second))
	case d < 90*time.Minute:
		return N("{{.Count}} minute", "{{.Count}} minutes", int64((d+time.Minute/2)/time.Minute))
	case d < 48*time.Hour:
		return N("{{.Count}} hour", "{{.Count}} hours", int64((d+time.Hour/2)/time.Hour))
	}
	return N("{{.Count}} day", "{{.Count}} days", int64((d+12*time.Hour)/(24*time.Hour)))
}

// Clock is a time of day: 14:02.
func Clock(t time.Time) string { return t.Local().Format("15:04") }

// Day is a date: 23 Nov 2026.
func Day(t time.Time) string {
	t = t.Local()
	return fmt.Sprintf("%d %s %d", t.Day(), month(t.Month()), t.Year())
}

// When is a moment as one would say it: 14:02 today, else with its day.
func When(t, now time.Time) string {
	a, b := t.Local(), now.Local()
	switch {
	case t.IsZero():
		return L("never")
	case sameDay(a, b):
		return L("today {{.Clock}}", "Clock", Clock(t))
	case sameDay(a, b.AddDate(0, 0, -1)):
		return L("yesterday {{.Clock}}", "Clock", Clock(t))
	case sameDay(a, b.AddDate(0, 0, 1)):
		return L("tomorrow {{.Clock}}", "Clock", Clock(t))
	case a.Year() == b.Year():
		return fmt.Sprintf("%d %s %s", a.Day(), month(a.Month()), Clock(t))
	}
	return Day(t)
}

// Until is a moment as something ends then: today or tomorrow with the time, else
// with the day of the week.
func Until(t, now time.Time) string {
	a, b := t.Local(), now.Local()
	switch {
	case sameDay(a, b), sameDay(a, b.AddDate(0, 0, 1)):
		return When(t, now)
	case a.Year() == b.Year() || a.Sub(b) < 90*24*time.Hour && a.After(b):
		return fmt.Sprintf("%s %d %s %s", weekday(a.Weekday()), a.Day(), month(a.Month()), Clock(t))
	}
	return Day(t)
}

func weekday(d time.Weekday) string {
	return [...]string{L("Sun"), L("Mon"), L("Tue"), L("Wed"), L("Thu"), L("Fri"), L("Sat")}[d]
}

func sameDay(a, b time.Time) bool { return a.Year() == b.Year() && a.YearDay() == b.YearDay() }

func month(m time.Month) string {
	return [...]string{
		L("Jan"), L("Feb"), L("Mar"), L("Apr"), L("May"), L("Jun"),
		L("Jul"), L("Aug"), L("Sep"), L("Oct"), L("Nov"), L("Dec"),
	}[m-1]
}
