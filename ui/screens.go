package ui

import (
	"meadow/ui/devices"
	"meadow/ui/frame"
	"meadow/ui/home"
	"meadow/ui/settings"
	"meadow/ui/space"
)

// Node is what the screens need of a node.
type Node interface {
	frame.Node
	home.Node
	settings.Node
	space.Node
	devices.Node
}

// Screens are the window's screens, on a node and the program around it.
func Screens(n Node, h settings.Host) []frame.Entry {
	return []frame.Entry{
		{Name: frame.Settings, Make: func(f *frame.Frame) frame.Screen { return settings.New(f, n, h) }},
		{Name: frame.Home, Make: func(f *frame.Frame) frame.Screen { return home.New(f, n) }},
		{Name: frame.Space, Make: func(f *frame.Frame) frame.Screen { return space.New(f, n) }},
		{Name: frame.Devices, Make: func(f *frame.Frame) frame.Screen { return devices.New(f, n) }},
	}
}
