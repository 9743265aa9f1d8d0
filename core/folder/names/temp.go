package names

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// Temporary files are named .meadow-<16 hex digits>.tmp and lie beside the file
// that they will be; the blob store may append LentSuffix for a moment. Those that
// will be a drop are named .meadow-drop-<16 hex digits>.tmp: they are locked by who
// writes them, and left alone by a folder that they lie in. Files with such a name are
// never part of a tree.
const (
	LentSuffix = ".lent"
	TempPrefix = ".meadow-"
	TempSuffix = ".tmp"
	dropPrefix = TempPrefix + "drop-"
	tempDigits = 16
)

// NewTemp returns a name for a temporary file, NewDropTemp one for a drop's: others than
// were ever returned.
func NewTemp() string     { return TempPrefix + digits() + TempSuffix }
func NewDropTemp() string { return dropPrefix + digits() + TempSuffix }

func digits() string {
	var b [tempDigits / 2]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

// IsTemp reports whether a name is one that Meadow uses for temporary files.
func IsTemp(name string) bool {
	return isTemp(strings.TrimSuffix(name, LentSuffix), TempPrefix) || IsDropTemp(name)
}

// IsDropTemp reports whether a name is one that Meadow uses for drops that aren't written
// to their end.
func IsDropTemp(name string) bool { return isTemp(name, dropPrefix) }

func isTemp(name, prefix string) bool {
	name, begins := strings.CutPrefix(name, prefix)
	name, ends := strings.CutSuffix(name, TempSuffix)
	_, err := hex.DecodeString(name)
	return begins && ends && len(name) == tempDigits && err == nil
}
