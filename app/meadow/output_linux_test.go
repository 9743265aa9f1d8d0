//go:build headless

package main

import (
	"os"
	"strings"
	"testing"
)

// TestOutputFull: an answer that can't be written isn't blamed on Meadow's disk.
func TestOutputFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	var errs strings.Builder
	code := program(t.Context(), []string{"version"}, streams{strings.NewReader(""), full, &errs})
	if said := errs.String(); code != exitFailed || !strings.HasPrefix(said, "meadow: the answer can't be written: ") {
		t.Errorf("exit %d, %q", code, said)
	}
}
