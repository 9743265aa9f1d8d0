// Command outline turns what is drawn with lines (icons/lines, drawings/lines) into the
// same drawn as areas (icons, drawings), because the toolkit gives an icon another
// colour by replacing fills and leaves strokes as they are, and draws a stroke as wide
// in a large picture as in a small one. It runs in the folder assets, by go generate.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/math/fixed"
)

// scale is how many times finer than its own units a drawing is followed.
const scale = 64

func main() {
	log.SetFlags(0)
	// An icon has no colour and is one area.
	convertAll("icons", 0.006, func(out *strings.Builder, shapes []shape) {
		var all []polygon
		for _, s := range shapes {
			all = append(all, s.polygons...)
		}
		writeArea(out, "", all)
	})
	// A drawing keeps its colours and is an area for each shape.
	convertAll("drawings", 0.03, colored)
	convertAll("tray", 0.01, colored)
	convertAll("app", 0.05, colored)
	for _, side := range []int{16, 24, 32, 48, 64, 128, 256, 512} {
		if err := paint("app/meadow.svg", fmt.Sprintf("app/meadow-%d.png", side), side); err != nil {
			log.Fatal(err)
		}
	}
}

// paint writes a picture of a drawing without strokes.
func paint(source, target string, side int) error {
	icon, err := oksvg.ReadIcon(source, oksvg.StrictErrorMode)
	if err != nil {
		return err
	}
	icon.SetTarget(0, 0, float64(side), float64(side))
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	icon.Draw(rasterx.NewDasher(side, side, rasterx.NewScannerGV(side, side, img, img.Bounds())), 1)
	out, err := os.Create(target)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := png.Encode(out, img); err != nil {
		return err
	}
	return out.Close()
}

// colored writes an area for each shape.
func colored(out *strings.Builder, shapes []shape) {
	for _, s := range shapes {
		writeArea(out, s.fill, s.polygons)
	}
}

// convertAll writes the outlines of all files in the folder's folder of lines, off by
// at most a tolerance.
func convertAll(folder string, tolerance float64, write func(*strings.Builder, []shape)) {
	sources, err := filepath.Glob(filepath.Join(folder, "lines", "*.svg"))
	if err != nil || len(sources) == 0 {
		log.Fatalf("nothing in %s/lines: %v", folder, err)
	}
	for _, source := range sources {
		if err := convert(source, filepath.Join(folder, filepath.Base(source)), tolerance, write); err != nil {
			log.Fatalf("%s: %v", source, err)
		}
	}
}

func convert(source, target string, tolerance float64, write func(*strings.Builder, []shape)) error {
	data, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	icon, err := oksvg.ReadIconStream(bytes.NewReader(data), oksvg.StrictErrorMode)
	if err != nil {
		return err
	}
	w, h := icon.ViewBox.W, icon.ViewBox.H
	icon.SetTarget(0, 0, w*scale, h*scale)
	for i := range icon.SVGPaths {
		p := &icon.SVGPaths[i]
		p.LineWidth *= scale // the renderer scales everything but this
		for j := range p.Dash {
			p.Dash[j] *= scale // and these
		}
	}
	o := outliner{tolerance: tolerance}
	icon.Draw(rasterx.NewDasher(int(w*scale), int(h*scale), &o), 1)
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g">`, w, h, w, h)
	write(&out, o.shapes)
	out.WriteString("</svg>\n")
	return os.WriteFile(target, []byte(out.String()), 0o644)
}

type (
	point   struct{ x, y float64 }
	polygon []point
)

// A shape is what is drawn at once, in one colour.
type shape struct {
	fill     string
	polygons []polygon
}

// An outliner is a scanner that keeps the outlines it is given instead of filling
// them.
type outliner struct {
	tolerance float64
	pieces    []polygon // of the shape that is being drawn
	fill      string    // its colour
	shapes    []shape   // what was drawn
}

var _ rasterx.Scanner = (*outliner)(nil)

func at(p fixed.Point26_6) point {
	return point{float64(p.X) / 64 / scale, float64(p.Y) / 64 / scale}
}

// Start begins a piece of the outline.
func (o *outliner) Start(a fixed.Point26_6) { o.pieces = append(o.pieces, polygon{at(a)}) }

