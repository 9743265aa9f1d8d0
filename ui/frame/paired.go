package frame

import (
	"fmt"
	"time"

	"meadow/core/node"
	"meadow/ui/words"
)

// Paired is the sentence that pairing ends with, the same on both devices: how many
// spaces the new one has, and how much is in them.
func Paired(spaces []node.Space) string {
	var bytes int64
	for _, s := range spaces {
		bytes += s.Bytes
	}
	switch {
	case len(spaces) == 0:
		return words.L("Paired. No spaces yet.")
	case bytes == 0:
		return words.N("Paired. {{.Count}} space, nothing to fetch.", "Paired. {{.Count}} spaces, nothing to fetch.", int64(len(spaces)))
	}
	return words.N("Paired. {{.Count}} space, {{.Size}} to fetch.", "Paired. {{.Count}} spaces, {{.Size}} to fetch.",
		int64(len(spaces)), "Size", words.Size(bytes))
}

// Code writes six digits as they are read aloud: 482 913.
func Code(digits string) string {
	if len(digits) != 6 {
		return digits
	}
	return digits[:3] + " " + digits[3:]
}

// Platform is what a platform is called.
func Platform(name string) string {
	switch name {
	case "linux":
		return "Linux"
	case "darwin":
		return "macOS"
	case "windows":
		return "Windows"
	case "android":
		return "Android"
	case "ios":
		return "iOS"
	}
	return words.Shown(name)
}

// Countdown writes a time that runs down: 1:42.
func Countdown(d time.Duration) string {
	s := max(int64((d+time.Second-1)/time.Second), 0)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
