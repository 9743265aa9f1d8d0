package space

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/local"
	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// What is asked here is about the space that was up when it was asked: another one
// may be up before the answer.

// remove asks, and removes an item: it says what can be restored, and for how long.
func (b *browser) remove(it *catalog.Item) {
	if b.barred(it) {
		return
	}
	s, space, in := b.screen, b.screen.space.ID, words.Shown(b.screen.space.Name)
	below := s.files.catalog.Below(it)
	var unkept, absent int64
	for _, f := range below {
		switch {
		case !f.File.Present:
			absent++
		case !f.File.Kept:
			unkept++
		}
	}
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Settings, error) { return s.node.Settings(ctx, node.SettingsChange{}) }, func(set node.Settings, err error) {
		if err != nil {
			s.frame.Fail(err)
			return
		}
		if space != s.space.ID {
			return // nobody waits for the question any more
		}
		title := words.L("Delete {{.Name}} from {{.Space}}?", "Name", words.Shown(it.Name), "Space", in)
		if it.Folder {
			title = words.N("Delete {{.Name}} with {{.Count}} file from {{.Space}}?", "Delete {{.Name}} with {{.Count}} files from {{.Space}}?",
				it.Files, "Name", words.Shown(it.Name), "Space", in)
		}
		s.frame.Confirm(title, removeBody(int64(set.HistoryDays), unkept, absent), words.L("Delete"), true, func() { b.removeNow(space, it, below) })
	})
}

// barred says why an item can't be changed, if it can't: by a key, as its buttons are
// off.
func (b *browser) barred(it *catalog.Item) bool {
	why := mayChange(b.screen.space, it, b.screen.own())
	if why != "" {
		b.screen.frame.Say(why, nil)
	}
	return why != ""
}

func removeBody(days, unkept, absent int64) string {
	text := words.N("It goes from all devices that have this space. It can be restored for {{.Count}} day.",
		"It goes from all devices that have this space. It can be restored for {{.Count}} days.", days)
	if unkept > 0 {
		text += "\n\n" + words.N("This doesn't go for {{.Count}} file that is larger than the limit for history on this device: it may be gone for good.",
			"This doesn't go for {{.Count}} files that are larger than the limit for history on this device: they may be gone for good.", unkept)
	}
	if absent > 0 {
		text += "\n\n" + words.N("{{.Count}} file hasn't arrived here. Only a device that has it could restore it.",
			"{{.Count}} files haven't arrived here. Only a device that has them could restore them.", absent)
	}
	return text
}

func (b *browser) removeNow(space string, it *catalog.Item, below []*catalog.Item) {
	s := b.screen
	s.do(func(ctx context.Context) error {
		_, err := s.node.Remove(ctx, space, it.Path)
		return err
	}, func() {
		text := words.L("{{.Name}} was deleted", "Name", words.Shown(it.Name))
		s.frame.Say(text, func() { s.do(func(ctx context.Context) error { return s.bringBack(ctx, space, it, below) }, nil) })
	})
}

// bringBack restores what was removed, all of it that can be: what somebody has
// written there since stays as it is.
func (s *Screen) bringBack(ctx context.Context, space string, it *catalog.Item, below []*catalog.Item) error {
	var first error
	left := int64(0)
	for _, f := range below {
		err := s.asLeft(ctx, space, f.Path, "")
		if err == nil {
			_, err = s.node.Restore(ctx, space, f.Path, f.File.Version)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			left++
			if first == nil {
				first = err
			}
		}
	}
	if it.Folder && it.Files == 0 {
		_, err := s.node.MakeFolder(ctx, space, it.Path)
		return err
	}
	if left == 0 || len(below) == 1 {
		return first
	}
	why := node.AsError(first)
	return &node.Error{
		Code: why.Code, Message: words.N("{{.Count}} file couldn't be brought back, the others are. The first reason: {{.Why}}",
			"{{.Count}} files couldn't be brought back, the others are. The first reason: {{.Why}}", left, "Why", why.Message), Hint: why.Hint,
	}
}

