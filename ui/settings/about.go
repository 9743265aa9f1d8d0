package settings

import (
	"context"
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// check is typing the account's words, to know that they are safe.
type check struct {
	screen *Screen
	row    *setting
	field  *keys.Entry
	button *look.Button
	banner *look.Banner
}

func newCheck(s *Screen) *check {
	c := &check{screen: s, field: keys.NewLines(), banner: look.NewBanner(look.BannerData{})}
	c.field.SetPlaceHolder(words.L("Type all 24 words, in their order"))
	c.field.SetMinRowsVisible(3)
	c.field.OnChanged = func(string) { c.able() }
	c.button = look.NewButton(words.L("Check"), look.IconCheck, c.pressed)
	c.row = newSetting(words.L("Check"), "", inWidth(130, c.button))
	c.banner.Hide()
	c.able()
	return c
}

func (c *check) name() string  { return Words }
func (c *check) title() string { return title(c.name()) }

func (c *check) content() fyne.CanvasObject {
	return rows(
		newSetting(words.L("Do you still have them?"),
			words.L("They bring your account back if all your devices are lost. Nobody else has them, and Meadow doesn't show them again."), nil).content,
		c.field, c.row.content, c.banner,
	)
}

func (c *check) put(now *frame.Now) { c.row.say(checked(now)) }

// forget takes words away that were typed: they aren't left where others see them.
func (c *check) forget() {
	c.field.SetText("")
	c.banner.Hide()
}

func (c *check) able() {
	if len(node.SplitWords(c.field.Text)) == 0 {
		c.button.Disable()
	} else {
		c.button.Enable()
	}
}

func (c *check) pressed() {
	text := c.field.Text
	frame.Ask(c.screen.frame.Worker, func(ctx context.Context) (node.WordsCheck, error) {
		return c.screen.node.CheckWords(ctx, text)
	}, func(is node.WordsCheck, err error) {
		if err != nil {
			c.screen.frame.Fail(err)
			return
		}
		tone := look.ToneAttention
		if is.Right {
			tone = look.ToneGood
			c.field.SetText("") // they aren't left on the screen
			c.screen.frame.Feed.Look()
		}
		c.banner.Set(look.BannerData{Tone: tone, Title: judged(is)})
		c.banner.Show()
		c.screen.page.Refresh()
	})
}

// keysSection is what keys do.
type keysSection struct{}

func newShortcuts() keysSection { return keysSection{} }

func (keysSection) name() string   { return "keys" }
func (keysSection) title() string  { return title("keys") }
func (keysSection) put(*frame.Now) {}

func (keysSection) content() fyne.CanvasObject {
	mod := words.L("Ctrl")
	if runtime.GOOS == "darwin" {
		mod = words.L("Cmd")
	}
	all := container.New(column{look.SizeS})
	for _, s := range shortcuts(mod) {
		caps := container.NewHBox(look.NewKeyHint(strings.Split(s.keys, "+")...))
		all.Add(container.NewBorder(nil, nil, inWidth(110, caps), nil, look.NewShort(s.does, "", "")))
	}
	return all
}

// about is what Meadow is, and where it says what goes wrong.
type about struct {
	screen  *Screen
	log     string
	version *look.Text
	logRow  *setting
}

func newAbout(s *Screen) *about {
	a := &about{screen: s, version: amount()}
	a.logRow = newSetting(words.L("Log"), "", nil)
	return a
}

func (a *about) name() string  { return "about" }
func (a *about) title() string { return title(a.name()) }

func (a *about) content() fyne.CanvasObject {
	licences := look.NewButton(words.L("Licences"), look.IconDocument, a.licences)
	return rows(
		newSetting(words.L("Version"), words.L("Free software under the Apache License 2.0."), a.version).content,
		newSetting(words.L("Made with"), words.L("Libraries that others have written and given away."), inWidth(130, licences)).content,
		newSetting(words.L("Your data"), words.L("It stays on your devices and goes from one to the other, encrypted on the way. Meadow sends nothing to anybody else. On the disk of a device it is as safe as that device's own lock."), nil).content,
		a.logRow.content,
	)
}

func (a *about) put(now *frame.Now) {
	if now != nil {
		a.version.SetText(now.Status.Version)
	}
	if a.log == "" {
		a.logRow.say(words.L("None is kept: there is no place for it."))
	} else {
		a.logRow.say(words.L("What goes wrong is written to {{.File}}. It has names of files and devices in it, no contents.", "File", words.Shown(a.log)))
	}
}

func (a *about) licences() {
	all := modules()
	list := keys.NewList(
		func() int { return len(all) },
		func() fyne.CanvasObject { return look.NewLowRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			o.(*look.Row).Set(look.RowData{Title: all[i].name, Trailing: all[i].version})
		},
	)
	list.HideSeparators = true
	text := look.NewParagraph(words.L("The typeface is Inter, under the SIL Open Font License 1.1. Each library is under its own licence, which is in its source at the address that is its name."), look.ColorMuted)
	a.screen.frame.Sheet(words.L("Made with"), container.New(tall{}, text, list), nil, frame.Button{Text: words.L("Close")})
}

// tall is a text with a list of some height below it.
type tall struct{}

const listHigh = 260

// MinSize implements fyne.Layout.
func (tall) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(440, o[0].(*look.Paragraph).HeightIn(440)+theme.Size(look.SizeM)+listHigh)
}

// Layout implements fyne.Layout.
func (tall) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h := o[0].(*look.Paragraph).HeightIn(s.Width)
	o[0].Resize(fyne.NewSize(s.Width, h))
	h += theme.Size(look.SizeM)
	o[1].Move(fyne.NewPos(0, h))
	o[1].Resize(fyne.NewSize(s.Width, s.Height-h))
}
