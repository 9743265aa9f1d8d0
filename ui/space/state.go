package space

import (
	"strings"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/words"
)

// stateOf is the one thing to know of a space.
func stateOf(s node.Space, holds []node.Hold) look.Mark {
	attention := func(text string) look.Mark {
		return look.Mark{Tone: look.ToneAttention, Icon: look.IconWarning, Text: text}
	}
	var held int64
	for _, h := range holds {
		held += h.Removes
	}
	switch {
	case s.Ended:
		return look.Mark{Tone: look.ToneMuted, Icon: look.IconDetach, Text: words.L("No longer shared")}
	case held > 0:
		m := attention(words.N("{{.Count}} removal held", "{{.Count}} removals held", held))
		m.Icon = look.IconHold
		return m
	case s.Trouble != nil:
		return attention(words.L("Something waits"))
	case s.Conflicts > 0:
		m := attention(words.N("{{.Count}} conflict", "{{.Count}} conflicts", s.Conflicts))
		m.Icon = look.IconConflict
		return m
	case s.MissingBytes > 0:
		return look.Mark{Tone: look.ToneInfo, Icon: look.IconDownload, Text: words.L("{{.Size}} to fetch", "Size", words.Size(s.MissingBytes))}
	case s.Unwritable > 0:
		return attention(words.N("{{.Count}} file not in the folder", "{{.Count}} files not in the folder", s.Unwritable))
	case s.Entries == 0:
		return look.Mark{Tone: look.ToneMuted, Icon: look.IconInfo, Text: words.L("Empty")}
	}
	return look.Mark{Tone: look.ToneGood, Icon: look.IconGood, Text: words.L("All here")}
}

// contents says how much is in something.
func contents(files, bytes int64) string {
	if files == 0 {
		return words.L("No files")
	}
	return words.N("{{.Count}} file, {{.Size}}", "{{.Count}} files, {{.Size}}", files, "Size", words.Size(bytes))
}

// ofSpace are the holds of a space.
func ofSpace(all []node.Hold, s node.Space) (holds []node.Hold) {
	for _, h := range all {
		if h.Space == s.Name {
			holds = append(holds, h)
		}
	}
	return holds
}

// facts puts short facts beside each other.
func facts(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, "  ·  ")
}
