// Package space is the screen of one space: its files, and all that can be done with
// them and with the space itself.
//
// [Screen] holds a header and below it one page at a time: the browser, or the one
// that a Place names by its Item: conflicts, names, deleted, history, ignore, attach,
// and new, which makes a space. What is in the space is read once into a snapshot
// (package catalog) beside the interface thread, and again when the space's state
// says that something is different (load.go); pages show the snapshot, so a list of a
// hundred thousand files scrolls without asking anybody.
//
// Parts without a widget are packages of their own: catalog (what there is, sorted and
// searched), intake (files brought in), peek (what is in a file), diff (two texts).
package space

import (
	"context"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/carry"
	"meadow/ui/frame"
	"meadow/ui/hold"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/space/catalog"
	"meadow/ui/space/intake"
	"meadow/ui/words"
)

// The items of this screen's places.
const (
	ItemNew       = "new"
	ItemConflicts = "conflicts"
	ItemNames     = "names"
	ItemDeleted   = "deleted"
	ItemHistory   = "history" // of the file that Path is
	ItemIgnore    = "ignore"
	ItemAttach    = "attach"
	ItemSetAside  = "set-aside"
)

// Node is what the screen needs of a node. Spaces are given by their ids.
type Node interface {
	hold.Node
	intake.Node
	share.Node

	List(ctx context.Context, space, prefix string) ([]node.File, error)
	Get(ctx context.Context, space, path string) (io.ReadCloser, int64, error)
	Put(ctx context.Context, space, path string, content io.Reader) (node.Written, error)
	GetVersion(ctx context.Context, space, path, version string) (io.ReadCloser, int64, error)
	Move(ctx context.Context, space, from, to string) (node.Written, error)
	MakeFolder(ctx context.Context, space, path string) (node.Written, error)
	LocalPath(ctx context.Context, space, path string) (string, error)

	ListDeleted(ctx context.Context, space, prefix string) (node.DeletedFiles, error)
	Conflicts(ctx context.Context, space string) ([]node.Conflict, error)
	ConflictDecide(ctx context.Context, space string, shown node.Conflict, keep string) (node.Resolved, error)
	ConflictUndo(ctx context.Context, id string) (node.Resolved, error)
	ConflictsResolved(ctx context.Context, space string) ([]node.Resolved, error)
	Names(ctx context.Context, space string) ([]node.Name, error)
	Unwritable(ctx context.Context, space string) ([]node.Unwritable, error)
	Ignore(ctx context.Context, space string, test bool, rules []byte) (node.Ignored, error)
	Settings(ctx context.Context, c node.SettingsChange) (node.Settings, error)

	SpaceCreate(ctx context.Context, name string) (node.Space, error)
	SpaceRename(ctx context.Context, space, name string) (node.Space, error)
	SpaceAttach(ctx context.Context, space, dir string) (node.Space, error)
	SpaceDetach(ctx context.Context, space string) (node.Space, error)
	SpaceDelete(ctx context.Context, space string, sure bool) (node.DeletedSpace, error)
	SpaceUndelete(ctx context.Context, space, as string) (node.Space, error)
	SpaceListDeleted(ctx context.Context) ([]node.DeletedSpace, error)

	SetAsideList(ctx context.Context, space string) ([]node.SetAside, error)
	SetAsideAdopt(ctx context.Context, ids []string) (int, error)
	SetAsideDrop(ctx context.Context, ids []string) (int, error)
}

// page is what is below the header.
type page interface {
	content() fyne.CanvasObject
	// shown is called when the page has come up, or another place of it is wanted.
	shown(frame.Place)
	// changed is called when the snapshot is another one; it may be nil until the
	// first has been read.
	changed()
	hidden()
}

// Screen is the screen of a space.
type Screen struct {
	frame *frame.Frame
	node  Node
	carry *carry.Carrier

	head    *header
	notices *notices
	browser *browser
	pages   map[string]page // by item, made when they are wanted
	page    page            // what is up
	body    *fyne.Container // of page
	parts   *fyne.Container // head, notices and body
	whole   *fyne.Container // parts, or gone
	gone    *look.Empty
	opener  *opener

	place  frame.Place
	space  node.Space
	known  bool       // the space is there
	expect node.Space // just made or brought back: the window hasn't heard of it
	aside  []node.SetAside
	files  *snapshot
	load   loader
}

// New returns the screen, of no space yet.
func New(f *frame.Frame, n Node, c *carry.Carrier) *Screen {
	return &Screen{frame: f, node: n, carry: c, pages: make(map[string]page)}
}

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject {
	if s.whole == nil {
		s.opener = &opener{screen: s}
		s.head, s.notices, s.browser = newHeader(s), newNotices(s), newBrowser(s)
		s.pages[""] = s.browser
		s.body = container.NewStack()
		s.gone = look.NewEmpty(look.DrawingNotFound, words.L("This space isn't here any more."),
			look.Action{Text: words.L("Go home"), Do: func() { s.frame.Go(frame.Place{Screen: frame.Home}) }})
		s.gone.Hide()
		s.parts = container.New(&headLayout{s}, s.head.content, s.notices.content, s.body)
		s.whole = container.NewStack(s.parts, s.gone)
	}
	return s.whole
}

