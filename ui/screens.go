package ui

import (
	"meadow/core/node"
	"meadow/ui/access"
	"meadow/ui/activity"
	"meadow/ui/carry"
	"meadow/ui/devices"
	"meadow/ui/frame"
	"meadow/ui/home"
	"meadow/ui/meet"
	"meadow/ui/pair"
	"meadow/ui/people"
	"meadow/ui/settings"
	"meadow/ui/share"
	"meadow/ui/space"
	"meadow/ui/transfers"
)

// Node is what the screens need of a node.
type Node interface {
	frame.Node
	home.Node
	settings.Node
	space.Node
	devices.Node
	pair.Node
	people.Node
	meet.Node
	transfers.Node
	activity.Node
	access.Node
	carry.Node
}

// Screens are the window's screens, on a node, the program around it, what its computer
// can see, and what goes by hand.
func Screens(n Node, h settings.Host, eyes pair.Eyes, c *carry.Carrier) []frame.Entry {
	return []frame.Entry{
		{Name: frame.Settings, Make: func(f *frame.Frame) frame.Screen { return settings.New(f, n, h) }},
		{Name: frame.Home, Make: func(f *frame.Frame) frame.Screen { return home.New(f, n) }},
		{Name: frame.Space, Make: func(f *frame.Frame) frame.Screen { return space.New(f, n, c) }},
		{Name: frame.Devices, Make: func(f *frame.Frame) frame.Screen { return devices.New(f, n) }},
		{Name: frame.Add, Make: func(f *frame.Frame) frame.Screen { return pair.New(f, n, eyes) }},
		{Name: frame.People, Make: func(f *frame.Frame) frame.Screen { return people.New(f, n) }},
		{Name: frame.AddPerson, Make: func(f *frame.Frame) frame.Screen { return meet.New(f, n, eyes) }},
		{Name: frame.Transfers, Make: func(f *frame.Frame) frame.Screen { return transfers.New(f, n) }},
		{Name: frame.Access, Make: func(f *frame.Frame) frame.Screen { return access.New(f, n, deeds(f, n)) }},
		{Name: frame.Activity, Make: func(f *frame.Frame) frame.Screen { return activity.New(f, n) }},
	}
}

// deeds are what the map of access leads to.
func deeds(f *frame.Frame, n share.Node) access.Deeds {
	return access.Deeds{
		Share:    func(o node.ShareOptions) { share.Ask(f, n, o) },
		Change:   func(id string) { share.ChangeID(f, n, id) },
		TakeBack: func(id string) { share.TakeBackID(f, n, id) },
	}
}
