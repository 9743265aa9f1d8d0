// Command shots writes a picture of every screen of the window, in both themes, at
// two sizes, and with nothing, little, much and very long names in it: what a
// designer has to look at. It draws without a display; build it with -tags ci.
package main

import (
	"context"
	"flag"
	"fmt"
	"image/png"
	"log"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui"
	"meadow/ui/carry"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scene"
)

func main() {
	log.SetFlags(0)
	out := flag.String("out", "bin/shots", "the folder to write to")
	only := flag.String("screen", "", "only shots whose name begins so")
	sizes := flag.String("sizes", "empty,few,many,long", "how much is in it")
	wide := flag.String("at", "1000x640,1600x1000", "the window's sizes")
	themes := flag.String("themes", "light,dark", "the themes")
	scale := flag.Float64("scale", 1, "how large text is, from 0.8 to 2")
	flag.Parse()
	if err := os.MkdirAll(*out, 0o755); err != nil {
		log.Fatal(err)
	}
	s := shooter{out: *out, only: *only, scale: float32(*scale)}
	if strings.HasPrefix("gallery", *only) {
		if err := s.gallery(strings.Split(*themes, ",")); err != nil {
			log.Fatal(err)
		}
	}
	for _, theme := range strings.Split(*themes, ",") {
		for _, size := range strings.Split(*sizes, ",") {
			for _, at := range strings.Split(*wide, ",") {
				if err := s.shoot(theme, scene.Size(size), at); err != nil {
					log.Fatal(err)
				}
			}
		}
	}
	fmt.Printf("%d pictures are in %s\n", s.count, *out)
}

// shooter writes pictures.
type shooter struct {
	out, only string
	scale     float32
	count     int
}

// shot is one picture: where the window goes, and what is done there before.
type shot struct {
	name  string
	place frame.Place
	do    func(*frame.Frame)
	set   func(*scene.Node) // makes the scene
	calls int               // of the interface thread that are waited for, at the end
	// steps is do where what goes by hand stays under way: next has the next thing of it
	// reach the interface thread.
	steps func(f *frame.Frame, next func())
	// instead fills the window where there is no frame.
	instead func(w fyne.Window, worker *frame.Worker, n *scene.Node)
}

// shots are all that there are to take of a scene.
func shots(n *scene.Node) []shot {
	all := []shot{
		{name: "frame"},
		{name: "frame-sheet", do: func(f *frame.Frame) {
			f.Confirm("Delete the space Photos?", "Its 1,310 files (4.2 GB) go from all your devices. Until 23 Dec you can bring it back.", "Delete", true, func() {})
		}},
		{name: "frame-said", do: func(f *frame.Frame) { f.Say("3 files were added to Photos", func() {}) }},
		{name: "frame-failed", do: func(f *frame.Frame) {
			f.Fail(&node.Error{Message: "the disk is full: Holiday.mp4 wasn't stored, all else is kept", Hint: "free some space there, it goes on by itself"})
		}},
	}
	for _, e := range ui.Screens(n, new(scene.Computer), eyes, nil) {
		all = append(all, shot{name: e.Name, place: scene.Place(n, e.Name)})
	}
	all = append(all, spaceShots(n)...)
	all = append(all, deviceShots(n)...)
	all = append(all, accessShots(n)...)
	all = append(all, peopleShots(n)...)
	all = append(all, meetShots()...)
	all = append(all, carryShots(n)...)
	all = append(all, gates()...)
	return append(append(all, firstRun()...), adding()...)
}

func (s *shooter) shoot(variant string, size scene.Size, at string) error {
	var w, h float32
	if _, err := fmt.Sscanf(at, "%fx%f", &w, &h); err != nil {
		return fmt.Errorf("%q isn't a size such as 1000x640", at)
	}
	for _, shot := range shots(scene.New(size)) {
		if !strings.HasPrefix(shot.name, s.only) {
			continue
		}
		name := strings.Join([]string{shot.name, string(size), variant, at}, "-") + ".png"
		if err := s.picture(filepath.Join(s.out, name), variant, size, shot, fyne.NewSize(w, h)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.count++
	}
	return nil
}

// gallery draws everything that screens are made of, in its own size.
func (s *shooter) gallery(variants []string) error {
	for _, variant := range variants {
		a := test.NewApp()
		a.Settings().SetTheme(look.New(look.Mode(variant), s.scale))
		w := test.NewWindow(gallery())
		w.SetPadded(false)
		w.Resize(w.Content().MinSize().Max(fyne.NewSize(1500, 0)))
		err := write(filepath.Join(s.out, "gallery-"+variant+".png"), w)
		w.Close()
		a.Quit()
		if err != nil {
			return err
		}
		s.count++
	}
	return nil
}

// picture draws one shot in a window of its own.
func (s *shooter) picture(file, variant string, size scene.Size, shot shot, at fyne.Size) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a := test.NewApp()
	defer a.Quit()
	a.Settings().SetTheme(look.New(look.Mode(variant), s.scale))
	w := test.NewWindow(nil)
	defer w.Close()
	w.SetPadded(false)
	w.Resize(at)
	n := scene.New(size)
	if shot.set != nil {
		shot.set(n)
	}
	feed := frame.NewFeed(n, scene.Clock)
	if err := feed.Refresh(ctx); err != nil {
		return err
	}
	worker := frame.NewWorker(ctx, true)
	var calls <-chan func()
	if shot.calls > 0 {
		worker, calls = frame.NewTurnedWorker(ctx)
	}
	if shot.instead != nil {
		shot.instead(w, worker, n)
		return write(file, w)
	}
	carrying, carried := worker, (<-chan func())(nil)
	if shot.steps != nil {
		carrying, carried = frame.NewTurnedWorker(ctx)
	}
	carrier := carry.New(carrying, n, nil)
	f := frame.New(a, w, n, feed, worker, ui.Screens(n, new(scene.Computer), eyes, carrier))
	defer f.Close()
	f.Quit = func() { carrier.AskQuit(func() {}) }
	carrier.Opened(f)
	f.Go(shot.place)
	if shot.do != nil {
		shot.do(f)
	}
	for range shot.calls {
		(<-calls)()
	}
	if shot.steps != nil {
		shot.steps(f, func() { (<-carried)() })
	}
	return write(file, w)
}

// write draws a window into a file.
func write(file string, w fyne.Window) error {
	// What wraps knows its height only once it has its width: it is laid out twice.
	at := w.Canvas().Size()
	w.Resize(at.AddWidthHeight(1, 1))
	w.Resize(at)
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := png.Encode(out, w.Canvas().Capture()); err != nil {
		return err
	}
	return out.Close()
}
