package space

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/carry"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// items are what can be done with the space.
func (h *header) items() []*fyne.MenuItem {
	s := h.screen
	item := func(text string, icon fyne.ThemeIconName, do func()) *fyne.MenuItem {
		return fyne.NewMenuItemWithIcon(text, look.Icon(icon), do)
	}
	page := func(text string, icon fyne.ThemeIconName, to string) *fyne.MenuItem {
		return item(text, icon, func() { s.open(to, s.browser.query.Folder) })
	}
	rename, remove := item(words.L("Rename the space"), look.IconRename, s.renameSpace), item(words.L("Delete the space"), look.IconTrash, s.deleteSpace)
	if of := s.space.Shared; of != nil && !s.space.Ended { // they are for whose it is
		rename.Label, remove.Label = words.L("Rename the space: it is {{.Person}}'s", "Person", words.Shown(of.Person)), words.L("Delete the space: it is {{.Person}}'s", "Person", words.Shown(of.Person))
		rename.Disabled, remove.Disabled = true, true
	}
	items := []*fyne.MenuItem{rename}
	if s.space.Folder == nil {
		items = append(items, page(words.L("Attach a folder"), look.IconAttach, ItemAttach))
	} else {
		items = append(items, item(words.L("Detach the folder"), look.IconDetach, s.detach))
	}
	if !s.space.Ended {
		items = append(items, item(words.L("Share…"), look.IconShare, func() { s.share("") }))
	}
	return append(items,
		fyne.NewMenuItemSeparator(),
		item(words.L("Carry on a stick…"), look.IconStick, func() { s.carryOut("", false) }),
		item(words.L("Take in a drop…"), look.IconDrop, s.carry.Choose),
		item(words.L("Copy link"), look.IconLink, func() { s.carry.CopyLink(s.space, "") }),
		item(words.L("Open a link…"), look.IconOpen, s.carry.AskLink),
		fyne.NewMenuItemSeparator(),
		page(words.L("Deleted files"), look.IconRestore, ItemDeleted),
		page(words.L("Conflicts"), look.IconConflict, ItemConflicts),
		page(words.L("Files to skip"), look.IconIgnore, ItemIgnore),
		page(words.L("Names that don't fit everywhere"), look.IconWarning, ItemNames),
		page(words.L("Set aside"), look.IconArchive, ItemSetAside),
		fyne.NewMenuItemSeparator(),
		remove,
	)
}

// carryOut asks where to carry a file or folder, or all of the space. Beside all of it
// there is the folder that is open to choose.
func (s *Screen) carryOut(path string, first bool) {
	all := carry.What{Space: s.space, Files: s.space.Files, Bytes: s.space.Bytes}
	var part *carry.What
	if s.files != nil {
		root := s.files.catalog.Nearest("")
		all.Files, all.Bytes, all.Absent = root.Files, root.Bytes, root.Missing
		if path == "" {
			path = s.browser.query.Folder
		}
		if it := s.files.catalog.At(path); it != nil && path != "" {
			part = &carry.What{Space: s.space, Path: path, Files: it.Files, Bytes: it.Bytes, Absent: it.Missing}
			if !it.Folder {
				part.Files, part.Absent = 1, 0
				if !it.File.Present {
					part.Absent = 1
				}
			}
		}
	}
	s.carry.Out(all, part, first)
}

// share opens the sheet that shares the space, or a folder in it.
func (s *Screen) share(path string) { share.Space(s.frame, s.node, s.space, path) }

func (s *Screen) renameSpace() {
	entry := keys.NewEntry()
	entry.SetPlaceHolder(words.L("Name"))
	entry.Propose(s.space.Name)
	id := s.space.ID
	done := func() bool {
		name := entry.Text
		if name != s.space.Name {
			s.do(func(ctx context.Context) error {
				_, err := s.node.SpaceRename(ctx, id, name)
				return err
			}, nil)
		}
		return true
	}
	shut := s.frame.Sheet(words.L("Rename the space"), column(entry, look.NewCaption(words.L("It gets this name on all your devices. Folders that it is in keep theirs."))), nil,
		frame.Button{Text: words.L("Cancel")}, frame.Button{Text: words.L("Rename"), Importance: widget.HighImportance, Do: done})
	entry.OnSubmitted = func(string) {
		done()
		shut()
	}
	s.frame.Window.Canvas().Focus(entry)
}

// detach asks, and lets go of the folder.
func (s *Screen) detach() {
	if s.space.Folder == nil {
		return
	}
	dir, id := *s.space.Folder, s.space.ID
	body := words.L("All files stay, both in {{.Folder}} and in the space. From then on, changes in the folder don't reach the space, and changes of other devices don't reach the folder. You can attach it again at any time.",
		"Folder", words.Shown(dir))
	s.frame.Confirm(words.L("Detach {{.Space}} from its folder?", "Space", words.Shown(s.space.Name)), body, words.L("Detach"), false, func() {
		s.do(func(ctx context.Context) error {
			_, err := s.node.SpaceDetach(ctx, id)
			return err
		}, func() {
			s.frame.Say(words.L("The folder is detached. Its files stay where they are."), func() {
				s.do(func(ctx context.Context) error {
					_, err := s.node.SpaceAttach(ctx, id, dir)
					return err
				}, nil)
			})
		})
	})
}

// deleteSpace asks, and deletes the space on all devices.
func (s *Screen) deleteSpace() {
	id, name := s.space.ID, s.space.Name
	body := words.N("It has {{.Count}} file, {{.Size}}. They go from all your devices; files in folders that it is attached to stay where they are. You can bring the space back for 30 days: see New space.",
		"It has {{.Count}} files, {{.Size}}. They go from all your devices; files in folders that it is attached to stay where they are. You can bring the space back for 30 days: see New space.",
		s.space.Files, "Size", words.Size(s.space.Bytes))
	s.frame.Confirm(words.L("Delete {{.Space}} from all devices?", "Space", words.Shown(name)), body, words.L("Delete the space"), true, func() {
		frame.Ask(s.frame.Worker, func(ctx context.Context) (node.DeletedSpace, error) { return s.node.SpaceDelete(ctx, id, true) }, func(d node.DeletedSpace, err error) {
			s.frame.Fail(err)
			s.frame.Feed.Look()
			if err != nil {
				return
			}
			s.frame.Go(frame.Place{Screen: frame.Home})
			until := words.Day(d.Until.Time)
			s.frame.Say(words.L("{{.Space}} was deleted. It can be brought back until {{.Day}}.", "Space", words.Shown(name), "Day", until), func() { s.undelete(id) })
		})
	})
}

// undelete brings a deleted space back, and goes there.
func (s *Screen) undelete(id string) {
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Space, error) { return s.node.SpaceUndelete(ctx, id, "") }, func(sp node.Space, err error) {
		s.frame.Fail(err)
		if err == nil {
			s.goNew(sp)
		}
	})
}

// goNew goes to a space that the window may not have heard of yet.
func (s *Screen) goNew(sp node.Space) {
	s.expect = sp
	s.frame.Feed.Look()
	s.frame.Go(frame.Place{Screen: frame.Space, Space: sp.ID})
}
