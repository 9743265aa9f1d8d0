package share

import (
	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/words"
)

// Ask opens the sheet with what is known already of a share that is to be: a space by
// its id, a folder in it, somebody by their custodian id.
func Ask(f *frame.Frame, n Node, o node.ShareOptions) {
	now := f.Now()
	if now == nil {
		return
	}
	space, _ := now.Space(o.Space)
	with, _ := now.Person(o.With)
	d := newDraft(space, o.Path, with)
	if o.Level != "" && d.may(o.Level) {
		d.level = o.Level
	}
	open(f, n, d)
}

// ChangeID is Change of a share that is known by its id.
func ChangeID(f *frame.Frame, n Node, id string) {
	with(f, id, func(s node.Share) { Change(f, n, s) })
}

// TakeBackID is TakeBack of a share that is known by its id.
func TakeBackID(f *frame.Frame, n Node, id string) {
	with(f, id, func(s node.Share) { TakeBack(f, n, s) })
}

// with does something with a share, if there is one of the id.
func with(f *frame.Frame, id string, do func(node.Share)) {
	if now := f.Now(); now != nil {
		for _, s := range now.Shares {
			if s.ID == id {
				do(s)
				return
			}
		}
	}
	f.Fail(&node.Error{Code: node.CodeNotFound, Message: words.L("that share is not there any more"), Hint: words.L("look at what is shared now")})
}
