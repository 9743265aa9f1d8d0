package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// stick carries what laptop has to desk in a file, without any connection, and opens
// a link there.
func (s *show) stick() error {
	s.say("\n11. desk has no network; a stick carries what laptop has.")
	if err := s.desk.Do(s.ctx, nil, "pause"); err != nil {
		return err
	}
	const path = "by-stick/letter.txt"
	if err := s.put(s.laptop, "Repository", path, "carried by hand\n"); err != nil {
		return err
	}
	stick := filepath.Join(s.dir, "stick")
	if err := os.Mkdir(stick, 0o700); err != nil {
		return err
	}
	var wrote, took dropReport
	if err := s.laptop.Do(s.ctx, &wrote, "drop", "export", "Repository", stick); err != nil {
		return err
	}
	s.say("   laptop wrote %q: %d files, %d bytes. It isn't encrypted.", filepath.Base(wrote.File), wrote.Spaces[0].Files, wrote.Size)
	if err := s.desk.Do(s.ctx, &took, "drop", "import", wrote.File); err != nil {
		return err
	}
	in := took.Spaces[0]
	s.say("   desk took it in: %d entries new, %d known, %d obsolete, %d refused.", in.New, in.Known, in.Obsolete, in.Refused)
	if in.New == 0 || in.Refused > 0 {
		return fmt.Errorf("desk took in %+v", in)
	}
	if err := s.linked(path); err != nil {
		return err
	}
	if err := s.desk.Do(s.ctx, nil, "resume"); err != nil {
		return err
	}
	return s.equal(s.desk, s.laptop)
}

type dropReport struct {
	File   string
	Size   int64
	Spaces []struct{ Files, New, Known, Obsolete, Refused int64 }
}

// linked opens a link of laptop's on desk.
func (s *show) linked(path string) error {
	var link struct{ URI string }
	if err := s.laptop.Do(s.ctx, &link, "link", "Repository/"+path); err != nil {
		return err
	}
	var target struct{ Path, Kind, Local string }
	err := s.until(s.desk, "the file in its folder", func() (bool, error) {
		err := s.desk.Do(s.ctx, &target, "open", link.URI)
		if err != nil {
			return false, err
		}
		_, err = os.Stat(target.Local)
		return err == nil, nil
	})
	if err != nil {
		return err
	}
	if target.Path != path {
		return fmt.Errorf("the link of %s opens %+v", path, target)
	}
	s.say("   laptop's link %.40s… opens %s on desk.", link.URI, target.Path)
	return nil
}
