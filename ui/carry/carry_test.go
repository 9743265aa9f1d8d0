package carry_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/storage"
	"go.uber.org/goleak"

	"meadow/core/node"
	"meadow/ui/carry"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/scene"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// blank is a screen that shows nothing, and keeps what was dropped on it.
type blank struct{ dropped []fyne.URI }

func (*blank) Content() fyne.CanvasObject { return container.NewStack() }
func (*blank) Shown(frame.Place)          {}
func (*blank) Update(*frame.Now)          {}
func (*blank) Hidden()                    {}
func (b *blank) Dropped(files []fyne.URI) { b.dropped = files }

// user does things in a window with a carrier.
type user struct {
	t       *testing.T
	node    *scene.Node
	frame   *frame.Frame
	carrier *carry.Carrier
	late    []string
}

func use(t *testing.T, n *scene.Node) *user {
	t.Helper()
	u := &user{t: t, node: n}
	u.open()
	u.begin(u.frame.Worker)
	return u
}

// useTurned is use with a worker whose answers wait until they are taken, so many at a
// time.
func useTurned(t *testing.T) (u *user, turn func(times int)) {
	t.Helper()
	u = &user{t: t, node: scene.New(scene.Few)}
	u.open()
	w, turns := frame.NewTurnedWorker(t.Context())
	u.begin(w)
	return u, func(times int) {
		for range times {
			(<-turns)()
		}
	}
}

func (u *user) open() {
	page := func(*frame.Frame) frame.Screen { return new(blank) }
	_, u.frame = scene.Open(u.t, u.node, []frame.Entry{{Name: frame.Home, Make: page}, {Name: frame.Space, Make: page}},
		frame.Place{Screen: frame.Home}, fyne.NewSize(1000, 640))
}

func (u *user) begin(w *frame.Worker) {
	u.carrier = carry.New(w, u.node, func(text string) { u.late = append(u.late, text) })
	u.carrier.Opened(u.frame)
}

func (u *user) press(verb string) { scene.Press(u.frame.Window.Canvas(), verb) }

func (u *user) read() string {
	all := scene.Read(u.frame.Window.Content())
	for _, o := range u.frame.Window.Canvas().Overlays().List() {
		all += scene.Read(o)
	}
	return all
}

func (u *user) reads(texts ...string) {
	u.t.Helper()
	all := u.read()
	for _, text := range texts {
		if !strings.Contains(all, text) {
			u.t.Errorf("%q isn't to be read in\n%s", text, all)
		}
	}
}

func (u *user) out() {
	s := u.node.State.Spaces[0]
	part := carry.What{Space: s, Path: "2019/Lake", Files: 108, Bytes: 309_000_000}
	u.carrier.Out(carry.What{Space: s, Files: s.Files, Bytes: s.Bytes, Absent: 1}, &part, false)
}

func (u *user) where(dir string) {
	scene.Find(u.frame.Window.Canvas(), "The stick, or a folder").(*keys.Entry).SetText(dir)
}

// TestOut writes the folder that is open, after it was said who can read the file.
func TestOut(t *testing.T) {
	u := use(t, scene.New(scene.Few))
	u.out()
	u.reads("Carry Photos on a stick", "All of Photos", "Only Lake", "Newest 1.0 GB", "1 file hasn't arrived", "Photos 2026-11-23.meadow-drop",
		"The file isn't encrypted", "Whoever has it can read everything in it.")
	u.where("")
	u.press("Write the file")
	u.reads("Plug in a stick, or choose a folder.")
	u.where("stick")
	u.press("Write the file")
	u.reads("Write the whole path")
	u.press("Only Lake")
	u.reads("Lake 2026-11-23.meadow-drop")
	dir := t.TempDir()
	u.where(dir)
	u.press("Write the file")
	u.reads("The drop is written", dir, "Lake 2026-11-23.meadow-drop", "The file isn't encrypted")
	if len(u.node.Written) != 1 || u.node.Written[0].Path != "2019/Lake" {
		t.Errorf("%+v were written", u.node.Written)
	}
}

