package willow

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of Willow'25 on paths.
const (
	MaxComponentLength = 4096 // bytes in one component
	MaxComponentCount  = 4096 // components in a path
	MaxPathLength      = 4096 // bytes in all components together
)

// ErrPath is wrapped by every error about a path that breaks a limit.
var ErrPath = errors.New("path out of limits")

// Path is a sequence of components, each a possibly empty byte string. Paths
// compare with ==; the zero value is the empty path, a prefix of every path.
//
// A path is held as its order-preserving key: each component with every byte 00
// written as 00 01, then 00 00. Comparing keys bytewise is Willow's order, and
// a path is a prefix of another iff its key is a prefix of the other's key.
type Path struct{ key string }

// NewPath makes a path of the components, or fails if it breaks a limit.
func NewPath[C ~string | ~[]byte](components ...C) (Path, error) {
	if len(components) > MaxComponentCount {
		return Path{}, fmt.Errorf("%w: %d components, at most %d", ErrPath, len(components), MaxComponentCount)
	}
	var buf [256]byte
	key, total := buf[:0], 0
	for _, c := range components {
		total += len(c)
		if len(c) > MaxComponentLength || total > MaxPathLength {
			return Path{}, fmt.Errorf("%w: longer than %d bytes", ErrPath, MaxPathLength)
		}
		key = appendComponent(key, c)
	}
	return Path{string(key)}, nil
}

// MustPath is NewPath for components known to be within the limits; it panics
// otherwise.
func MustPath[C ~string | ~[]byte](components ...C) Path {
	p, err := NewPath(components...)
	if err != nil {
		panic(err)
	}
	return p
}

// appendComponent appends one component to a key.
func appendComponent[C ~string | ~[]byte](key []byte, c C) []byte {
	for i := range len(c) {
		key = append(key, c[i])
		if c[i] == 0 {
			key = append(key, 1)
		}
	}
	return append(key, 0, 0)
}

// PathFromKey returns the path whose Key is key, or an error if there is none.
func PathFromKey(key string) (Path, error) {
	total, count, run := 0, 0, 0
	for i := 0; i < len(key); i++ {
		if key[i] != 0 {
			total, run = total+1, run+1
			continue
		}
		if i++; i == len(key) {
			return Path{}, fmt.Errorf("%w: truncated key", ErrPath)
		}
		switch key[i] {
		case 1:
			total, run = total+1, run+1
		case 0:
			count, run = count+1, 0
		default:
			return Path{}, fmt.Errorf("%w: bad escape in key", ErrPath)
		}
	}
	if run != 0 || total > MaxPathLength || count > MaxComponentCount {
		return Path{}, fmt.Errorf("%w: bad key", ErrPath)
	}
	return Path{key}, nil
}

// Key returns the order-preserving key, see [Path].
func (p Path) Key() string { return p.key }

// KeyAfter returns the least string greater than the key of every extension of
// p: paths that p is a prefix of have keys in [p.Key(), p.KeyAfter()). It is ""
// for the empty path, which has no such bound.
func (p Path) KeyAfter() string {
	if p.key == "" {
		return ""
	}
	return p.key[:len(p.key)-1] + "\x01"
}

// Components returns the components.
func (p Path) Components() []string {
	var cs []string
	for rest := p.key; rest != ""; {
		end := componentEnd(rest)
		cs = append(cs, unescape(rest[:end-2]))
		rest = rest[end:]
	}
	return cs
}

func componentEnd(key string) int {
	for i := 0; ; i++ {
		if key[i] == 0 {
			if i++; key[i] == 0 {
				return i + 1
			}
		}
	}
}

func unescape(s string) string { return strings.ReplaceAll(s, "\x00\x01", "\x00") }

// Len returns the number of components.
func (p Path) Len() int {
	n := 0
	for rest := p.key; rest != ""; n++ {
		rest = rest[componentEnd(rest):]
	}
	return n
}

// Append returns p with more components, or fails if it breaks a limit.
func (p Path) Append(components ...string) (Path, error) {
	return NewPath(append(p.Components(), components...)...)
}

// Parent returns p without its last component; ok is false for the empty path.
func (p Path) Parent() (parent Path, ok bool) {
	last := -1
	for i := 0; i < len(p.key); {
		last = i
		i += componentEnd(p.key[i:])
	}
	if last < 0 {
		return Path{}, false
	}
	return Path{p.key[:last]}, true
}

// IsPrefixOf reports whether p is a prefix of q; every path is one of itself.
func (p Path) IsPrefixOf(q Path) bool { return strings.HasPrefix(q.key, p.key) }

// Compare orders paths lexicographically by component, a prefix first.
func (p Path) Compare(q Path) int { return strings.Compare(p.key, q.key) }

// String quotes the components for logs and tests; it is not an encoding.
func (p Path) String() string { return fmt.Sprintf("%q", p.Components()) }
