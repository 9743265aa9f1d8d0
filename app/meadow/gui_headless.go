//go:build headless

package main

// loginArgs are the arguments that the program is started with at login.
var loginArgs = []string{"run"}

// windowCmd stands for the window, which this form of the program doesn't have.
type windowCmd struct{}

// Run says so.
func (*windowCmd) Run() error {
	return usagef("this build of meadow has no window: give a command, such as `meadow run`")
}
