package frame

import "fyne.io/fyne/v2"

// Drop is what the toolkit does when files are dropped on the window.
func (f *Frame) Drop(files []fyne.URI) { f.dropped(files) }
