package home

import (
	"time"

	"meadow/ui/frame"
)

// Say puts what is asked in words: what it is, and what is kept or to be done.
func Say(a frame.Need, now time.Time) (title, text string) {
	n := needOf(a, now)
	return n.title, n.text
}
