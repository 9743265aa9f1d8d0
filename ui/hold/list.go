package hold

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// fileList is the files of a hold, in a sheet.
type fileList struct {
	rows  *keys.List
	head  *look.Text
	files []node.HeldFile
	gone  bool // the sheet is closed
	next  func()
}

// list shows the files of a hold.
func (b *Banners) list(h node.Hold) {
	l := &fileList{head: look.NewCaption(words.L("Reading the list"))}
	l.rows = keys.NewList(
		func() int { return len(l.files) },
		func() fyne.CanvasObject { return look.NewLowRow(look.RowData{}) },
		l.update,
	)
	l.rows.HideSeparators = true
	body := look.NewRoom(container.NewBorder(l.head, nil, nil, nil, l.rows), 1.1, 0.6)
	b.frame.Sheet(Sentence(h), body, l.closed, frame.Button{Text: words.L("Close")},
		frame.Button{Text: removeVerb(h), Importance: widget.DangerImportance, Do: l.then(func() { b.remove(h) })},
		frame.Button{Text: keepVerb(h), Importance: widget.HighImportance, Do: l.then(func() { b.keep(h) })})
	frame.Ask(b.frame.Worker, func(ctx context.Context) ([]node.HeldFile, error) { return b.node.HoldShow(ctx, h.ID) }, l.got)
}

// then closes the sheet and goes on with something.
func (l *fileList) then(next func()) func() bool {
	return func() bool {
		l.next = next
		return true
	}
}

func (l *fileList) closed() {
	l.gone = true
	if l.next != nil {
		l.next()
	}
}

func (l *fileList) update(i widget.ListItemID, o fyne.CanvasObject) {
	f := l.files[i]
	o.(*look.Row).Set(look.RowData{Icon: look.IconFile, Title: words.Shown(f.Path), Trailing: words.Size(f.Bytes), File: true})
}

func (l *fileList) got(files []node.HeldFile, err error) {
	if l.gone {
		return
	}
	if err != nil {
		l.head.SetText(frame.Sentence(node.AsError(err)))
		return
	}
	slices.SortFunc(files, func(a, b node.HeldFile) int { return catalog.Compare(a.Path, b.Path) })
	l.files = files
	var bytes int64
	for _, f := range files {
		bytes += f.Bytes
	}
	l.head.SetText(words.N("{{.Count}} file, {{.Size}}", "{{.Count}} files, {{.Size}}", int64(len(files)), "Size", words.Size(bytes)))
	l.rows.Refresh()
}