// TestStopped puts writing away, finds it again, also in another window, and stops it.
func TestStopped(t *testing.T) {
	u, turn := useTurned(t)
	u.node.Halfway = true
	u.out()
	turn(2) // its name, and what is plugged in
	u.where(t.TempDir())
	u.press("Write the file")
	turn(1)
	u.reads("Writing Photos", "1.4 GB of 4.2 GB", "no file is left")
	u.press("Go on in the background")
	if u.frame.Covered() || strings.Contains(u.read(), "1.4 GB of 4.2 GB") {
		t.Error("it is still there")
	}
	u.press("Writing Photos: 33 %") // in the line at the bottom
	u.reads("1.4 GB of 4.2 GB")
	u.press("Go on in the background")
	if rest := u.drops("/media/a/One.meadow-drop"); len(rest) > 0 || u.frame.Covered() {
		t.Error("a drop doesn't wait")
	}
	u.reads("One comes next")
	u.frame.Close()
	u.carrier.Closed()
	u.open()
	u.carrier.Opened(u.frame)
	u.reads("Writing Photos", "1.4 GB of 4.2 GB")
	u.press("Go on in the background")
	u.out()
	u.press("Stop")
	u.reads("Stopping")
	turn(1)
	u.reads("Stopped. No file was written.")
	if strings.Contains(u.read(), "Writing Photos") {
		t.Error("the line at the bottom still says so")
	}
}

// TestUnwritten asks once more where a drop couldn't be written, with what was chosen.
func TestUnwritten(t *testing.T) {
	u := use(t, scene.New(scene.Few))
	u.node.DropErr = &node.Error{Code: node.CodeFull, Message: "there is no room for Photos", Hint: "make room there, or choose less with --max-size"}
	u.out()
	u.press("Only Lake")
	dir := t.TempDir()
	u.where(dir)
	u.press("Write the file")
	u.reads("There is no room for Photos. Make room there, or choose another place.", dir, "Lake 2026-11-23.meadow-drop")
	if strings.Contains(u.read(), "--") {
		t.Error("it speaks of the command line")
	}
	u.node.DropErr = nil
	u.press("Write the file")
	u.reads("The drop is written")
	u.press("Done")
	if u.frame.Covered() {
		t.Error("something is still over the window")
	}
}

// TestNothing has nothing to carry.
func TestNothing(t *testing.T) {
	u := use(t, scene.New(scene.Few))
	s := u.node.State.Spaces[0]
	u.carrier.Out(carry.What{Space: s}, nil, false)
	u.reads("There is nothing in Photos to carry yet.")
	u.carrier.Out(carry.What{Space: s, Files: 1}, &carry.What{Space: s, Path: "2019"}, true)
	u.reads("There is nothing in 2019 to carry yet.")
	if u.frame.Covered() {
		t.Error("it is asked where to")
	}
}

// TestLate has writing end while no window is open.
func TestLate(t *testing.T) {
	u, turn := useTurned(t)
	u.out()
	turn(2)
	u.where(t.TempDir())
	u.press("Write the file")
	u.frame.Close()
	u.carrier.Closed()
	for len(u.late) == 0 {
		turn(1)
	}
	if u.late[0] != "Photos 2026-11-23.meadow-drop is done" {
		t.Errorf("it is told %q", u.late)
	}
}

func (u *user) drops(files ...string) (rest []fyne.URI) {
	var list []fyne.URI
	for _, f := range files {
		list = append(list, storage.NewFileURI(f))
	}
	return u.frame.Takes(list)
}

// TestIn asks before a drop is taken in, and says what became of all that is in it.
func TestIn(t *testing.T) {
	n := scene.New(scene.Few)
	n.Strange(1)
	u := use(t, n)
	if rest := u.drops(scene.DropAt, "/home/anna/a.txt"); len(rest) != 1 || rest[0].Path() != "/home/anna/a.txt" {
		t.Errorf("%v is the screen's", rest)
	}
	u.reads("Take in Photos 2026-11-20?", "1,310 files, 4.2 GB", "Scores in Choir", "Not on this device", "what is newer here stays as it is")
	u.press("Take it in")
	u.reads("The drop is taken in", "214 changes are new here.", "Older than what is here, which stays", "Refused: the signature is wrong",
		"Scores in Choir", "Not taken: who wrote it has no access any more")
	u.press("Done")
	if u.frame.Covered() {
		t.Error("something is still over the window")
	}
}

