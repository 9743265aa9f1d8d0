package scene

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"strings"
)

// content is what is in a made-up file.
func content(path, version string) []byte {
	switch {
	case strings.HasSuffix(path, ".jpg"):
		return meadow(path)
	case path == ".meadowignore":
		return []byte("# what only this computer needs\n*.tmp\n/build/\n")
	case strings.HasPrefix(path, "Budget"):
		return []byte(budget(strings.Contains(path, "conflict"), version))
	case strings.HasSuffix(path, ".txt"), strings.HasSuffix(path, ".md"):
		return []byte("# " + path + "\n\nThe list of what we want to do next year:\n\n- mow the meadow late, for the bees\n- mend the gate\n- ask Ada about the apple tree\n" +
			strings.Repeat("\nAnd some more lines, so that there is something to scroll through.", 40) + "\n")
	}
	return []byte("\x00\x01\x02 not a text")
}

func budget(other bool, version string) string {
	seeds, fence := "Seeds          120", "Fence          430"
	if other {
		seeds, fence = "Seeds          140", "Fence          430\nBench          210"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Budget 2027\n===========\n\n%s\nTools           80\n%s\nCompost         35\nWater           60\nBees           150\n\nAsk about the grant before March.\n", seeds, fence)
	if strings.Contains(version, "@-") {
		b.WriteString("An older version.\n")
	}
	return b.String()
}

// meadow paints hills under a sky, others for each name.
func meadow(name string) []byte {
	h := fnv.New32a()
	h.Write([]byte(name))
	seed := float64(h.Sum32()%1000) / 1000
	const w, high = 480, 320
	m := image.NewRGBA(image.Rect(0, 0, w, high))
	mix := func(a, b color.RGBA, t float64) color.RGBA {
		f := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t) }
		return color.RGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 255}
	}
	sky, dawn := color.RGBA{uint8(90 + 60*seed), 150, 200, 255}, color.RGBA{250, uint8(210 - 40*seed), uint8(170 - 60*seed), 255}
	hills := []color.RGBA{{126, 158, 128, 255}, {92, 138, 84, 255}, {58, 106, 58, 255}}
	for y := range high {
		for x := range w {
			c := mix(sky, dawn, float64(y)/high*1.3)
			if dx, dy := float64(x)-w*(0.2+0.6*seed), float64(y)-high*0.33; dx*dx+dy*dy < 26*26 {
				c = color.RGBA{255, 244, 214, 255}
			}
			for i, hill := range hills {
				top := high*(0.48+0.15*float64(i)) + 26*math.Sin(float64(x)/(70+20*float64(i))+seed*9+float64(i)*2)
				if float64(y) > top {
					c = mix(hill, color.RGBA{0, 0, 0, 255}, (float64(y)-top)/high*0.3)
				}
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, nil) // a buffer takes everything
	return b.Bytes()
}
