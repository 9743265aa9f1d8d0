package main

import "fmt"

// record decides the conflict that two offline edits made, takes that back, and
// looks all of it up in the log.
func (s *show) record() error {
	s.say("\n9. The two offline edits of act 4 are decided, and what happened is on record.")
	var conflicts []struct{ Space, Path, Copy string }
	if err := s.laptop.Do(s.ctx, &conflicts, "conflicts", "Repository"); err != nil {
		return err
	}
	if len(conflicts) == 0 {
		return fmt.Errorf("there is no conflict to decide")
	}
	c := conflicts[0]
	var resolved struct{ ID string }
	if err := s.laptop.Do(s.ctx, &resolved, "conflicts", "resolve", c.Space, c.Copy, "--keep", "this"); err != nil {
		return err
	}
	s.say("   %s stays as it is, %s goes; `conflicts undo` would bring it back.", c.Path, c.Copy)
	if err := s.equal(s.laptop, s.desk); err != nil {
		return err
	}
	var rows []struct{ Kind, Path, Device string }
	if err := s.desk.Do(s.ctx, &rows, "activity", "--search", c.Path, "--limit", "3"); err != nil {
		return err
	}
	if len(rows) == 0 {
		return fmt.Errorf("desk has no record of %s", c.Path)
	}
	for _, r := range rows {
		s.say("   desk's log: %s %s by %s", r.Kind, r.Path, r.Device)
	}
	return nil
}
