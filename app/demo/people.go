package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"meadow/app/internal/stage"
)

// people is about somebody else: Bob has an account and a device of his own.
func (s *show) people() error {
	s.say("\n10. Ada and Bob become contacts by a QR code, and share.")
	bob := &stage.Node{Bin: s.bin, Home: filepath.Join(s.dir, "bob"), Device: "bobs-laptop"}
	if _, err := bob.Init(s.ctx, "Bob"); err != nil {
		return err
	}
	if err := bob.Start(s.ctx); err != nil {
		return err
	}
	return errors.Join(s.withBob(bob), bob.Stop())
}

func (s *show) withBob(bob *stage.Node) error {
	start := time.Now()
	if err := stage.Meet(s.ctx, s.laptop, bob); err != nil {
		return err
	}
	s.say("   laptop showed a QR code, Bob's device read it and showed six digits: they know each other after %v.", since(start))
	for space, file := range map[string]string{"Recipes": "cakes/plum.txt", "Party": "list.txt"} {
		if err := s.laptop.Do(s.ctx, nil, "space", "create", space); err != nil {
			return err
		}
		if err := s.put(s.laptop, space, file, "of Ada\n"); err != nil {
			return err
		}
	}
	recipes, err := s.share(bob, "Recipes/cakes", "read", "--until", "30d")
	if err != nil {
		return err
	}
	if err := s.arrives(bob, "Recipes", "cakes/plum.txt"); err != nil {
		return err
	}
	if err := s.forbidden(bob, "Recipes", "cakes/mine.txt"); err != nil {
		return err
	}
	s.say("   Bob reads the cakes, can't change them, and sees nothing else of Recipes.")
	if _, err := s.share(bob, "Party", "contribute"); err != nil {
		return err
	}
	if err := s.arrives(bob, "Party", "list.txt"); err != nil {
		return err
	}
	if err := s.put(bob, "Party", "music.txt", "of Bob\n"); err != nil {
		return err
	}
	if err := s.arrives(s.laptop, "Party", "music.txt"); err != nil {
		return err
	}
	s.say("   Bob adds a file to the party; it is there on Ada's laptop.")
	return s.takeBack(bob, recipes)
}

// share offers something to Bob, who accepts; it returns the share's id.
func (s *show) share(bob *stage.Node, what, level string, flags ...string) (id string, err error) {
	var share struct{ ID, Says string }
	args := append([]string{"share", what, "--with", "Bob", "--level", level}, flags...)
	if err := s.laptop.Do(s.ctx, &share, args...); err != nil {
		return "", err
	}
	s.say("   Ada shares %s. %s", what, share.Says)
	var invites []struct{ ID, Says string }
	err = s.until(bob, "the invitation", func() (bool, error) {
		err := bob.Do(s.ctx, &invites, "invite", "list")
		return err == nil && len(invites) > 0 && invites[0].ID == share.ID, err
	})
	if err != nil {
		return "", err
	}
	s.say("   Bob is asked: %s", invites[0].Says)
	return share.ID, bob.Do(s.ctx, nil, "invite", "accept", share.ID)
}

// takeBack ends a share and shows the receipt.
func (s *show) takeBack(bob *stage.Node, id string) error {
	var receipt struct {
		Stopped []struct {
			Device string
			At     time.Time
		}
		NotTold []string `json:"not_told"`
		Holds   struct{ Files, Bytes int64 }
	}
	start := time.Now()
	if err := s.laptop.Do(s.ctx, &receipt, "revoke", id); err != nil {
		return err
	}
	s.say("   Ada takes the cakes back. The receipt:")
	for _, d := range receipt.Stopped {
		s.say("   - %s stopped serving them after %v", d.Device, d.At.Sub(start).Round(time.Millisecond))
	}
	for _, d := range receipt.NotTold {
		s.say("   - %s hasn't heard yet", d)
	}
	s.say("   - Bob keeps %d file, %d bytes", receipt.Holds.Files, receipt.Holds.Bytes)
	if err := s.put(s.laptop, "Recipes", "cakes/later.txt", "not for Bob\n"); err != nil {
		return err
	}
	err := s.until(bob, "the end", func() (bool, error) {
		var spaces []struct {
			Name  string
			Ended bool
		}
		err := bob.Do(s.ctx, &spaces, "space", "list")
		for _, sp := range spaces {
			if sp.Name == "Recipes" && sp.Ended {
				return true, err
			}
		}
		return false, err
	})
	if err != nil {
		return err
	}
	var gone *stage.Failure
	if _, err := bob.Raw(s.ctx, nil, "get", "Recipes", "cakes/later.txt"); !errors.As(err, &gone) {
		return fmt.Errorf("what was taken back can be read: %v", err)
	}
	s.say("   Bob keeps the plum cake, and never sees what Ada bakes from now on.")
	return nil
}

func (s *show) put(n *stage.Node, space, path, text string) error {
	file := filepath.Join(s.dir, "content")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return err
	}
	return n.Do(s.ctx, nil, "put", space, path, file)
}

// forbidden expects that somebody can't write somewhere.
func (s *show) forbidden(n *stage.Node, space, path string) error {
	var refused *stage.Failure
	if err := s.put(n, space, path, "not mine\n"); !errors.As(err, &refused) || refused.Code != "not_allowed" {
		return fmt.Errorf("%s wrote %s in %s: %v", n.Device, path, space, err)
	}
	return nil
}

// arrives waits until a file can be read.
func (s *show) arrives(n *stage.Node, space, path string) error {
	start := time.Now()
	err := s.until(n, path, func() (bool, error) {
		_, err := n.Raw(s.ctx, nil, "get", space, path)
		var not *stage.Failure
		if errors.As(err, &not) {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil {
		s.say("   %s is there after %v.", path, since(start))
	}
	return err
}

func (s *show) until(n *stage.Node, what string, ok func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	return n.Until(ctx, what, ok)
}
