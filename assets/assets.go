// Package assets holds what the window shows that isn't text: icons, drawings and
// fonts, as files. It knows nothing of colours and themes: package ui/look gives them
// their colours.
//
// Pictures are drawn with lines (the folders lines) and kept beside that as areas,
// which go generate makes of them: the toolkit can give areas another colour and
// another size, lines not.
package assets

import (
	"embed"
	"strings"
)

//go:generate go run ./internal/outline

//go:embed icons/*.svg
var icons embed.FS

// Icon returns the icon of a name, an SVG of one area without a colour, on a grid of
// 24.
func Icon(name string) ([]byte, error) { return icons.ReadFile("icons/" + name + ".svg") }

// Icons returns the names of all icons.
func Icons() []string { return names(icons, "icons") }

//go:embed drawings/*.svg
var drawings embed.FS

// Drawing returns the drawing of a name, an SVG in the colours of the light.
func Drawing(name string) ([]byte, error) { return drawings.ReadFile("drawings/" + name + ".svg") }

// Drawings returns the names of all drawings.
func Drawings() []string { return names(drawings, "drawings") }

//go:embed tray/*.svg
var tray embed.FS

// Tray returns the tray's icon of a state, an SVG that can be read on a light and on a
// dark panel.
func Tray(state string) ([]byte, error) { return tray.ReadFile("tray/" + state + ".svg") }

// TrayStates returns the names of all states.
func TrayStates() []string { return names(tray, "tray") }

//go:embed app/meadow-128.png
var app []byte

// App is the program's own icon, a PNG.
func App() []byte { return app }

//go:embed fonts/*.otf
var fonts embed.FS

// Font returns the font of a name, such as Inter-Regular.
func Font(name string) ([]byte, error) { return fonts.ReadFile("fonts/" + name + ".otf") }

// names are those of the files in a folder, without what kind they are of.
func names(files embed.FS, folder string) []string {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return nil // it is embedded: there is one
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".svg")
	}
	return names
}
