package ui

import (
	"meadow/ui/frame"
	"meadow/ui/home"
)

// Node is what the screens need of a node.
type Node interface {
	frame.Node
	home.Node
}

// Screens are the window's screens, on a node.
func Screens(n Node) []frame.Entry {
	return []frame.Entry{
		{Name: frame.Home, Make: func(f *frame.Frame) frame.Screen { return home.New(f, n) }},
	}
}