// TestInOneAfterTheOther asks about drops that come together one after the other.
func TestInOneAfterTheOther(t *testing.T) {
	u := use(t, scene.New(scene.Few))
	u.drops("/media/a/One.meadow-drop", "/media/a/broken.meadow-drop", "/media/a/Two.meadow-drop")
	u.reads("Take in One?")
	u.press("Cancel")
	u.reads("Take in Two?", "broken.meadow-drop isn't a drop")
	u.drops("/media/a/Three.meadow-drop")
	u.reads("Take in Two?", "Three comes next")
	u.press("Take it in")
	u.reads("The drop is taken in")
	if strings.Contains(u.read(), "Take in Three?") {
		t.Error("the next one is asked about over what came of this one")
	}
	u.press("Done")
	u.reads("Take in Three?")
	u.frame.Escape()
	if u.frame.Covered() {
		t.Error("something is still over the window")
	}
}

// TestInCut says what was kept of a drop that is damaged.
func TestInCut(t *testing.T) {
	n := scene.New(scene.Few)
	n.DropErr = &node.Error{Code: node.CodeDamaged, Message: "the drop is damaged after 1.2 GB", Hint: "copy the file again"}
	u := use(t, n)
	u.drops("/media/a/cut.meadow-drop")
	u.reads("Take in cut?", "The file is damaged, or its end is missing", "What comes before that can be taken in.")
	u.press("Take it in")
	u.reads("Not all of it was taken in", "The drop is damaged after 1.2 GB. Copy the file again.", "214 changes are new here.", "What has come in stays.")
	n.DropErr = nil
	u.press("Take it in again")
	u.press("Take it in")
	u.reads("The drop is taken in")
	u.press("Show the files")
	if p := u.frame.Place(); p.Space != n.State.Spaces[0].ID {
		t.Errorf("it leads to %+v", p)
	}
}

// TestStrange refuses a drop of spaces that aren't here, and says what to do.
func TestStrange(t *testing.T) {
	n := scene.New(scene.Empty)
	n.Strange(0)
	u := use(t, n)
	u.drops(scene.DropAt)
	u.reads("can't be taken in here", "This device doesn't have this space", "Get the space first")
	if scene.Find(u.frame.Window.Canvas(), "Take it in") != nil {
		t.Error("it can be taken in")
	}
}

// TestLinks copies a link and opens it again; one only shows.
func TestLinks(t *testing.T) {
	u := use(t, scene.New(scene.Few))
	s := u.node.State.Spaces[0]
	u.carrier.CopyLink(s, "Lake at dawn.jpg")
	u.reads("The link to Lake at dawn.jpg is copied. It opens on devices that have Photos, and gives nobody access.")
	link := u.frame.App.Clipboard().Content()
	u.carrier.AskLink() // what is on the clipboard is filled in
	u.press("Open")
	if want := (frame.Place{Screen: frame.Space, Space: s.ID, Path: "Lake at dawn.jpg"}); u.frame.Place() != want {
		t.Errorf("%s leads to %+v", link, u.frame.Place())
	}
	for given, want := range map[string]string{
		"willow://-" + s.ID + ".1/2019/Gone.jpg": "The link leads to 2019/Gone.jpg in Photos, and nothing is there on this device.",
		"willow://-1234.1/a":                     "The link leads into a space that this device doesn't have.",
		"willow://?":                             "That is no link to a file or space. Copy the whole of it.",
	} {
		if !u.carrier.Given(given) {
			t.Errorf("%s is no link", given)
		}
		u.reads(want)
		u.press("Close")
	}
	u.carrier.AskLink()
	scene.Type(u.frame.Window.Canvas(), "willow://…", "meadow://pair/x")
	u.press("Open")
	u.reads("such a link begins with willow://")
	if u.carrier.Given("mdnpair1abc") {
		t.Error("a ticket is a link")
	}
}