// Shown implements frame.Screen.
func (s *Screen) Shown(p frame.Place) {
	if p.Space != s.place.Space || p.Space == "" {
		s.files, s.known, s.space, s.aside = nil, false, node.Space{ID: p.Space}, nil
		s.load.forget()
	}
	s.place = p
	s.put(s.pageOf(p.Item))
	if now := s.frame.Now(); now != nil {
		s.take(now)
	}
	s.page.shown(p)
	s.askAside()
}

// pageOf returns the page of an item; an unknown one is the browser.
func (s *Screen) pageOf(item string) page {
	if s.pages[item] == nil {
		makers := map[string]func(*Screen) page{
			ItemNew: newNewSpace, ItemConflicts: newConflicts, ItemNames: newNames, ItemDeleted: newDeleted,
			ItemHistory: newHistory, ItemIgnore: newIgnore, ItemAttach: newAttach, ItemSetAside: newSetAside,
		}
		if newPage := makers[item]; newPage != nil {
			s.pages[item] = newPage(s)
		} else {
			return s.browser
		}
	}
	return s.pages[item]
}

// put brings a page up.
func (s *Screen) put(p page) {
	if p == s.page {
		return
	}
	if s.page != nil {
		s.page.hidden()
	}
	s.page = p
	s.body.Objects = []fyne.CanvasObject{p.content()}
	s.body.Refresh()
}

// Update implements frame.Screen.
func (s *Screen) Update(now *frame.Now) {
	s.take(now)
	if now.Has("set_aside") {
		s.askAside()
	}
}

// take shows what is so. It comes ten times a second while files come, so nothing is
// drawn again that is as it was.
func (s *Screen) take(now *frame.Now) {
	if s.place.Item == ItemNew {
		s.head.content.Hide()
		s.notices.content.Hide()
		s.setKnown(true)
		s.relayout()
		return
	}
	sp, known := now.Space(s.place.Space)
	if !known && s.expect.ID == s.place.Space {
		sp, known = s.expect, true
	}
	s.known = known
	s.setKnown(known)
	if !known {
		return
	}
	s.space = sp
	headed := s.head.set(now)
	if s.notices.set(now) || headed {
		s.relayout()
	}
	s.look()
}

// setKnown shows the space, or that it is gone.
func (s *Screen) setKnown(known bool) {
	if s.gone.Hidden != known || s.parts.Hidden == known {
		s.gone.Hidden, s.parts.Hidden = known, !known
		s.whole.Refresh()
	}
}

// relayout gives the page what room the header and the notices leave.
func (s *Screen) relayout() { s.parts.Layout.Layout(s.parts.Objects, s.parts.Size()) }

// Hidden implements frame.Screen.
func (s *Screen) Hidden() {
	if s.page != nil {
		s.page.hidden()
	}
	s.page = nil
	s.body.Objects = nil
	if s.files != nil && len(s.files.catalog.Files()) > keptHidden {
		s.files = nil
		s.load.forget()
		s.browser.list.view = &catalog.View{}
	}
}

// keptHidden is how many files stay in memory while another screen is up.
const keptHidden = 20_000

// Dropped implements frame.Dropper: files come into the folder that is shown.
func (s *Screen) Dropped(files []fyne.URI) {
	if s.page != page(s.browser) || !s.known {
		return
	}
	if why := mayAdd(s.space, s.browser.query.Folder); why != "" {
		s.frame.Say(why, nil)
		return
	}
	var locals []string
	for _, f := range files {
		if f.Scheme() == "file" {
			locals = append(locals, f.Path())
		}
	}
	s.browser.add(locals)
}

// Find implements frame.Finder.
func (s *Screen) Find() {
	if s.page == s.browser {
		s.browser.find()
	}
}

// Back implements frame.Backer: from a page to the browser, from what was found to
// the folder, from a folder to the one above.
func (s *Screen) Back() bool {
	if !s.known && s.place.Item != ItemNew {
		return false
	}
	if s.page == s.browser {
		return s.browser.back()
	}
	if s.place.Item == ItemNew {
		return false
	}
	s.leave()
	return true
}

// leave goes from a page to the browser.
func (s *Screen) leave() {
	s.frame.Go(frame.Place{Screen: frame.Space, Space: s.place.Space, Path: s.place.Path})
}

// open goes to a page.
func (s *Screen) open(item, path string) {
	s.frame.Go(frame.Place{Screen: frame.Space, Space: s.place.Space, Path: path, Item: item})
}

// did shows what came of an action, and looks what is so then.
func (s *Screen) did(err error) bool {
	s.frame.Fail(err)
	s.frame.Feed.Look()
	s.read()
	return err == nil
}

// do does what takes time; then is called if it went well.
func (s *Screen) do(what func(ctx context.Context) error, then func()) {
	s.frame.Worker.Go(what, func(err error) {
		if s.did(err) && then != nil {
			then()
		}
	})
}
