package words

import (
	"fmt"
	"strings"
	"sync/atomic"

	"fyne.io/fyne/v2/lang"
)

// Language is a language that Meadow speaks.
type Language struct{ Code, Name string }

// names are languages as those who speak them call them.
var names = map[string]string{"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "it": "Italiano"}

// Languages are all that there are translations for.
func Languages() (all []Language) {
	list, err := files.ReadDir("translations")
	if err != nil {
		panic(err) // the program was built without
	}
	for _, f := range list {
		code := strings.TrimSuffix(f.Name(), ".json")
		name := names[code]
		if name == "" {
			name = code
		}
		all = append(all, Language{code, name})
	}
	return all
}

// Texts are taken as they are in the code where the language is English or one that
// Meadow doesn't speak: the toolkit has some words of its own in many languages,
// which would stand among English ones.
const (
	unset = iota
	plain
	translated
)

var speaks atomic.Int32

// Speak sets the language; "" is the system's.
func Speak(code string) {
	if code == "" {
		code = lang.SystemLocale().LanguageString()
	}
	code, _, _ = strings.Cut(code, "-")
	if _, err := files.ReadFile("translations/" + code + ".json"); err != nil || code == "en" {
		speaks.Store(plain)
	} else {
		speaks.Store(translated)
	}
}

// isPlain reports whether texts are taken as they are.
func isPlain() bool {
	if speaks.Load() == unset {
		Speak("")
	}
	return speaks.Load() == plain
}

// filled is a text with values in place of {{.Name}}.
func filled(text string, values map[string]any) string {
	before, rest, found := strings.Cut(text, "{{.")
	if !found {
		return text
	}
	var b strings.Builder
	for found {
		b.WriteString(before)
		var name string
		if name, rest, found = strings.Cut(rest, "}}"); !found {
			break
		}
		fmt.Fprint(&b, values[name])
		before, rest, found = strings.Cut(rest, "{{.")
	}
	b.WriteString(before)
	return b.String()
}
