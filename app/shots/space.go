package main

import (
	"meadow/ui/frame"
	"meadow/ui/scene"
	"meadow/ui/space"
)

// spaceShots are the pages of a space, and its browser in the states that a place
// leads to.
func spaceShots(n *scene.Node) []shot {
	all := []shot{{name: "space-new", place: frame.Place{Screen: frame.Space, Item: space.ItemNew}}}
	if len(n.State.Spaces) < 3 {
		return all
	}
	add := func(name string, of int, path, item string) {
		all = append(all, shot{name: "space-" + name, place: frame.Place{Screen: frame.Space, Space: n.State.Spaces[of].ID, Path: path, Item: item}})
	}
	add("photo", 0, "Lake at dawn.jpg", "")
	add("folder", 0, "2019/Summer at the lake", "")
	add("nothing", 0, "Empty album", "")
	add("work", 1, "", "")
	add("text", 1, "Minutes/2026-11.md", "")
	add("detached", 2, "", "")
	add("conflicts", 1, "Budget 2027.txt", space.ItemConflicts)
	add("conflicts-picture", 1, "Garden plan.jpg", space.ItemConflicts)
	add("conflicts-none", 2, "", space.ItemConflicts)
	add("names", 1, "", space.ItemNames)
	add("names-none", 2, "", space.ItemNames)
	add("deleted", 0, "", space.ItemDeleted)
	add("deleted-none", 2, "", space.ItemDeleted)
	add("history", 1, "Budget 2027.txt", space.ItemHistory)
	add("ignore", 1, "", space.ItemIgnore)
	add("attach", 2, "", space.ItemAttach)
	return all
}
