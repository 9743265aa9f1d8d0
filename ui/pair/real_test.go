//go:build ci

package pair_test

import (
	"context"
	"image"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/core/qr"
	"meadow/ui/first"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/pair"
	"meadow/ui/scene"
)

var (
	listedWord = regexp.MustCompile(`(?m)^(\d+)\n([a-z]+)$`)
	askedWord  = regexp.MustCompile(`(?m)^Word (\d+)$`)
	digits     = regexp.MustCompile(`(?m)^(\d{3}) (\d{3})$`)
	paired     = regexp.MustCompile(`(?m)^Paired\. .*$`)
)

// TestTwoComputers makes an account on one, has it joined by the other, whose code is
// filmed off its window, and lets both finish.
func TestTwoComputers(t *testing.T) {
	desktop(t)
	desk, laptop := newComputer(t, "Desk"), newComputer(t, "Laptop")
	startFresh(t, desk)
	desk.start()
	photos, err := desk.node.SpaceCreate(t.Context(), "Photos")
	must(t, err)
	_, err = desk.node.SpaceCreate(t.Context(), "Work")
	must(t, err)
	_, err = desk.node.Put(t.Context(), photos.ID, "a.txt", strings.NewReader(strings.Repeat("meadow ", 1000)))
	must(t, err)

	made := false
	f := first.New(laptop.window, laptop.worker, laptop, func() { made = true })
	laptop.press("Join my other device")
	laptop.write("Such as Laptop", "Laptop")
	laptop.press("Show the code")
	until(t, desk, laptop, func() bool { return made })
	f.Close()
	laptop.start()
	joined := false
	j := first.NewJoin(laptop.window, laptop.worker, laptop.node, time.Now, func() { joined = true })
	defer j.Close()
	until(t, desk, laptop, laptop.shows("New code in"))

	film := filmed(laptop) // on this goroutine: it draws
	add := openAdd(t, desk, func(context.Context) (<-chan image.Image, error) { return film, nil })
	add.Go(frame.Place{Screen: frame.Add})
	desk.press("Use the camera")
	until(t, desk, laptop, desk.shows("What it may do"))
	if got := desk.reads(); !strings.Contains(got, "Laptop") || !strings.Contains(got, "On this network") {
		t.Errorf("it reads\n%s", got)
	}
	desk.press("Limited device")
	desk.press("Chosen spaces")
	reading(t, desk, "Choose at least one space")
	pickSpace(t, desk, "Photos")
	desk.press("Show the digits")
	until(t, desk, laptop, func() bool { return digits.MatchString(desk.reads()) && laptop.shows("Join Anna's account?")() })
	reading(t, laptop, "as a limited device")
	m := digits.FindStringSubmatch(desk.reads())
	laptop.window.Canvas().Focused().(*look.CodeField).Paste(m[1] + m[2])
	laptop.press("Join")
	until(t, desk, laptop, func() bool {
		a, b := paired.FindString(desk.reads()), paired.FindString(laptop.reads())
		return a != "" && a == b
	})
	reading(t, laptop, "Paired. 1 space, 7.0 kB to fetch.")
	laptop.press("Open my spaces")
	if !joined {
		t.Error("it doesn't go on")
	}
	must(t, add.Feed.Refresh(t.Context()))
	desk.press("Done")
}

func reading(t *testing.T, c *computer, want string) {
	t.Helper()
	if !c.shows(want)() {
		t.Errorf("%s reads\n%s\nwant %q", c.name, c.reads(), want)
	}
}

// startFresh makes an account on a computer, with a mistake on the way.
func startFresh(t *testing.T, c *computer) {
	t.Helper()
	made := false
	f := first.New(c.window, c.worker, c, func() { made = true })
	defer f.Close()
	c.press("Start fresh")
	c.write("Such as Anna", "Anna")
	c.write("Such as Laptop", c.name)
	c.press("Show my words")
	until(t, c, c, c.shows("Your 24 words"))
	words := map[string]string{}
	for _, m := range listedWord.FindAllStringSubmatch(c.reads(), -1) {
		words[m[1]] = m[2]
	}
	if len(words) != 24 {
		t.Fatalf("%d words are shown:\n%s", len(words), c.reads())
	}
	if c.home.Initialised() {
		t.Error("there is a home before the words were kept")
	}
	c.press("I have written them down")
	answer(c, func(string) string { return "abandoned" })
	c.press("Make my account")
	reading(t, c, "That is another word")
	c.press("See the words again")
	c.press("I have written them down")
	answer(c, func(number string) string { return words[number] })
	c.press("Make my account")
	until(t, c, c, func() bool { return made })
	if !c.home.Initialised() {
		t.Error("there is no home")
	}
}

func answer(c *computer, word func(number string) string) {
	for _, m := range askedWord.FindAllStringSubmatch(c.reads(), -1) {
		c.write("The first letters of word "+m[1], word(m[1]))
	}
}

// openAdd opens a window on a node with the screen that adds devices.
func openAdd(t *testing.T, c *computer, camera func(context.Context) (<-chan image.Image, error)) *frame.Frame {
	t.Helper()
	feed := frame.NewFeed(c.node, time.Now)
	must(t, feed.Refresh(t.Context()))
	f := frame.New(fyne.CurrentApp(), c.window, c.node, feed, c.worker, []frame.Entry{
		{Name: frame.Add, Make: func(f *frame.Frame) frame.Screen { return pair.New(f, c.node, pair.Eyes{Camera: camera}) }},
	})
	t.Cleanup(f.Close)
	return f
}

// filmed is what a camera sees that is turned to a computer's window: nothing, a code
// of something else, then the window.
func filmed(c *computer) <-chan image.Image {
	pictures := make(chan image.Image, 3)
	other, _ := qr.Squares("https://example.org/menu")
	for _, img := range []image.Image{image.NewGray(image.Rect(0, 0, 640, 480)), other, c.window.Canvas().Capture()} {
		pictures <- img
	}
	return pictures
}

// pickSpace ticks a space in the list.
func pickSpace(t *testing.T, c *computer, name string) {
	t.Helper()
	spaces, err := c.node.SpaceList(t.Context())
	must(t, err)
	at := slices.IndexFunc(spaces, func(s node.Space) bool { return s.Name == name })
	scene.Walk(c.window.Content(), func(o fyne.CanvasObject) bool {
		if l, ok := o.(*keys.List); ok && l.Length() == len(spaces) {
			l.Select(at)
			return false
		}
		return true
	})
	if !c.shows("It gets 1 space")() {
		t.Errorf("it wasn't ticked:\n%s", c.reads())
	}
}
