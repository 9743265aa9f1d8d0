package hold

import (
	"time"

	"meadow/core/node"
	"meadow/ui/words"
)

const missing = "missing" // the kind of hold of a disk that has gone

// Sentence says what waits.
func Sentence(h node.Hold) string {
	if h.Kind == missing {
		what := words.L("The folder of {{.Space}} is missing", "Space", words.Shown(h.Space))
		if h.Place != "" {
			what = words.L("The disk at {{.Place}} in {{.Space}} is missing", "Place", words.Shown(h.Place), "Space", words.Shown(h.Space))
		}
		return words.N("{{.What}}, with {{.Removes}} of {{.Count}} file", "{{.What}}, with {{.Removes}} of {{.Count}} files",
			h.Of, "What", what, "Removes", words.Number(h.Removes))
	}
	if h.Here {
		return words.N("{{.Removes}} of {{.Count}} file is missing from the folder of {{.Space}}",
			"{{.Removes}} of {{.Count}} files are missing from the folder of {{.Space}}", h.Of,
			"Removes", words.Number(h.Removes), "Space", words.Shown(h.Space))
	}
	return words.N("{{.Device}} wants to remove {{.Removes}} of {{.Count}} file in {{.Space}}", "{{.Device}} wants to remove {{.Removes}} of {{.Count}} files in {{.Space}}",
		h.Of, "Device", words.Shown(h.Device), "Removes", words.Number(h.Removes), "Space", words.Shown(h.Space))
}

// promise says what is so until somebody answers.
func (b *Banners) promise(h node.Hold) string {
	when := words.When(h.Since.Time, b.now())
	if h.Kind == missing {
		return words.L("Nothing was removed. Put it back and all goes on by itself. Missing since {{.Time}}.", "Time", when)
	}
	text := words.L("Nothing was removed, on any device. Held since {{.Time}}.", "Time", when)
	if h.Here {
		text = words.L("They are gone from this folder and nowhere else; if you keep them they come back. Held since {{.Time}}.", "Time", when)
	}
	if h.Before > 0 {
		text += " " + words.N("{{.Count}} file went shortly before.", "{{.Count}} files went shortly before.", h.Before)
	}
	return text
}

func (b *Banners) now() time.Time {
	if now := b.frame.Now(); now != nil {
		return now.At
	}
	return time.Time{}
}

func keepVerb(h node.Hold) string {
	if h.Kind == missing {
		return words.L("Wait for it")
	}
	return words.L("Keep the files")
}

func removeVerb(h node.Hold) string {
	if h.Kind == missing {
		return words.L("Remove everywhere")
	}
	return words.L("Remove")
}

func removeTitle(h node.Hold) string {
	return words.N("Remove {{.Count}} file from all devices?", "Remove {{.Count}} files from all devices?", h.Removes)
}

func removeBody(h node.Hold, days int64) string {
	text := words.L("They go from every device that has {{.Space}}.", "Space", words.Shown(h.Space))
	if h.Kind == missing {
		text = words.L("They are on a disk that isn't here now. They go from every other device that has {{.Space}}, too.", "Space", words.Shown(h.Space))
	}
	return text + " " + words.N("What history has kept of them can be restored for {{.Count}} day, from deleted files in the space's menu.",
		"What history has kept of them can be restored for {{.Count}} days, from deleted files in the space's menu.", days)
}

// kept says what came of keeping.
func kept(h node.Hold) string {
	switch {
	case h.Kind == missing:
		return words.L("The files of {{.Space}} stay. Meadow waits until the disk is back, and doesn't ask again.", "Space", words.Shown(h.Space))
	case h.Waiting > 0:
		return words.N("The files of {{.Space}} stay. {{.Count}} of them must come from another device.",
			"The files of {{.Space}} stay. {{.Count}} of them must come from another device.", h.Waiting, "Space", words.Shown(h.Space))
	}
	return words.N("{{.Count}} file of {{.Space}} stays", "{{.Count}} files of {{.Space}} stay", h.Removes, "Space", words.Shown(h.Space))
}

// removed says what came of removing.
func removed(h node.Hold) string {
	return words.N("{{.Count}} file was removed from {{.Space}}. What history has kept of it can be restored.",
		"{{.Count}} files were removed from {{.Space}}. What history has kept of them can be restored.", h.Removes, "Space", words.Shown(h.Space))
}
