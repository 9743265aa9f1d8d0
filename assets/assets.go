// Package assets holds what the window shows that isn't text: icons, drawings and
// fonts, as files. It knows nothing of colours and themes: package ui/look gives them
// their colours.
//
// Icons are drawn as lines on a grid of 24 (icons/lines) and kept beside that as areas
// (icons), which go generate makes of them: the toolkit can give areas another colour,
// lines not.
package assets

import (
	"embed"
	"strings"
)

//go:generate go run ./internal/outline

//go:embed icons/*.svg
var icons embed.FS

// Icon returns the icon of a name, an SVG of one area without a colour.
func Icon(name string) ([]byte, error) { return icons.ReadFile("icons/" + name + ".svg") }

// Icons returns the names of all icons.
func Icons() []string {
	entries, err := icons.ReadDir("icons")
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".svg")
	}
	return names
}

//go:embed drawings/*.svg
var drawings embed.FS

// Drawing returns the drawing of a name, an SVG in the colours of the light.
func Drawing(name string) ([]byte, error) { return drawings.ReadFile("drawings/" + name + ".svg") }
