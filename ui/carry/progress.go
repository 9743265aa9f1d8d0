package carry

import (
	"time"

	"meadow/core/node"
	"meadow/ui/words"
)

// portion is how much of it is done, from 0 to 1.
func portion(p node.DropProgress) float64 {
	if p.Total <= 0 {
		return 0
	}
	return min(float64(p.Bytes)/float64(p.Total), 1)
}

// leastTold is how long something has gone on before it is said how long it will take.
const leastTold = 3 * time.Second

// progressText says how far it is, after a while of going on.
func progressText(p node.DropProgress, after time.Duration) string {
	if p.Total <= 0 {
		return words.L("Starting")
	}
	text := words.L("{{.Size}} of {{.All}}", "Size", words.Size(p.Bytes), "All", words.Size(p.Total))
	if done := portion(p); after >= leastTold && done > 0 && done < 1 {
		if left := time.Duration(float64(after) * (1 - done) / done); left >= time.Second {
			text = words.L("{{.Done}}, about {{.Left}} left", "Done", text, "Left", words.Left(left))
		}
	}
	return text
}
