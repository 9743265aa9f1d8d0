package ui

import "meadow/ui/frame"

// Node is what the screens need of a node.
type Node interface {
	frame.Node
}

// Screens are the window's screens, on a node.
func Screens(_ Node) []frame.Entry {
	return []frame.Entry{}
}
