package look_test

import (
	"testing"

	"meadow/ui/look"
)

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Ana Moreau": "AM", "bob": "B", "Jean-Luc van der Berg": "JB", "Elif 142": "E", "": "?", "…": "?", "42 7": "47", "Åsa ß": "Åß",
	} {
		if got := look.Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
