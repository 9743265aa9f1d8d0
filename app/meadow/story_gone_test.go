//go:build headless

package main

import (
	"testing"

	"meadow/core/node"
)

// TestListDeletedElsewhere deletes a file in one device's folder: the other one
// lists it as deleted, and brings it back to both.
func TestListDeletedElsewhere(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Notes", laptop, desk)
	s.write(dirs[0], "letter.txt", "Dear Ada")
	s.write(dirs[0], "other.txt", "stays")
	s.inStep(laptop, desk)
	s.must(laptop.Do(s.ctx, nil, "rm", "Notes", "letter.txt"))
	s.inStep(laptop, desk)

	var gone node.DeletedFiles
	s.must(desk.Do(s.ctx, &gone, "ls", "Notes", "--deleted"))
	if len(gone.Files) != 1 || gone.Files[0].Path != "letter.txt" || gone.Files[0].By != "laptop" || !gone.Files[0].Restorable {
		t.Fatalf("deleted are %+v", gone)
	}
	s.must(desk.Do(s.ctx, nil, "restore", "Notes", "letter.txt", gone.Files[0].Version))
	s.inStep(desk, laptop)
	var files []node.File
	s.must(laptop.Do(s.ctx, &files, "ls", "Notes"))
	if len(files) != 2 {
		t.Errorf("there are %+v", files)
	}
	s.must(desk.Do(s.ctx, &gone, "ls", "Notes", "--deleted"))
	if len(gone.Files) != 0 {
		t.Errorf("deleted are still %+v", gone)
	}
}
