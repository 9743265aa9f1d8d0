package control

import "meadow/core/node"

// Program is what a node's process can do beside the node. Its functions are
// called by any goroutine and must not block.
type Program struct {
	// Raise brings the program's window to the front, and fills in a ticket there if
	// that isn't "": a device's, or a person's, as it begins. Nothing is done with it
	// before somebody there says so. It may also be a willow:// link, which is shown, or
	// the path of a drop, which is asked about. Nil: it has none.
	Raise func(ticket string)
	// Stop ends the program as its user would. The caller has been answered when
	// it is called.
	Stop func()
}

// answer answers the calls that are about the program, by their names on the wire;
// it reports whether this was one. A raise with DryRun only asks for a window.
func (p Program) answer(name string, read func() (Args, error), out func(line) error) bool {
	switch name {
	case "raise":
		if p.Raise == nil {
			_ = out(line{Error: &node.Error{
				Code: node.CodeNoWindow, Message: "Meadow is running here without a window",
				Hint: "stop it with `meadow stop`, then start Meadow's window",
			}})
			return true
		}
		args, err := read()
		if err != nil {
			_ = out(line{Error: unreadable()})
			return true
		}
		if !args.DryRun {
			p.Raise(args.PairAccept.Ticket)
		}
		_ = out(line{Result: []byte("null")})
	case "stop":
		if p.Stop == nil {
			_ = out(line{Error: &node.Error{
				Code: node.CodeNotAllowed, Message: "this Meadow can't be stopped by a command", Hint: "end its process",
			}})
			return true
		}
		_ = out(line{Result: []byte("null")}) // a caller that is gone wanted it too
		p.Stop()
	default:
		return false
	}
	return true
}
