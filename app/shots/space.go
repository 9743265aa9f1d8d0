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
	details := "Show or hide details"
	press := func(name string, of int, path, item string, verbs ...string) {
		add(name, of, path, item)
		all[len(all)-1].do = func(f *frame.Frame) {
			c := f.Window.Canvas()
			for _, verb := range verbs {
				if verb == details && scene.Find(c, "Save a copy") != nil {
					continue // in a wide window they are there
				}
				if scene.Find(c, verb) == nil {
					return // this scene has none of it: the picture is of what there is
				}
				scene.Press(c, verb)
			}
		}
	}
	press("details", 1, "Garden plan.jpg", "", details)
	press("menu", 2, "", "", "More about this space")
	press("hold-list", 0, "", "", "Show list")
	press("hold-remove", 0, "", "", "Remove")
	press("rename", 1, "Minutes/2026-11.md", "", details, "Rename or move")
	press("delete", 1, "Backup.iso", "", details, "Delete")
	press("decided", 1, "", space.ItemConflicts, "Keep both", "1 decided")
	return all
}