// rename asks for another path. What has a slash is a place in another folder.
func (b *browser) rename(it *catalog.Item) {
	if b.barred(it) {
		return
	}
	s, space := b.screen, b.screen.space.ID
	entry := keys.NewEntry()
	entry.SetPlaceHolder(words.L("Name or path"))
	entry.SetText(it.Path)
	hint := look.NewCaption(words.L("To move it, write a folder in front: {{.Path}}", "Path", catalog.Join(words.L("other folder"), words.Shown(it.Name))))
	problem := look.NewParagraph("", look.ColorDanger)
	problem.Hide()
	done := func() bool {
		to := entry.Text
		if why := badPath(to); why != "" {
			problem.SetText(why)
			problem.Show()
			return false
		}
		if to != it.Path {
			b.move(space, it, to)
		}
		return true
	}
	shut := s.frame.Sheet(words.L("Rename or move {{.Name}}", "Name", words.Shown(it.Name)), column(entry, hint, problem), nil,
		frame.Button{Text: words.L("Cancel")}, frame.Button{Text: words.L("Rename"), Importance: widget.HighImportance, Do: done})
	entry.OnSubmitted = func(string) {
		if done() {
			shut()
		}
	}
	s.frame.Window.Canvas().Focus(entry)
	selectName(entry, it)
}

// selectName selects the name, without its extension: typing replaces it.
func selectName(e *keys.Entry, it *catalog.Item) {
	dir, name := catalog.Split(it.Path)
	stem := name
	if !it.Folder {
		stem, _ = catalog.Extension(name)
	}
	whole := len([]rune(catalog.Join(dir, stem)))
	e.Select(whole-len([]rune(stem)), whole)
}

// badPath says what is wrong with a path that somebody typed; the rest the node knows.
func badPath(path string) string {
	for name := range strings.SplitSeq(path, "/") {
		if name == "" || name == "." || name == ".." {
			return words.L("A name is missing: write it as folder/name.")
		}
	}
	return ""
}

func (b *browser) move(space string, it *catalog.Item, to string) {
	s := b.screen
	s.do(func(ctx context.Context) error {
		_, err := s.node.Move(ctx, space, it.Path, to)
		return err
	}, func() {
		if space == s.space.ID && b.list.chosen == it.Path {
			b.list.chosen = to
		}
		s.frame.Say(words.L("{{.Name}} is now {{.Path}}", "Name", words.Shown(it.Name), "Path", words.Shown(to)), func() {
			s.do(func(ctx context.Context) error {
				_, err := s.node.Move(ctx, space, to, it.Path)
				return err
			}, nil)
		})
	})
}

// newFolder asks for a name.
func (b *browser) newFolder() {
	if why := mayAdd(b.screen.space, b.query.Folder); why != "" {
		b.screen.frame.Say(why, nil)
		return
	}
	s, space, folder := b.screen, b.screen.space.ID, b.query.Folder
	entry := keys.NewEntry()
	entry.SetPlaceHolder(words.L("Its name"))
	done := func() bool {
		if badPath(entry.Text) != "" {
			return false
		}
		path := catalog.Join(folder, entry.Text)
		if space == s.space.ID {
			b.list.chosen = path
		}
		s.do(func(ctx context.Context) error {
			_, err := s.node.MakeFolder(ctx, space, path)
			return err
		}, nil)
		return true
	}
	shut := s.frame.Sheet(words.L("New folder"), entry, nil, frame.Button{Text: words.L("Cancel")},
		frame.Button{Text: words.L("Make it"), Importance: widget.HighImportance, Do: done})
	entry.OnSubmitted = func(string) {
		if done() {
			shut()
		}
	}
	s.frame.Window.Canvas().Focus(entry)
}

// saveCopy asks where to, and writes a copy there.
func (b *browser) saveCopy(it *catalog.Item) {
	s, space := b.screen, b.screen.space.ID
	s.saveAs(it.Name, func(ctx context.Context, to string) error {
		r, _, err := s.node.Get(ctx, space, it.Path)
		if err != nil {
			return err
		}
		defer r.Close()
		return localError(copyTo(to, r, 0o644), to)
	})
}

// saveAs asks for a folder, and has a file of a name written there.
func (s *Screen) saveAs(name string, write func(ctx context.Context, to string) error) {
	s.frame.ChooseFolder(words.L("Save a copy"), words.L("Save here"), func(dir string) { s.saveIn(dir, name, write) })
}

func (s *Screen) saveIn(dir, name string, write func(ctx context.Context, to string) error) {
	frame.Ask(s.frame.Worker, func(ctx context.Context) (string, error) {
		to := local.Free(dir, localName(name))
		return to, write(ctx, to)
	}, func(to string, err error) {
		s.frame.Fail(err)
		if err == nil {
			s.frame.Say(words.L("Saved as {{.Path}}", "Path", words.Shown(to)), nil)
		}
	})
}

// localError says what happened to a file of this computer.
func localError(err error, path string) error {
	if err == nil {
		return nil
	}
	return &node.Error{
		Code: node.CodeIO, Message: fmt.Sprintf("%s: %v", words.L("{{.Path}} couldn't be written", "Path", path), err),
		Hint: words.L("choose another folder, or make room there"),
	}
}
