package space_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/scene"
	"meadow/ui/space"
)

// user does things in a window on a scene.
type user struct {
	t      *testing.T
	node   *scene.Node
	frame  *frame.Frame
	screen *space.Screen
}

func use(t *testing.T, size scene.Size, of int, path, item string) *user {
	t.Helper()
	n := scene.New(size)
	f, s := open(t, n, frame.Place{Space: n.State.Spaces[of].ID, Path: path, Item: item})
	return &user{t, n, f, s}
}

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

func (u *user) lacks(texts ...string) {
	u.t.Helper()
	all := scene.Read(u.screen.Content())
	for _, text := range texts {
		if strings.Contains(all, text) {
			u.t.Errorf("%q is still to be read in\n%s", text, all)
		}
	}
}

func (u *user) press(verb string)      { scene.Press(u.frame.Window.Canvas(), verb) }
func (u *user) typed(hint, txt string) { scene.Type(u.frame.Window.Canvas(), hint, txt) }

func (u *user) list() *keys.List {
	u.t.Helper()
	l := listOf(u.screen.Content())
	if l == nil {
		u.t.Fatal("there is no list")
	}
	return l
}

func (u *user) key(names ...fyne.KeyName) {
	u.t.Helper()
	for _, name := range names {
		u.list().TypedKey(&fyne.KeyEvent{Name: name})
	}
}

func (u *user) news() {
	u.t.Helper()
	must(u.t, u.frame.Feed.Refresh(u.t.Context()))
}

// TestKeyboard goes through folders and back without a pointer.
func TestKeyboard(t *testing.T) {
	u := use(t, scene.Few, 0, "", "")
	u.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn) // 2015
	u.reads("All files", "Summer at the lake", "108 files")
	u.key(fyne.KeyDown, fyne.KeyReturn)
	u.reads("IMG_0001.jpg")
	u.key(fyne.KeyEnd)
	u.reads("IMG_0322.jpg")
	if off := u.list().GetScrollOffset(); off == 0 {
		t.Error("the last row isn't scrolled to")
	}
	u.key(fyne.KeyBackspace)
	u.lacks("IMG_0001.jpg")
	if !u.screen.Back() {
		t.Error("Esc leads nowhere")
	}
	u.reads("2025")
	if u.screen.Back() {
		t.Error("Esc leads out of the top folder")
	}
}

// TestSearch finds by name over the whole space, opens where something is, and says
// when nothing is called so.
func TestSearch(t *testing.T) {
	u := use(t, scene.Few, 1, "Letters", "")
	u.screen.Find()
	u.typed("Search by name", "2026-1")
	u.reads("Minutes/2026-10.md", "Minutes/2026-11.md")
	u.typed("Search by name", "no such name")
	u.reads("No name has “no such name” in it.")
	u.press("Clear the search")
	u.reads("To the council.odt")
}

// TestUpdateStays: when files come from elsewhere, what is chosen and where one has
// scrolled to stay.
func TestUpdateStays(t *testing.T) {
	u := use(t, scene.Few, 0, "2019/Summer at the lake", "")
	for range 50 {
		u.key(fyne.KeyDown)
	}
	before := u.list().GetScrollOffset()
	u.reads("IMG_0148.jpg")
	id := u.node.State.Spaces[0].ID
	_, err := u.node.Put(t.Context(), id, "2019/Summer at the lake/AAA.jpg", strings.NewReader("new"))
	must(t, err)
	u.news()
	if got := u.list().GetScrollOffset(); got != before {
		t.Errorf("it scrolled from %v to %v", before, got)
	}
	u.key(fyne.KeyDelete)
	u.reads("Delete IMG_0148.jpg from Photos?", "restored for 90 days")
	u.press("Cancel")
	u.key(fyne.KeyHome)
	u.reads("AAA.jpg")
}

// TestDelete asks, deletes, and takes it back.
func TestDelete(t *testing.T) {
	u := use(t, scene.Few, 0, "", "")
	u.key(fyne.KeyHome, fyne.KeyDelete)
	u.reads("Delete 2014 with 108 files from Photos?")
	u.press("Delete")
	u.lacks("2014\n")
	u.reads("2014 was deleted")
	u.press("Undo")
	u.reads("2014\n")
	u.key(fyne.KeyEnd, fyne.KeyDelete) // not here, and too large for history
	u.reads("1 file hasn't arrived here")
}

// TestRename renames, says so, refuses what is no path, and takes it back.
func TestRename(t *testing.T) {
	u := use(t, scene.Few, 1, "Minutes/2026-11.md", "")
	u.press("Rename or move")
	u.typed("Name or path", "Minutes//x.md")
	u.press("Rename")
	u.reads("A name is missing")
	u.typed("Name or path", "Minutes/November.md")
	u.press("Rename")
	u.reads("November.md")
	u.lacks("2026-11.md")
	u.press("Undo")
	u.reads("2026-11.md")
}

// TestConflict keeps one of two versions, takes it back, and keeps both.
func TestConflict(t *testing.T) {
	u := use(t, scene.Few, 1, "Budget 2027.txt", space.ItemConflicts)
	u.press("Keep Desk’s")
	u.reads("The file stayed", "1 to decide", "1 decided", "Garden plan.jpg")
	u.press("1 decided")
	u.reads("Budget 2027.txt", "can be undone until 23 Dec 2026")
	u.press("Undo")
	u.reads("Budget 2027.txt", "Keep Desk’s")
	u.press("Keep both")
	u.reads("Both stayed")
	u.press("Keep Laptop’s")
	u.reads("No file waits for a decision")
}

