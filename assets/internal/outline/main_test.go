package main

import (
	"bytes"
	"math"
	"testing"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
)

// TestArea checks that outlines enclose what is drawn: the area of a line is its length
// times its width, and its round ends.
func TestArea(t *testing.T) {
	const width = 1.75
	round := math.Pi * width * width / 4
	for name, c := range map[string]struct {
		drawing string
		area    float64
	}{
		"line":   {`<path d="M4 12H20"/>`, 16*width + round},
		"corner": {`<path d="M4 4V20H20"/>`, 32*width + round - (width*width-round)/4},
		"disc":   {`<circle cx="12" cy="12" r="5" fill="#000" stroke="none"/>`, math.Pi * 25},
		"ring":   {`<circle cx="12" cy="12" r="8"/>`, 2 * math.Pi * 8 * width},
		"square": {`<rect x="4" y="4" width="16" height="16" fill="#000" stroke="none"/>`, 256},
	} {
		t.Run(name, func(t *testing.T) {
			shapes := outlines(t, c.drawing)
			area := 0.0
			for _, s := range shapes {
				for _, p := range s.polygons {
					area += signedArea(p)
				}
			}
			if math.Abs(area-c.area) > c.area*0.02 {
				t.Errorf("an area of %.2f, want %.2f", area, c.area)
			}
		})
	}
}

func outlines(t *testing.T, drawing string) []shape {
	t.Helper()
	svg := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g fill="none" stroke="#000" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">` + drawing + `</g></svg>`
	icon, err := oksvg.ReadIconStream(bytes.NewReader([]byte(svg)), oksvg.StrictErrorMode)
	if err != nil {
		t.Fatal(err)
	}
	icon.SetTarget(0, 0, 24*scale, 24*scale)
	for i := range icon.SVGPaths {
		icon.SVGPaths[i].LineWidth *= scale
	}
	o := outliner{tolerance: 0.006}
	icon.Draw(rasterx.NewDasher(24*scale, 24*scale, &o), 1)
	return o.shapes
}

// TestSimplify leaves out what is on the line and keeps what isn't.
func TestSimplify(t *testing.T) {
	got := simplify(polygon{{0, 0}, {1, 0.001}, {2, 0}, {3, 1}, {4, 0}}, 0.01)
	want := polygon{{0, 0}, {2, 0}, {3, 1}, {4, 0}}
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
		}
	}
}