// Line continues it.
func (o *outliner) Line(b fixed.Point26_6) {
	last := len(o.pieces) - 1
	o.pieces[last] = append(o.pieces[last], at(b))
}

// Draw ends a shape. All shapes are wound in one direction, so that where two of them
// overlap neither takes away from the other.
func (o *outliner) Draw() {
	polygons := join(o.pieces)
	area := 0.0
	for _, p := range polygons {
		area += signedArea(p)
	}
	for i, p := range polygons {
		polygons[i] = simplify(p, o.tolerance)
		if area < 0 {
			slices.Reverse(polygons[i])
		}
	}
	if len(polygons) > 0 {
		o.shapes = append(o.shapes, shape{o.fill, polygons})
	}
	o.pieces = nil
}

// Clear forgets what was begun and not drawn.
func (o *outliner) Clear() { o.pieces = nil }

// GetPathExtent isn't needed for icons without gradients.
func (o *outliner) GetPathExtent() fixed.Rectangle26_6 { return fixed.Rectangle26_6{} }

// SetColor says what the next shape is filled with.
func (o *outliner) SetColor(c any) {
	if c, ok := c.(color.Color); ok {
		r, g, b, _ := c.RGBA()
		o.fill = fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	}
}

// SetBounds, SetWinding and SetClip change nothing about an outline.
func (o *outliner) SetBounds(_, _ int)      {}
func (o *outliner) SetWinding(bool)         {}
func (o *outliner) SetClip(image.Rectangle) {}

// join makes closed polygons of pieces, which come in any order: a piece goes on where
// another one begins.
func join(pieces []polygon) []polygon {
	begins := make(map[point][]int)
	used := make([]bool, len(pieces))
	for i, p := range pieces {
		if len(p) < 2 || len(p) == 2 && p[0] == p[1] {
			used[i] = true
			continue
		}
		begins[p[0]] = append(begins[p[0]], i)
	}
	var polygons []polygon
	for i, p := range pieces {
		if used[i] {
			continue
		}
		used[i] = true
		whole := slices.Clone(p)
		for whole[0] != whole[len(whole)-1] {
			end := whole[len(whole)-1]
			next := slices.IndexFunc(begins[end], func(j int) bool { return !used[j] })
			if next < 0 {
				break
			}
			used[begins[end][next]] = true
			whole = append(whole, pieces[begins[end][next]][1:]...)
		}
		polygons = append(polygons, whole)
	}
	return polygons
}

func signedArea(p polygon) float64 {
	area := 0.0
	for i, a := range p {
		b := p[(i+1)%len(p)]
		area += a.x*b.y - b.x*a.y
	}
	return area / 2
}

// simplify leaves out corners that change the line by less than the tolerance
// (Ramer, Douglas and Peucker).
func simplify(p polygon, tolerance float64) polygon {
	if len(p) < 3 {
		return p
	}
	first, last := p[0], p[len(p)-1]
	far, at := 0.0, 0
	for i := 1; i < len(p)-1; i++ {
		if d := distance(p[i], first, last); d > far {
			far, at = d, i
		}
	}
	if far <= tolerance {
		return polygon{first, last}
	}
	left, right := simplify(p[:at+1], tolerance), simplify(p[at:], tolerance)
	return append(left[:len(left):len(left)], right[1:]...)
}

// distance is that of p from the line from a to b.
func distance(p, a, b point) float64 {
	length := math.Hypot(b.x-a.x, b.y-a.y)
	if length == 0 {
		return math.Hypot(p.x-a.x, p.y-a.y)
	}
	return math.Abs((b.x-a.x)*(a.y-p.y)-(a.x-p.x)*(b.y-a.y)) / length
}

// writeArea writes polygons as one area, in a colour or without one.
func writeArea(out *strings.Builder, fill string, polygons []polygon) {
	out.WriteString("<path")
	if fill != "" {
		fmt.Fprintf(out, " fill=%q", fill)
	}
	out.WriteString(` d="`)
	for _, p := range polygons {
		for i, c := range p {
			letter := "L"
			if i == 0 {
				letter = "M"
			}
			out.WriteString(letter + number(c.x) + " " + number(c.y))
		}
		out.WriteString("Z")
	}
	out.WriteString(`"/>`)
}

func number(f float64) string {
	return strconv.FormatFloat(math.Round(f*1000)/1000, 'f', -1, 64)
}
