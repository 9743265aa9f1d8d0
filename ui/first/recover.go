package first

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// recoverPage asks for the words of an account whose devices are gone, and this
// device's name.
type recoverPage struct {
	first  *First
	words  *keys.Entry
	count  *look.Text
	wrong  *look.Paragraph
	device *field
	from   *field
	banner *look.Banner
	next   *look.Button
	whole  fyne.CanvasObject
	busy   bool
}

// Lost asks for the words of an account.
func (f *First) Lost() { f.show(newRecoverPage(f)) }

func newRecoverPage(f *First) *recoverPage {
	r := &recoverPage{first: f, words: keys.NewLines(), count: look.NewCaption(""), wrong: look.NewParagraph("", look.ColorDanger), banner: look.NewBanner(look.BannerData{})}
	r.banner.Hide()
	r.words.SetPlaceHolder(words.L("Type or paste all 24 words here, in their order"))
	r.words.SetMinRowsVisible(4)
	r.words.OnChanged = func(string) { r.check() }
	r.device = newField(words.L("This device's name"), words.L("Such as Laptop"), func(string) { r.check() })
	r.device.entry.Propose(f.device)
	r.device.entry.OnSubmitted = func(string) { r.leave() }
	r.from = newField(words.L("Where a device of yours is, if one is left and not on this network"), words.L("Such as 192.168.1.20:4711; may be empty"), func(string) { r.check() })
	r.from.entry.OnSubmitted = func(string) { r.leave() }
	r.next = look.NewPrimaryButton(words.L("Bring my account back"), look.IconKey, r.leave)
	r.wrong.Hide()
	label := look.NewText(words.L("Your 24 words"), theme.SizeNameText, "")
	label.Style.Bold = true
	r.whole = look.NewPage(1.1, look.NewColumn(look.SizeL,
		heading(words.L("Bring my account back"), words.L("With your words this device becomes yours again, even if all others are lost or stolen. "+
			"All of them are out then; you pair those that you have anew. Your files come from any device that still has them.")),
		r.banner,
		look.NewCard("", look.NewColumn(look.SizeM,
			look.NewColumn(look.SizeXS, label, r.words, r.count, r.wrong), r.device.whole, r.from.whole)),
		buttons(look.NewQuietButton(words.L("Back"), look.IconArrowLeft, r.back), r.next),
	))
	r.check()
	return r
}

func (r *recoverPage) content() fyne.CanvasObject { return r.whole }
func (r *recoverPage) focus() fyne.Focusable      { return r.words }

func (r *recoverPage) back() {
	if !r.busy {
		r.first.Welcome()
	}
}

// check says live what is wrong with the words and the name.
func (r *recoverPage) check() {
	if r.whole == nil {
		return // it is being made
	}
	t := typedWords(r.words.Text)
	r.count.SetText(t.count())
	problem := t.problem()
	r.wrong.SetText(problem)
	r.wrong.Hidden = problem == ""
	r.device.say(nameProblem(r.device.entry.Text))
	if r.good() {
		r.next.Enable()
	} else {
		r.next.Disable()
	}
	r.whole.Refresh()
}

func (r *recoverPage) good() bool {
	return !r.busy && typedWords(r.words.Text).good() && nameGood(r.device.entry.Text)
}

func (r *recoverPage) leave() {
	if !r.good() {
		return
	}
	r.busy = true
	r.banner.Hide()
	r.next.SetText(words.L("Bringing it back"))
	r.check()
	text, device, from := r.words.Text, strings.TrimSpace(r.device.entry.Text), strings.TrimSpace(r.from.entry.Text)
	r.first.worker.Go(func(ctx context.Context) error { return r.first.host.Recover(ctx, text, device, from) }, func(err error) {
		r.busy = false
		if err != nil {
			r.next.SetText(words.L("Bring my account back"))
			r.banner.Set(failure(err))
			r.banner.Show()
			r.check()
			return
		}
		r.words.SetText("") // they are needed no more
		r.first.made()
	})
}
