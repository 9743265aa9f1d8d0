package space

import (
	"strings"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/share"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// What one may not do in a space that somebody else shares is not offered, or its
// button is off and the notice above the files says why. The node decides; this only
// spares one the attempt.

// mayAdd says why nothing can be added to a folder; "" if something can.
func mayAdd(s node.Space, folder string) string {
	switch {
	case s.Ended:
		return words.L("This space is no longer shared with this device: nothing can be added.")
	case s.Shared == nil:
		return ""
	case s.Shared.Level == share.Read:
		return words.L("{{.Person}} lets you view this, and add nothing.", "Person", words.Shown(s.Shared.Person))
	case !within(folder, s.Shared.Path):
		return words.L("{{.Person}} shares only {{.Folder}}: add to that folder.", "Person", words.Shown(s.Shared.Person), "Folder", words.Shown(s.Shared.Path))
	}
	return ""
}

// mayChange says why a file or folder can't be renamed, moved or deleted; "" if it
// can. Own are the names of the account's devices.
func mayChange(s node.Space, it *catalog.Item, own map[string]bool) string {
	switch {
	case s.Shared == nil || it == nil:
		return ""
	case s.Shared.Level == share.Read:
		return words.L("{{.Person}} lets you view this, and change nothing.", "Person", words.Shown(s.Shared.Person))
	case s.Shared.Level == share.Contribute && !it.Folder && !own[it.File.Author]:
		return words.L("{{.Person}} lets you add to this: what others wrote stays as it is.", "Person", words.Shown(s.Shared.Person))
	case it.Folder && within(s.Shared.Path, it.Path) && s.Shared.Path != "":
		return words.L("{{.Person}} shares this folder: its name is theirs.", "Person", words.Shown(s.Shared.Person))
	}
	return ""
}

// within reports whether a path is another one, or in it.
func within(path, in string) bool {
	return in == "" || path == in || strings.HasPrefix(path, in+"/")
}

// own are the names of the account's devices.
func (s *Screen) own() map[string]bool {
	names := make(map[string]bool)
	if now := s.frame.Now(); now != nil {
		for _, d := range now.Status.Devices {
			names[d.Name] = true
		}
	}
	return names
}

// may lets a button be pressed, if there is no reason against it.
func may(b fyne.Disableable, why string) {
	switch {
	case why == "" && b.Disabled():
		b.Enable()
	case why != "" && !b.Disabled():
		b.Disable()
	}
}
