package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// meadows is two nodes of Meadow.
type meadows struct {
	r *rig
	p *pair
}

func (r *rig) freshMeadow(dir string, files int, fill func(dir string) error) (duo, error) {
	name, err := filepath.Rel(r.dir, dir)
	if err != nil {
		return nil, err
	}
	p, err := r.newPair(name)
	if err != nil {
		return nil, err
	}
	if err := r.indexed(p, files, fill); err != nil {
		p.close()
		return nil, err
	}
	return &meadows{r, p}, nil
}

func (m *meadows) connect() error {
	return m.follow(func(e map[string]any) bool { return e["event"] == "online" }, "resume")
}

func (m *meadows) disconnect() error { return m.p.desk.Do(m.r.ctx, nil, "pause") }

// follow runs a command at the receiver and returns when something has happened.
func (m *meadows) follow(happened func(map[string]any) bool, args ...string) error {
	events, err := m.p.desk.Stream(m.r.ctx, "events", "--follow")
	if err != nil {
		return err
	}
	defer func() {
		events.Interrupt()
		events.End()
	}()
	if err := m.p.desk.Do(m.r.ctx, nil, args...); err != nil {
		return err
	}
	for resumed := false; ; {
		e, err := events.Next()
		if e == nil {
			return err
		}
		resumed = resumed || e["event"] == "resumed"
		if resumed && happened(e) {
			return nil
		}
	}
}

func (m *meadows) inStep(int) error { return m.p.desk.Wait(m.r.ctx, 10*time.Minute, m.p.laptop) }

func (m *meadows) traffic() (float64, error) {
	if err := m.disconnect(); err != nil { // the bytes are told at a session's end
		return 0, err
	}
	return m.r.lastSession(m.p.laptop)
}

func (m *meadows) folders() (sender, receiver string) { return m.p.a, m.p.b }

func (m *meadows) pids() []int { return []int{m.p.desk.Pid()} }

func (m *meadows) close() { m.p.close() }

// syncthings is two Syncthings; the receiver dials.
type syncthings struct {
	r                *rig
	sender, receiver *syncthing
}

func (r *rig) freshSyncthing(program, dir string, files int, fill func(dir string) error) (duo, error) {
	a, err := newSyncthing(r.ctx, program, filepath.Join(dir, "a"))
	if err != nil {
		return nil, err
	}
	b, err := newSyncthing(r.ctx, program, filepath.Join(dir, "b"))
	if err != nil {
		return nil, err
	}
	d := &syncthings{r, a, b}
	if err := d.start(files, fill); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (s *syncthings) start(files int, fill func(dir string) error) error {
	if err := s.sender.configure(s.receiver, "dynamic", false); err != nil {
		return err
	}
	if err := s.receiver.configure(s.sender, "tcp://"+s.sender.listen, true); err != nil {
		return err
	}
	if err := fill(s.sender.folder); err != nil {
		return err
	}
	for _, t := range []*syncthing{s.sender, s.receiver} {
		if err := t.start(s.r.ctx); err != nil {
			return err
		}
	}
	return poll(s.r.ctx, 200*time.Millisecond, func() (bool, error) { return s.sender.settled(s.r.ctx, files) })
}

func (s *syncthings) connect() error {
	if err := s.receiver.resume(s.r.ctx, s.sender); err != nil {
		return err
	}
	return s.connected(true)
}

func (s *syncthings) disconnect() error {
	if err := s.receiver.pause(s.r.ctx, s.sender); err != nil {
		return err
	}
	return s.connected(false)
}

func (s *syncthings) connected(want bool) error {
	for _, t := range [][2]*syncthing{{s.sender, s.receiver}, {s.receiver, s.sender}} {
		err := poll(s.r.ctx, 5*time.Millisecond, func() (bool, error) {
			is, _, err := t[0].connection(s.r.ctx, t[1])
			return is == want, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *syncthings) inStep(files int) error {
	return poll(s.r.ctx, 10*time.Millisecond, func() (bool, error) { return s.receiver.settled(s.r.ctx, files) })
}

// hasten has the sender look at changes as soon as it can be told to.
func (s *syncthings) hasten() error { return s.sender.setDelay(s.r.ctx, 1) }

func (s *syncthings) traffic() (float64, error) {
	_, bytes, err := s.receiver.connection(s.r.ctx, s.sender)
	return float64(bytes), err
}

func (s *syncthings) folders() (sender, receiver string) { return s.sender.folder, s.receiver.folder }

func (s *syncthings) pids() []int { return s.receiver.pids() }

func (s *syncthings) close() {
	s.sender.stop()
	s.receiver.stop()
}

// children returns the processes that one has started.
func children(pid int) (pids []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is well formed
	for _, t := range tasks {
		b, err := os.ReadFile(t)
		if err != nil {
			continue // the task has ended
		}
		for _, f := range strings.Fields(string(b)) {
			if p, err := strconv.Atoi(f); err == nil {
				pids = append(pids, p)
			}
		}
	}
	return pids
}
