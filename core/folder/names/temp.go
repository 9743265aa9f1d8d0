package names

import (
	"encoding/hex"
	"strings"
)

// Temporary files are named .meadow-<16 hex digits>.tmp and lie beside the file
// that they will be; the blob store may append LentSuffix for a moment. Files
// with such a name are never part of a tree.
const (
	LentSuffix = ".lent"
	TempPrefix = ".meadow-"
	TempSuffix = ".tmp"
	tempLength = len(TempPrefix) + 16 + len(TempSuffix)
)

// IsTemp reports whether a name is one that Meadow uses for temporary files.
func IsTemp(name string) bool {
	name = strings.TrimSuffix(name, LentSuffix)
	if len(name) != tempLength || !strings.HasPrefix(name, TempPrefix) || !strings.HasSuffix(name, TempSuffix) {
		return false
	}
	_, err := hex.DecodeString(name[len(TempPrefix) : tempLength-len(TempSuffix)])
	return err == nil
}
