package frame

import (
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"meadow/ui/words"
)

// ChooseFolder asks for a folder of this computer: title says what for, verb is on the
// button. If none is chosen nothing is done.
func (f *Frame) ChooseFolder(title, verb string, do func(path string)) {
	choose(title, verb, dialog.NewFolderOpen(func(dir fyne.ListableURI, err error) {
		f.Fail(err)
		if err == nil && dir != nil {
			do(dir.Path())
		}
	}, f.Window))
}

// ChooseFile is ChooseFolder for a file. If there are endings it has one of them, in
// whatever case.
func (f *Frame) ChooseFile(title, verb string, do func(path string), endings ...string) {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		f.Fail(err)
		if err == nil && r != nil {
			f.Fail(r.Close()) // it is opened where it is read
			do(r.URI().Path())
		}
	}, f.Window)
	if len(endings) > 0 {
		d.SetFilter(ends(endings))
	}
	choose(title, verb, d)
}

func choose(title, verb string, d *dialog.FileDialog) {
	d.SetTitleText(title)
	d.SetConfirmText(verb)
	d.SetDismissText(words.L("Cancel"))
	d.Show()
}

// ends are endings of names, the point with them.
type ends []string

// Matches implements storage.FileFilter.
func (e ends) Matches(u fyne.URI) bool {
	return slices.ContainsFunc(e, func(end string) bool { return strings.EqualFold(end, filepath.Ext(u.Name())) })
}
