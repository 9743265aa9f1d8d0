//go:build headless

package main

// windowCmd stands for the window, which this form of the program doesn't have.
type windowCmd struct{}

// Run says so.
func (*windowCmd) Run() error {
	return usagef("this build of meadow has no window: give a command, such as `meadow run`")
}
