package tree

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/zeebo/blake3"

	"meadow/core/willow"
)

const (
	// maxCopyName is the greatest length of the name of a conflict copy, what
	// common file systems can hold.
	maxCopyName = 255
	// maxExtension is the longest ending, dot included, that a copy keeps.
	maxExtension = 32
	// copyMark is in the name of every conflict copy that Meadow makes.
	copyMark = " (conflict "
)

// CopyPath returns the path of the conflict copy of a version: beside it,
// `name (conflict 2026-11-22 21-04-05 a1b2c3d4).ext`, with the UTC time of at,
// when its author made it, and the first 8 hex digits of BLAKE3 derive_key
// "mdn-conflict-name/1" over author, at (u64, big-endian), digest and name. It is
// the same on every device. Names over 255 bytes are cut before the mark. Errors
// wrap ErrPath: the folder is too deep for any copy.
func CopyPath(path string, kind Kind, author [32]byte, at willow.Timestamp, digest willow.Digest) (string, error) {
	h := blake3.NewDeriveKey("mdn-conflict-name/1")
	_, _ = h.Write(author[:]) // never fails, see blake3
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(at)))
	_, _ = h.Write(digest[:])
	_, _ = h.WriteString(path[strings.LastIndexByte(path, '/')+1:])
	mark := fmt.Sprintf("%s%s %s)", copyMark, at.Time().Format("2006-01-02 15-04-05"), hex.EncodeToString(h.Sum(nil)[:4]))
	return Beside(path, kind, mark)
}

// Beside returns a path in the same folder, with mark at the end of the name but
// before its extension. Names over 255 bytes are cut before the mark. Errors wrap
// ErrPath.
func Beside(path string, kind Kind, mark string) (string, error) {
	folder, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		folder, name = path[:i+1], path[i+1:]
	}
	stem, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= maxExtension && kind != Folder {
		stem, ext = name[:i], name[i:]
	}
	names := strings.Count(folder, "/")
	room := min(maxCopyName, willow.MaxPathLength-len(root)-len(willow.Digest{})-len(folder)+names) - len(mark) - len(ext)
	if room < 0 {
		return "", fmt.Errorf("%w: no room for a conflict copy beside it", ErrPath)
	}
	return folder + cut(stem, room) + mark + ext, nil
}

// cut shortens s to at most n bytes, not within a UTF-8 sequence.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := 0; i < 3 && n > 0 && s[n]&0xc0 == 0x80; i++ {
		n--
	}
	return s[:n]
}

// MaybeCopy reports whether path can be that of a conflict copy: only then are there
// details to read that say so.
func MaybeCopy(path string) bool { return maybeCopy(path) }

// maybeCopy reports whether path can be that of a conflict copy, so that the
// others' details needn't be read to find the copies.
func maybeCopy(path string) bool {
	return strings.Contains(path[strings.LastIndexByte(path, '/')+1:], copyMark)
}
