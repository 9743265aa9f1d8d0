package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"meadow/app/internal/stage"
)

// mistake deletes everything in one folder, which is held until somebody says
// what is meant.
func (s *show) mistake() error {
	s.say("\n6. Everything in laptop's folder is deleted, by mistake.")
	entries, err := os.ReadDir(s.a)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(s.a, e.Name())); err != nil {
			return err
		}
	}
	var holds []struct {
		ID, Space, Device string
		Removes, Of       int
	}
	for len(holds) == 0 {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
		if err := s.laptop.Do(s.ctx, &holds, "hold", "list"); err != nil {
			return err
		}
	}
	h := holds[0]
	s.say("   held: %s wants to remove %d of %d files in %s. Nothing was removed on desk.", h.Device, h.Removes, h.Of, h.Space)
	if err := s.laptop.Do(s.ctx, nil, "hold", "keep", h.ID); err != nil {
		return err
	}
	s.say("   `hold keep` brings them back:")
	return s.equal(s.laptop, s.desk)
}

// litter puts a rule and files that it keeps out on one side.
func (s *show) litter() error {
	s.say("\n7. .meadowignore keeps litter out; the rule itself is synced.")
	rules := filepath.Join(s.a, ".meadowignore")
	if err := os.WriteFile(rules, []byte("*.o\n"), 0o644); err != nil {
		return err
	}
	if err := s.equal(s.laptop, s.desk); err != nil {
		return err
	}
	object := filepath.Join(s.b, "main.o")
	if err := os.WriteFile(object, []byte("made by a compiler"), 0o644); err != nil {
		return err
	}
	var skipped struct {
		Skipped []struct{ Path, Pattern string }
	}
	if err := s.desk.Do(s.ctx, &skipped, "ignore", "Repository"); err != nil {
		return err
	}
	if len(skipped.Skipped) != 1 || skipped.Skipped[0].Path != "main.o" {
		return fmt.Errorf("skipped is %+v", skipped)
	}
	s.say("   desk skips %s because of %s.", skipped.Skipped[0].Path, skipped.Skipped[0].Pattern)
	if err := s.desk.Wait(s.ctx, time.Minute, s.laptop); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(s.a, "main.o")); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("laptop has what desk skips: %v", err)
	}
	return os.Remove(object)
}

// phone joins as a limited device, and is removed.
func (s *show) phone() error {
	s.say("\n8. A phone joins as a limited device with this one space, writes a file, and is removed.")
	phone := &stage.Node{Bin: s.bin, Home: filepath.Join(s.dir, "phone"), Device: "phone"}
	if err := phone.InitJoin(s.ctx); err != nil {
		return err
	}
	if err := phone.Start(s.ctx); err != nil {
		return err
	}
	err := s.withPhone(phone)
	return errors.Join(err, phone.Stop())
}

func (s *show) withPhone(phone *stage.Node) error {
	if err := stage.Pair(s.ctx, s.laptop, phone, "--kind", "limited", "--spaces", "Repository"); err != nil {
		return err
	}
	if err := s.laptop.Wait(s.ctx, time.Minute, phone); err != nil {
		return err
	}
	note := filepath.Join(s.dir, "note")
	if err := os.WriteFile(note, []byte("from the phone\n"), 0o644); err != nil {
		return err
	}
	if err := phone.Do(s.ctx, nil, "put", "Repository", "phone.txt", note); err != nil {
		return err
	}
	var refused *stage.Failure
	if err := phone.Do(s.ctx, nil, "space", "create", "Mine"); !errors.As(err, &refused) || refused.Code != "not_allowed" {
		return fmt.Errorf("a limited device made a space: %v", err)
	}
	if err := phone.Wait(s.ctx, time.Minute, s.laptop); err != nil {
		return err
	}
	if err := s.laptop.Do(s.ctx, nil, "device", "remove", "phone"); err != nil {
		return err
	}
	s.say("   it could write a file and no more; what it wrote stays:")
	return s.equal(s.laptop, s.desk)
}
