package first

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// field is a text field with its name above and what is wrong with it below.
type field struct {
	entry   *keys.Entry
	problem *look.Text
	whole   fyne.CanvasObject
}

func newField(name, hint string, changed func(string)) *field {
	f := &field{entry: keys.NewEntry(), problem: look.NewText("", theme.SizeNameCaptionText, look.ColorDanger)}
	f.entry.SetPlaceHolder(hint)
	f.entry.OnChanged = changed
	label := look.NewText(name, "", "")
	label.Style.Bold = true
	f.whole = look.NewColumn(look.SizeXS, label, f.entry, f.problem)
	return f
}

func (f *field) say(problem string) { f.problem.SetText(problem) }

// nameProblem says what is wrong with a name; "" for a good one, and for none yet.
func nameProblem(name string) string {
	if strings.TrimSpace(name) == "" {
		return ""
	}
	if err := node.CheckName(strings.TrimSpace(name)); err != nil {
		return frame.Sentence(&node.Error{Message: node.AsError(err).Message})
	}
	return ""
}

func nameGood(name string) bool {
	return strings.TrimSpace(name) != "" && nameProblem(name) == ""
}

// names asks what the account and this device are called.
type names struct {
	first           *First
	fresh           bool
	account, device *field
	banner          *look.Banner
	next            *look.Button
	whole           fyne.CanvasObject
}

func newNames(f *First, fresh bool) *names {
	n := &names{first: f, fresh: fresh, banner: look.NewBanner(look.BannerData{})}
	n.banner.Hide()
	n.account = newField(words.L("Your name"), words.L("Such as Anna"), func(string) { n.check() })
	n.device = newField(words.L("This device's name"), words.L("Such as Laptop"), func(string) { n.check() })
	n.next = look.NewPrimaryButton(words.L("Show my words"), look.IconArrowRight, n.leave)
	title, text := words.L("Start fresh"), words.L("Your name and this device's are what your other devices show. Nobody else sees them.")
	steps := look.NewSteps(freshSteps()...)
	form := look.NewColumn(look.SizeM, n.account.whole, n.device.whole)
	if !fresh {
		title, text = words.L("Join my other device"), words.L("Your other device shows this name when it lets this one in.")
		n.next.SetText(words.L("Show the code"))
		form = look.NewColumn(look.SizeS, n.device.whole)
		steps = look.NewSteps(words.L("Name"), words.L("Pair"))
	}
	n.account.entry.OnSubmitted = func(string) { f.window.Canvas().Focus(n.device.entry) }
	n.device.entry.OnSubmitted = func(string) { n.leave() }
	n.device.entry.Propose(f.device)
	n.account.entry.Propose(f.account)
	n.whole = look.NewPage(1, look.NewColumn(look.SizeL,
		steps, heading(title, text), n.banner, look.NewCard("", form),
		buttons(look.NewQuietButton(words.L("Back"), look.IconArrowLeft, n.back), n.next),
	))
	n.check()
	return n
}

func freshSteps() []string {
	return []string{words.L("Names"), words.L("Words"), words.L("Check")}
}

// heading is the title of a page and a paragraph about it.
func heading(title, text string) fyne.CanvasObject {
	return look.NewColumn(look.SizeXS, look.NewTitle(title), look.NewParagraph(text, look.ColorMuted))
}

// buttons are what leads back and what leads on.
func buttons(back, next fyne.CanvasObject) fyne.CanvasObject {
	return container.NewHBox(back, layout.NewSpacer(), next)
}

func (n *names) content() fyne.CanvasObject { return n.whole }

func (n *names) focus() fyne.Focusable {
	if n.fresh {
		return n.account.entry
	}
	return n.device.entry
}

func (n *names) back() { n.first.Welcome() }

// check says live what is wrong with the names.
func (n *names) check() {
	n.account.say(nameProblem(n.account.entry.Text))
	n.device.say(nameProblem(n.device.entry.Text))
	if n.good() {
		n.next.Enable()
	} else {
		n.next.Disable()
	}
}

func (n *names) good() bool {
	return nameGood(n.device.entry.Text) && (!n.fresh || nameGood(n.account.entry.Text))
}

func (n *names) leave() {
	if !n.good() || n.next.Disabled() {
		return
	}
	n.next.Disable()
	n.banner.Hide()
	device := strings.TrimSpace(n.device.entry.Text)
	n.first.device = device
	if n.fresh {
		n.first.make(strings.TrimSpace(n.account.entry.Text), device)
		return
	}
	n.first.join(device, n.failed)
}

func (n *names) failed(err error) {
	n.check()
	n.banner.Set(failure(err))
	n.banner.Show()
	n.whole.Refresh()
}
