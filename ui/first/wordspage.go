package first

import (
	"context"
	"image/color"
	"net/url"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/words"
)

const wordColumns = 4

// wordsPage shows the words, once.
type wordsPage struct {
	first  *First
	list   []string
	banner *look.Banner
	print  *look.Button
	next   *look.Button
	whole  fyne.CanvasObject
}

func newWordsPage(f *First, list []string) *wordsPage {
	w := &wordsPage{first: f, list: list, banner: look.NewBanner(look.BannerData{})}
	w.banner.Hide()
	grid := container.NewGridWithColumns(wordColumns)
	for i, word := range list {
		grid.Add(newWord(i+1, word))
	}
	w.print = look.NewButton(words.L("Save a page to print…"), look.IconPrint, w.save)
	w.next = look.NewPrimaryButton(words.L("I have written them down"), look.IconArrowRight, w.check)
	steps := look.NewSteps(freshSteps()...)
	steps.Set(1)
	w.whole = look.NewPage(1.3, look.NewColumn(look.SizeL,
		steps,
		heading(words.L("Your 24 words"), words.L("They bring your account back if all of your devices are lost, and they are shown only now. "+
			"Write them on paper in this order. Whoever reads them can become you.")),
		w.banner,
		look.NewCard("", grid),
		container.NewBorder(nil, nil, look.NewButtons(look.NewQuietButton(words.L("Back"), look.IconArrowLeft, w.back), w.print), w.next),
	))
	return w
}

func (w *wordsPage) content() fyne.CanvasObject { return w.whole }
func (w *wordsPage) focus() fyne.Focusable      { return nil }
func (w *wordsPage) back()                      { w.first.discard() }
func (w *wordsPage) check()                     { w.first.show(newCheckPage(w.first, w, newQuiz(w.list, anyOrder))) }

func (w *wordsPage) say(data look.BannerData) {
	w.banner.Set(data)
	w.banner.Show()
	w.whole.Refresh()
}

// save writes the page to print where the person chooses.
func (w *wordsPage) save() {
	d := dialog.NewFileSave(func(out fyne.URIWriteCloser, err error) {
		if err != nil || out == nil {
			return
		}
		file, account := out.URI().Path(), w.first.account
		w.first.worker.Go(func(context.Context) error {
			_ = out.Close() // an empty file, which the private one replaces
			b, err := PrintPage(account, w.list, time.Now())
			if err != nil {
				return err
			}
			return savePrivately(file, b)
		}, func(err error) { w.saved(file, err) })
	}, w.first.window)
	d.SetFileName(words.L("Meadow words") + ".html")
	d.Show()
}

// saved offers what one does with the page.
func (w *wordsPage) saved(file string, err error) {
	if err != nil {
		w.say(failure(err))
		return
	}
	w.say(look.BannerData{
		Tone:  look.ToneAttention,
		Title: words.L("Saved as {{.File}}.", "File", words.Shown(file)),
		Text:  words.L("Only you can read the file on this device. Print it, then delete it: it is as secret as the words."),
		Actions: []look.Action{
			{Text: words.L("Open to print"), Icon: look.IconOpen, Do: func() { w.open(file) }},
			{Text: words.L("Delete the file"), Icon: look.IconTrash, Do: func() { w.remove(file) }},
		},
	})
}

func (w *wordsPage) open(file string) {
	if err := fyne.CurrentApp().OpenURL(&url.URL{Scheme: "file", Path: file}); err != nil {
		w.say(failure(&node.Error{
			Code: node.CodeIO, Message: words.L("no browser could be opened"), Hint: words.L("open the file {{.File}} yourself", "File", file),
		}))
	}
}

func (w *wordsPage) remove(file string) {
	w.first.worker.Go(func(context.Context) error { return removePrivate(file) }, func(err error) {
		if err != nil {
			w.say(failure(err))
			return
		}
		w.say(look.BannerData{Tone: look.ToneGood, Title: words.L("The file is deleted. What was printed is what counts now.")})
	})
}

// word is one of the words with its number. It can't be selected, so that it isn't
// copied by habit.
type word struct {
	widget.BaseWidget
	number int
	word   string
}

func newWord(number int, text string) *word {
	w := &word{number: number, word: text}
	w.ExtendBaseWidget(w)
	return w
}

// AccessibilityLabel implements fyne.Accessible.
func (w *word) AccessibilityLabel() string { return strconv.Itoa(w.number) + " " + w.word }

// AccessibilityRole implements fyne.Accessible.
func (w *word) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (w *word) CreateRenderer() fyne.WidgetRenderer {
	number := look.NewCaption(strconv.Itoa(w.number))
	number.Align = fyne.TextAlignTrailing
	text := look.NewText(w.word, "", "")
	text.Style = fyne.TextStyle{Bold: true, Monospace: true}
	return widget.NewSimpleRenderer(container.NewPadded(container.NewHBox(
		container.NewStack(newGap(look.SizeXL), number), newGap(look.SizeXS), text)))
}

// newGap is room of a size of the theme; "" is none, beside which a row has its gap.
func newGap(wide fyne.ThemeSizeName) fyne.CanvasObject {
	gap := canvas.NewRectangle(color.Transparent)
	if wide != "" {
		gap.SetMinSize(fyne.NewSize(theme.Size(wide), 0))
	}
	return gap
}
