package autostart

import (
	"os"
	"path/filepath"
)

// Where is the file that starts it.
func (e Entry) Where() (string, error) {
	dir, err := os.UserHomeDir()
	return filepath.Join(dir, "Library", "LaunchAgents", e.ID+".plist"), err
}

// Enabled reports whether it is started at login.
func (e Entry) Enabled() (bool, error) {
	file, err := e.Where()
	if err != nil {
		return false, err
	}
	_, ok, err := textOf(file)
	return ok, err
}

// Set has it started at login, or no longer.
func (e Entry) Set(on bool) error {
	file, err := e.Where()
	if err != nil {
		return err
	}
	return setFile(file, e.agent(), on)
}