// conflict is one that waits, and its space.
func (u *user) conflict(path string) (space string, c node.Conflict) {
	u.t.Helper()
	space = u.node.State.Spaces[1].ID
	list, err := u.node.Conflicts(u.t.Context(), space)
	must(u.t, err)
	i := slices.IndexFunc(list, func(c node.Conflict) bool { return c.Path == path })
	if i < 0 {
		u.t.Fatalf("%s doesn't wait", path)
	}
	return space, list[i]
}

// TestConflictElsewhere has another device decide about the one that is shown: the next
// one doesn't come in its place until somebody chooses it.
func TestConflictElsewhere(t *testing.T) {
	u := use(t, scene.Few, 1, "Budget 2027.txt", space.ItemConflicts)
	id, c := u.conflict("Budget 2027.txt")
	_, err := u.node.ConflictResolve(t.Context(), id, c.Copy, node.KeepThis)
	must(t, err)
	u.news()
	u.reads("Budget 2027.txt was decided on another device")
	u.lacks("Keep Laptop’s", "Keep both")
	u.news()
	u.reads("Budget 2027.txt was decided on another device")
	u.list().Select(0)
	u.reads("Keep Laptop’s", "Keep both")
	u.lacks("was decided on another device")
}

// TestConflictChanged keeps one of two versions when the other isn't what is shown any
// more: nothing is done.
func TestConflictChanged(t *testing.T) {
	u := use(t, scene.Few, 1, "Budget 2027.txt", space.ItemConflicts)
	id, c := u.conflict("Budget 2027.txt")
	_, err := u.node.Put(t.Context(), id, c.Path, strings.NewReader("newer"))
	must(t, err)
	u.press("Keep Laptop’s")
	u.reads("has changed since its two versions were shown; nothing was done")
	u.conflict("Budget 2027.txt")
	u.press("Keep both") // of what is shown now
	u.reads("Both stayed")
}

// TestNames renames one, then all that are left.
func TestNames(t *testing.T) {
	u := use(t, scene.Few, 1, "", space.ItemNames)
	u.press("Rename")
	u.reads("1 name doesn't fit everywhere", "Letters/aux.txt")
	u.press("Rename")
	u.reads("Every system can hold every name")
}

// TestRules types rules, sees what they would skip, saves, and takes it back.
func TestRules(t *testing.T) {
	u := use(t, scene.Few, 1, "", space.ItemIgnore)
	u.reads("Skips 214 files")
	hint := "One rule on each line, as in .gitignore:\n*.tmp\n/build/\n!keep.tmp"
	scene.Find(u.frame.Window.Canvas(), hint).(*keys.Entry).SetText("*.tmp\nbad[\n")
	u.reads("Would skip 13 files", "Line 2, bad[: a bracket isn't closed", "for *.tmp on line 1")
	u.press("Save")
	u.reads("The rules are saved", "Skips 13 files")
	u.press("Undo")
	u.reads("Skips 214 files")
}

// TestRestoreDeleted brings a deleted file back, and deletes it again by Undo.
func TestRestoreDeleted(t *testing.T) {
	u := use(t, scene.Few, 0, "", space.ItemDeleted)
	u.press("Restore")
	u.reads("Old house.jpg is back")
	u.screen.Back()
	u.key(fyne.KeyEnd)
	u.reads("Old house.jpg")
}

// TestSpace attaches a folder, detaches it, renames the space, deletes it and brings
// it back.
func TestSpace(t *testing.T) {
	u := use(t, scene.Few, 2, "", space.ItemAttach)
	dir := t.TempDir()
	scene.Find(u.frame.Window.Canvas(), "Folder").(*keys.Entry).SetText(dir)
	u.reads("The folder is empty. It gets all files of the space.")
	u.press("Attach the folder")
	u.news()
	u.reads(dir, "Show in folder")

	menu := func(item string) {
		t.Helper()
		u.press("More about this space")
		u.item(item)
	}
	menu("Detach the folder")
	u.reads("All files stay")
	u.press("Detach")
	u.news()
	u.reads("Not in a folder on this device")

	menu("Rename the space")
	u.typed("Name", "Cooking")
	u.press("Rename")
	u.news()
	u.reads("Cooking")

	menu("Delete the space")
	u.reads("Delete Cooking from all devices?", "48 files")
	u.press("Delete the space")
	if len(u.node.State.Spaces) != 2 {
		t.Error("the space is still there")
	}
	u.news()
	u.frame.Go(frame.Place{Screen: frame.Space, Item: space.ItemNew})
	u.reads("Cooking", "can be brought back until 23 Dec 2026")
	back := u.node.State
	u.typed("Photos", "Photos")
	u.press("Make the space")
	u.reads("Another space is called that; nothing was changed")
	if len(back.Spaces) != len(u.node.State.Spaces) {
		t.Error("a second space of the name was made")
	}
}

// item chooses from the menu that is open.
func (u *user) item(text string) {
	u.t.Helper()
	scene.PressItem(u.frame.Window.Canvas(), text)
}

// TestEnded: what is no longer shared says so, and takes nothing in.
func TestEnded(t *testing.T) {
	u := use(t, scene.Few, 2, "", "")
	u.node.State.Spaces[2].Ended = true
	u.node.State.Spaces[2].Trouble = ref("the disk of this space is full")
	u.news()
	u.reads("No longer shared", "nothing comes or goes any more", "The disk of this space is full.")
	u.lacks("Add files")
}

func ref(s string) *string { return &s }
