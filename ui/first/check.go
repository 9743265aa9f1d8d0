package first

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// checkPage asks some of the words back.
type checkPage struct {
	first   *First
	words   *wordsPage
	quiz    quiz
	answers [askedBack]*answer
	banner  *look.Banner
	next    *look.Button
	whole   fyne.CanvasObject
}

// answer is one field with what it may become.
type answer struct {
	entry   *keys.Entry
	offered *fyne.Container
	wrong   *look.Text
	whole   fyne.CanvasObject
	leave   func() // to the next field
}

func newCheckPage(f *First, w *wordsPage, q quiz) *checkPage {
	c := &checkPage{first: f, words: w, quiz: q, banner: look.NewBanner(look.BannerData{})}
	c.banner.Hide()
	c.next = look.NewPrimaryButton(words.L("Make my account"), look.IconCheck, c.submit)
	fields := look.NewColumn(look.SizeM)
	for i := range c.answers {
		c.answers[i] = newAnswer(q.asked[i]+1, c.changed, func() { c.leave(i) })
		fields.Add(c.answers[i].whole)
	}
	steps := look.NewSteps(freshSteps()...)
	steps.Set(2)
	c.whole = look.NewPage(1, look.NewColumn(look.SizeL,
		steps,
		heading(words.L("Three of them, please"), words.L("Read them from your paper: so you know that it can be read.")),
		c.banner,
		look.NewCard("", fields),
		buttons(look.NewQuietButton(words.L("See the words again"), look.IconArrowLeft, c.back), c.next),
	))
	c.changed()
	return c
}

func newAnswer(number int, changed, leave func()) *answer {
	a := &answer{entry: keys.NewEntry(), offered: container.NewHBox(), leave: leave}
	a.wrong = look.NewText("", theme.SizeNameCaptionText, look.ColorDanger)
	a.entry.SetPlaceHolder(words.L("The first letters of word {{.Number}}", "Number", number))
	a.entry.OnChanged = func(text string) {
		a.wrong.SetText("")
		a.offer(suggestions(text))
		changed()
	}
	a.entry.OnSubmitted = func(string) {
		a.complete()
		leave()
	}
	a.entry.OnKey = func(e *fyne.KeyEvent) bool {
		if e.Name == fyne.KeyTab || e.Name == fyne.KeyRight {
			a.complete()
		}
		return false
	}
	label := look.NewText(words.L("Word {{.Number}}", "Number", number), "", "")
	label.Style.Bold = true
	a.whole = look.NewColumn(look.SizeXS, container.NewBorder(nil, nil, label, a.wrong), a.entry, a.offered)
	return a
}

// complete finishes a word that can be one only.
func (a *answer) complete() {
	if word := only(a.entry.Text); word != "" {
		a.take(word)
	}
}

func (a *answer) take(word string) {
	a.entry.SetText(word)
	a.entry.CursorColumn = len(word)
	a.entry.Refresh()
}

// offer shows what the beginning may become.
func (a *answer) offer(list []string) {
	a.offered.Objects = nil
	for _, word := range list {
		a.offered.Add(look.NewQuietButton(word, "", func() {
			a.take(word)
			a.leave()
		}))
	}
	a.offered.Refresh()
}

func (c *checkPage) content() fyne.CanvasObject { return c.whole }
func (c *checkPage) focus() fyne.Focusable      { return c.answers[0].entry }

// back shows the words again; three others are asked then.
func (c *checkPage) back() {
	if !c.next.Disabled() || !c.complete() {
		c.first.show(c.words)
	}
}

// leave goes to the next field, or on.
func (c *checkPage) leave(i int) {
	if i+1 < len(c.answers) {
		c.first.window.Canvas().Focus(c.answers[i+1].entry)
		return
	}
	c.submit()
}

func (c *checkPage) complete() bool {
	for _, a := range c.answers {
		if len(node.SplitWords(a.entry.Text)) == 0 {
			return false
		}
	}
	return true
}

func (c *checkPage) changed() {
	if c.complete() {
		c.next.Enable()
	} else {
		c.next.Disable()
	}
	c.whole.Refresh()
}

// submit judges the answers; if they are right the account is made.
func (c *checkPage) submit() {
	if !c.complete() || c.next.Disabled() {
		return
	}
	wrong := false
	for i, a := range c.answers {
		if !c.quiz.right(i, a.entry.Text) {
			a.wrong.SetText(words.L("That is another word"))
			wrong = true
		}
	}
	if wrong {
		c.banner.Set(look.BannerData{
			Tone: look.ToneAttention, Title: words.L("Not everything is right yet."),
			Text: words.L("Look at your paper again. If it says so there, see the words again and correct it."),
		})
		c.banner.Show()
		c.whole.Refresh()
		return
	}
	c.next.Disable()
	c.next.SetText(words.L("Making your account"))
	c.first.keep()
}
