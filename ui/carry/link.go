package carry

import (
	"context"
	"path"
	"strings"

	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// CopyLink puts the link of a space, or of what is at a path of it, on the clipboard.
func (c *Carrier) CopyLink(space node.Space, at string) {
	f := c.frame
	frame.Ask(c.worker, func(ctx context.Context) (string, error) { return c.node.Link(ctx, space.ID, at) }, func(link string, err error) {
		if err != nil {
			f.Fail(err)
			return
		}
		f.App.Clipboard().SetContent(link)
		name := short(words.Shown(space.Name))
		if at != "" {
			name = short(words.Shown(path.Base(at)))
		}
		f.Say(words.L("The link to {{.Name}} is copied. It opens on devices that have {{.Space}}, and gives nobody access.",
			"Name", name, "Space", short(words.Shown(space.Name))), nil)
	})
}

// AskLink asks for a link, and opens it. One on the clipboard is filled in.
func (c *Carrier) AskLink() {
	f := c.frame
	entry := keys.NewEntry()
	entry.SetPlaceHolder(words.L("willow://…"))
	if link, ok := linkIn(f.App.Clipboard().Content()); ok {
		entry.Propose(link)
	}
	wrong := look.NewParagraph("", look.ColorDanger)
	wrong.Hide()
	body := look.NewColumn(look.SizeS, look.NewParagraph(words.L("It leads to a file or folder that is on this device. Nothing is fetched or changed."), look.ColorMuted), entry, wrong)
	var shut func()
	done := func() bool {
		link, ok := linkIn(entry.Text)
		if !ok {
			wrong.SetText(words.L("That isn't a link to a file or folder: such a link begins with willow://"))
			wrong.Show()
			body.Refresh()
			f.Window.Canvas().Focus(entry)
			return false
		}
		shut()
		c.Open(link)
		return false
	}
	shut = f.Sheet(words.L("Open a link"), body, nil, frame.Button{Text: words.L("Cancel")},
		frame.Button{Text: words.L("Open"), Importance: widget.HighImportance, Do: done})
	entry.OnSubmitted = func(string) { done() }
	f.Window.Canvas().Focus(entry)
}

// Open shows what a link leads to, or says why it can't.
func (c *Carrier) Open(link string) {
	f := c.frame
	frame.Ask(c.worker, func(ctx context.Context) (node.LinkTarget, error) { return c.node.OpenLink(ctx, link) }, func(to node.LinkTarget, err error) {
		if to.Space != "" {
			f.Go(frame.Place{Screen: frame.Space, Space: to.Space, Path: nearest(to, err)})
		}
		if err != nil || to.Changed {
			title, text := linkSays(to, err)
			f.Sheet(title, look.NewParagraph(text, ""), nil, frame.Button{Text: words.L("Close"), Importance: widget.HighImportance})
		}
	})
}

// nearest is what can be shown of a link's target: where nothing is, the folder that it
// was in.
func nearest(to node.LinkTarget, err error) string {
	if err == nil || !strings.Contains(to.Path, "/") {
		if err != nil {
			return ""
		}
		return to.Path
	}
	return path.Dir(to.Path)
}

// linkSays is what there is to say of a link that leads to nothing, or to something
// else than it did.
func linkSays(to node.LinkTarget, err error) (title, text string) {
	e := node.AsError(err)
	switch {
	case err == nil:
		return words.L("{{.Name}} has changed", "Name", short(words.Shown(path.Base(to.Path)))),
			words.L("The link was made for another version of this file. What is shown is as it is now; earlier versions are in its history.")
	case e.Code == node.CodeNotFound && to.Space != "" && to.Path != "":
		return words.L("{{.Name}} isn't there", "Name", short(words.Shown(path.Base(to.Path)))),
			words.L("The link leads to {{.Path}} in {{.Space}}, and nothing is there on this device. It was moved or deleted, or hasn't arrived yet.",
				"Path", words.Shown(to.Path), "Space", words.Shown(to.SpaceName))
	case e.Code == node.CodeNotFound && to.Space == "":
		return words.L("The link's space isn't here"),
			words.L("The link leads into a space that this device doesn't have. A link gives no access: whoever sent it can share the space with you. Nobody was asked, and nothing was changed.")
	}
	return words.L("The link can't be opened"), frame.Sentence(e)
}
