package devices_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui/devices"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/scene"
)

var small = fyne.NewSize(1000, 640)

func open(t *testing.T, n *scene.Node, p frame.Place, size fyne.Size) (*devices.Screen, *frame.Frame) {
	t.Helper()
	var s *devices.Screen
	p.Screen = frame.Devices
	_, f := scene.Open(t, n, []frame.Entry{{Name: frame.Devices, Make: func(f *frame.Frame) frame.Screen {
		s = devices.New(f, n)
		return s
	}}}, p, size)
	return s, f
}

func TestRead(t *testing.T) {
	for _, size := range scene.Sizes {
		t.Run(string(size), func(t *testing.T) {
			s, _ := open(t, scene.New(size), frame.Place{}, small)
			scene.Golden(t, string(size), s.Content())
		})
	}
}

// sheet is what the sheet on top says.
func sheet(f *frame.Frame) string {
	if top := f.Window.Canvas().Overlays().Top(); top != nil {
		return scene.Read(top)
	}
	return ""
}

// TestRemove reads what it means, removes, and gets a receipt.
func TestRemove(t *testing.T) {
	n := scene.New(scene.Few)
	laptop := n.State.Devices[1].Endpoint
	s, f := open(t, n, frame.Place{Item: laptop}, small)
	scene.Press(f.Window.Canvas(), "Remove this device")
	if got := sheet(f); !strings.Contains(got, "can't be erased from here") || !strings.Contains(got, "Whom it let in stays: Phone") {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Remove this device")
	if got := sheet(f); !strings.Contains(got, "Laptop is removed") || !strings.Contains(got, "hears of it when it connects") {
		t.Errorf("the receipt says\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Done")
	if err := f.Feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := scene.Read(s.Content()); strings.Contains(got, "Laptop") {
		t.Errorf("it is still there:\n%s", got)
	}
}

// TestRemoveLeft won't give up files before it is told to.
func TestRemoveLeft(t *testing.T) {
	n := scene.New(scene.Few)
	_, f := open(t, n, frame.Place{Item: n.State.Devices[2].Endpoint}, small)
	scene.Press(f.Window.Canvas(), "Remove this device")
	scene.Press(f.Window.Canvas(), "Remove this device")
	if len(n.State.Devices) != 3 {
		t.Error("it was removed, with files that aren't here")
	}
	if !strings.Contains(sheet(f), "Give up 1 file") {
		t.Errorf("the sheet says\n%s", sheet(f))
	}
	f.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	f.Window.Canvas().Focused().TypedRune(' ')
	scene.Press(f.Window.Canvas(), "Remove this device")
	if len(n.State.Devices) != 2 {
		t.Errorf("it wasn't removed:\n%s", sheet(f))
	}
}

// TestStolen keeps nothing of what it did since a moment.
func TestStolen(t *testing.T) {
	n := scene.New(scene.Few)
	_, f := open(t, n, frame.Place{Item: n.State.Devices[1].Endpoint}, small)
	c := f.Window.Canvas()
	scene.Press(c, "Remove this device")
	if got := sheet(f); !strings.Contains(got, "It shared Photos\nEnds") {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Press(c, "Keep what it shared with people within 30 days")
	if got := sheet(f); !strings.Contains(got, "It shared Photos\nStays") {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Press(c, "Lost or stolen")
	since := "Since when, such as 2026-11-23 14:02"
	scene.Type(c, since, "2026-11-23 01:00")
	if got := sheet(f); !strings.Contains(got, "1 change that it made since then isn't kept") || !strings.Contains(got, "Isn't kept") {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Type(c, since, "yesterday")
	scene.Press(c, "Remove this device")
	if got := sheet(f); !strings.Contains(got, "Write it as") || len(n.State.Devices) != 3 {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Type(c, since, "2026-11-20")
	scene.Press(c, "Remove this device")
	if got := sheet(f); !strings.Contains(got, "Laptop is removed") || len(n.State.Devices) != 2 {
		t.Errorf("the receipt says\n%s", got)
	}
}

// retype types another text where the focus is.
func retype(f *frame.Frame, text string) {
	entry := f.Window.Canvas().Focused().(*keys.Entry)
	entry.SetText("")
	test.Type(entry, text)
}

func TestRename(t *testing.T) {
	n := scene.New(scene.Few)
	_, f := open(t, n, frame.Place{Item: n.State.Devices[1].Endpoint}, small)
	scene.Press(f.Window.Canvas(), "Rename")
	retype(f, "Phone")
	scene.Press(f.Window.Canvas(), "Rename")
	if got := sheet(f); !strings.Contains(got, "Choose another name") {
		t.Errorf("the sheet says\n%s", got)
	}
	retype(f, "Notebook")
	f.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if n.State.Devices[1].Name != "Notebook" || sheet(f) != "" {
		t.Errorf("it is called %q:\n%s", n.State.Devices[1].Name, sheet(f))
	}
}

// TestDial says what is wrong with an address.
func TestDial(t *testing.T) {
	n := scene.New(scene.Few)
	_, f := open(t, n, frame.Place{Item: n.State.Devices[2].Endpoint}, small)
	scene.Press(f.Window.Canvas(), "Connect by address")
	test.Type(f.Window.Canvas().Focused(), "here")
	scene.Press(f.Window.Canvas(), "Connect")
	if !strings.Contains(sheet(f), "isn't an address") {
		t.Errorf("the sheet says\n%s", sheet(f))
	}
	test.Type(f.Window.Canvas().Focused(), ":1")
	scene.Press(f.Window.Canvas(), "Connect")
	if sheet(f) != "" || !n.State.Devices[2].Online {
		t.Errorf("the sheet says\n%s", sheet(f))
	}
}

// TestDoctor says what was looked at, and what to do; of another device nothing.
func TestDoctor(t *testing.T) {
	n := scene.New(scene.Few)
	phone, laptop := n.State.Devices[2].Endpoint, n.State.Devices[1].Endpoint
	s, f := open(t, n, frame.Place{Item: phone}, small)
	scene.Press(f.Window.Canvas(), "Why isn't it connected?")
	got := scene.Read(s.Content())
	for _, want := range []string{"It can't be heard on this network", "Nothing answers at 192.168.1.77:49152", "3.0 s", "Phone seems to be off"} {
		if !strings.Contains(got, want) {
			t.Errorf("it doesn't say %q:\n%s", want, got)
		}
	}
	f.Go(frame.Place{Screen: frame.Devices, Item: laptop})
	if got := scene.Read(s.Content()); strings.Contains(got, "Nothing answers") || strings.Contains(got, "Why isn't it connected?") {
		t.Errorf("of another device it reads\n%s", got)
	}
}

// TestSpaces takes a space away and gets a receipt.
func TestSpaces(t *testing.T) {
	n := scene.New(scene.Few)
	_, f := open(t, n, frame.Place{Item: n.State.Devices[2].Endpoint}, small)
	scene.Press(f.Window.Canvas(), "Change")
	if !strings.Contains(sheet(f), "Nothing changes.") {
		t.Errorf("the sheet says\n%s", sheet(f))
	}
	scene.Press(f.Window.Canvas(), "Photos")
	scene.Press(f.Window.Canvas(), "Work")
	if got := sheet(f); !strings.Contains(got, "Phone gets Work, 121 MB.") || !strings.Contains(got, "Photos will be taken from Phone") {
		t.Errorf("the sheet says\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Change")
	if got := sheet(f); !strings.Contains(got, "Taken from Phone") || !strings.Contains(got, "Laptop\nknows since 14:02") {
		t.Errorf("the receipt says\n%s", got)
	}
	if got := n.State.Devices[2].Spaces.Names; len(got) != 1 || got[0] != "Work" {
		t.Errorf("it has %v", got)
	}
}

// TestNarrow shows one device in place of the list, and the list again with Esc.
func TestNarrow(t *testing.T) {
	n := scene.New(scene.Few)
	s, f := open(t, n, frame.Place{}, fyne.NewSize(560, 480))
	if got := scene.Read(s.Content()); strings.Contains(got, "About this device") {
		t.Errorf("there is no room for\n%s", got)
	}
	f.Go(frame.Place{Screen: frame.Devices, Item: n.State.Devices[2].Endpoint})
	if got := scene.Read(s.Content()); !strings.Contains(got, "About this device") || strings.Contains(got, "Laptop") {
		t.Errorf("of one device it reads\n%s", got)
	}
	f.Escape()
	if got := scene.Read(s.Content()); !strings.Contains(got, "Laptop") {
		t.Errorf("back it reads\n%s", got)
	}
}

// TestRow has what a device's line says.
func TestRow(t *testing.T) {
	lan, relay, ms, yes, no := "lan", "relay", int64(2), true, false
	seen := &node.Time{Time: scene.At.AddDate(0, 0, -6)}
	for name, test := range map[string]struct {
		device node.Device
		toGo   int64
		want   string
	}{
		"in step": {
			node.Device{Name: "A", Platform: "darwin", Online: true, Path: &lan, RTT: &ms, InStep: &yes, Spaces: node.DeviceSpaces{All: true, Known: true}},
			0, "A|macOS · All spaces|LAN 2 ms|In step",
		},
		"behind":      {node.Device{Name: "A", Online: true, Path: &relay, InStep: &no}, 812_000_000, "A||Relay|812 MB to go"},
		"catching up": {node.Device{Name: "A", Online: true, InStep: &no}, 0, "A||Direct|Catching up"},
		"away":        {node.Device{Name: "A", LastSeen: seen, Platform: "windows"}, 0, "A|Last seen 6 days ago · Windows|Offline"},
		"unanswered":  {node.Device{Name: "A", Unanswered: true}, 0, "A|Let in, and never answered|No answer|Offline"},
		"clock": {
			node.Device{Name: "A\nB", Online: true, InStep: &yes, Notice: &node.Notice{Code: node.NoticeClock}},
			0, "A\\u000aB||Clock differs|Direct|In step",
		},
		"self": {node.Device{Name: "A", Self: true, Online: true, Platform: "linux"}, 0, "A|Linux|This device"},
	} {
		row := devices.Row(test.device, scene.At, test.toGo)
		got := []string{row.Title, row.Subtitle}
		for _, m := range row.Marks {
			got = append(got, m.Text)
		}
		if strings.Join(got, "|") != test.want {
			t.Errorf("%s: %q, want %q", name, strings.Join(got, "|"), test.want)
		}
		if len(devices.Compact(test.device, scene.At, test.toGo).Marks) != 1 {
			t.Errorf("%s: a compact line has not one mark", name)
		}
	}
}

func TestToGo(t *testing.T) {
	got := devices.ToGo(scene.New(scene.Few).Moving)
	laptop := scene.New(scene.Few).State.Devices[1].Endpoint
	if want := int64(110_000_000 + 168_000_000 + 11_000_000 + 534_000_000); got[laptop] != want {
		t.Errorf("%d bytes to go, want %d", got[laptop], want)
	}
}
