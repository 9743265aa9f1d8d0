package space

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// folderField is where a folder of this computer is chosen or typed, with what is in
// it and what becomes of that.
type folderField struct {
	screen   *Screen
	changed  func()
	optional bool
	entry    *keys.Entry
	says     *look.Paragraph
	content  fyne.CanvasObject

	found  *survey // of the folder, nil while it isn't known
	typing func()
	end    func()
}

func newFolderField(s *Screen, changed func()) *folderField {
	f := &folderField{screen: s, changed: changed, typing: func() {}, end: func() {}}
	f.entry = keys.NewEntry()
	f.entry.SetPlaceHolder(words.L("No folder: the files are in Meadow only"))
	f.entry.OnChanged = func(string) { f.typed() }
	choose := look.NewButton(words.L("Choose"), look.IconFolder, f.choose)
	f.says = look.NewParagraph("", look.ColorMuted)
	f.says.Hide()
	f.content = column(container.NewBorder(nil, nil, nil, around(choose, look.SizeXS, ""), f.entry), f.says)
	return f
}

// path is the folder, absolute; "" for none.
func (f *folderField) path() string {
	text := strings.TrimSpace(f.entry.Text)
	if rest, ok := strings.CutPrefix(text, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return text
}

func (f *folderField) set(path string) {
	f.found = nil
	f.entry.SetText(path)
	f.typed()
}

func (f *folderField) stop() {
	f.typing()
	f.end()
}

// fit reports whether the folder can be used, as far as is known here.
func (f *folderField) fit() bool {
	path := f.path()
	if path == "" {
		return f.optional
	}
	return filepath.IsAbs(path) && (f.found == nil || !f.found.file && !f.found.denied)
}

func (f *folderField) typed() {
	f.stop()
	f.found = nil
	path := f.path()
	switch {
	case path == "":
		f.say("", look.ColorMuted)
	case !filepath.IsAbs(path):
		f.say(words.L("Write the whole path, from the top."), look.ColorMuted)
	default:
		f.typing = f.screen.frame.Worker.After(2*typingFor, func() { f.survey(path) })
	}
	f.changed()
}

// survey looks what is in the folder.
func (f *folderField) survey(path string) {
	f.end = frame.Follow(f.screen.frame.Worker, func(ctx context.Context, emit func(survey) error) error {
		return emit(lookInto(path, func() bool { return ctx.Err() != nil }))
	}, func(found survey) {
		f.found = &found
		f.say(f.promise(found))
		f.changed()
	}, func(error) {})
}

// promise says what becomes of what is in the folder.
func (f *folderField) promise(s survey) (string, fyne.ThemeColorName) {
	there := f.screen.space.Entries > 0 && f.screen.place.Item != ItemNew
	switch {
	case s.file:
		return words.L("This is a file. Choose a folder."), look.ColorDanger
	case s.denied:
		return words.L("This folder can't be read. Choose another one."), look.ColorDanger
	case s.missing && there:
		return words.L("The folder will be made, and gets all files of the space."), look.ColorMuted
	case s.missing:
		return words.L("The folder will be made."), look.ColorMuted
	case s.files == 0 && there:
		return words.L("The folder is empty. It gets all files of the space."), look.ColorMuted
	case s.files == 0:
		return words.L("The folder is empty."), look.ColorMuted
	}
	has := words.N("The folder has {{.Count}} file, {{.Size}}.", "The folder has {{.Count}} files, {{.Size}}.", s.files, "Size", words.Size(s.bytes))
	if s.more {
		has = words.N("The folder has more than {{.Count}} file.", "The folder has more than {{.Count}} files.", s.files)
	}
	if there {
		return has + " " + words.L("Those that are the same in the space are taken as they are. Where one differs, both versions stay. All others are added to the space. Nothing is removed."), look.ColorMuted
	}
	return has + " " + words.L("They are added to the space, and come to all your devices that have it. They stay where they are."), look.ColorMuted
}

func (f *folderField) say(text string, color fyne.ThemeColorName) {
	f.says.SetText(text)
	f.says.SetColor(color)
	f.says.Hidden = text == ""
	f.content.Refresh()
}

func (f *folderField) choose() {
	f.screen.frame.ChooseFolder(words.L("The space's folder"), words.L("Use this folder"), f.set)
}
