package ignore

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Limits of one file of rules, and of a line of it.
const (
	MaxSize    = 256 << 10 // bytes
	MaxRules   = 10_000
	maxPattern = 1024 // bytes
)

// ErrTooLarge is wrapped by errors about files beyond MaxSize or MaxRules.
var ErrTooLarge = errors.New("too many rules")

// Rule is one line of a file of rules.
type Rule struct {
	Pattern string // as it is written
	Source  string // path of the file, or [Default]
	Line    int    // from 1
	Problem string // why it can match nothing, or ""

	negated bool
	folders bool    // it is for folders alone
	whole   bool    // it is about paths below its folder, not about names anywhere
	prefix  string  // what the name or path begins with
	rest    []token // what follows; nil for nothing
	suffix  string  // instead of rest: what the name ends with
}

// List is the rules of one file, which are about what is in its folder. It
// doesn't change.
type List struct {
	base  string           // the folder, "" for the top
	rules []Rule           //
	names map[string][]int // rules that are a name without wildcards
	rest  []int            // the others, of those that can match
	size  int              // of the file, in bytes
}

// Rules returns the rules in the order of their lines. They must not be changed.
func (l *List) Rules() []Rule {
	if l == nil {
		return nil
	}
	return l.rules
}

// Size returns how large the file was, in bytes.
func (l *List) Size() int {
	if l == nil {
		return 0
	}
	return l.size
}

// Parse reads the rules of a file whose folder is base, "" for the top one.
func Parse(source, base string, text []byte) (*List, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("%w: the file is larger than %d KiB", ErrTooLarge, MaxSize>>10)
	}
	l := &List{base: base, names: map[string][]int{}, size: len(text)}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	line := 0
	for raw := range bytes.SplitSeq(text, []byte("\n")) {
		line++
		if len(raw) == 0 || raw[0] == '#' {
			continue
		}
		pattern := trim(strings.TrimSuffix(string(raw), "\r"))
		if pattern == "" {
			continue
		}
		if len(l.rules) == MaxRules {
			return nil, fmt.Errorf("%w: there are more than %d", ErrTooLarge, MaxRules)
		}
		l.add(newRule(Rule{Pattern: pattern, Source: source, Line: line}))
	}
	return l, nil
}

// trim removes spaces from the end of a line, but for escaped ones.
func trim(line string) string {
	end := 0 // of what isn't a space
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' {
			i++
		} else if line[i] == ' ' {
			continue
		}
		end = min(i+1, len(line))
	}
	return line[:end]
}

func newRule(r Rule) Rule {
	p := r.Pattern
	p, r.negated = strings.CutPrefix(p, "!")
	p, r.folders = strings.CutSuffix(p, "/")
	r.whole = strings.Contains(p, "/")
	p = strings.TrimPrefix(p, "/")
	switch {
	case p == "":
		r.Problem = "it names nothing"
	case len(r.Pattern) > maxPattern:
		r.Problem = fmt.Sprintf("it is longer than %d bytes", maxPattern)
	case strings.Contains(p, "\x00"):
		r.Problem = "no name has a zero byte"
	case p[0] == '/' || strings.HasSuffix(p, "/"):
		r.Problem = "no path has two slashes in a row"
	}
	if r.Problem != "" {
		return r
	}
	n := 0
	for n < len(p) && !isSpecial(p[n]) {
		n++
	}
	r.prefix = p[:n]
	if !r.whole && n == 0 && p[0] == '*' && !strings.ContainsFunc(p[1:], func(c rune) bool { return c < 0x80 && isSpecial(byte(c)) }) {
		r.suffix = p[1:]
		return r
	}
	r.rest, r.Problem = compile(p[n:], r.whole)
	return r
}

func (l *List) add(r Rule) {
	i := len(l.rules)
	l.rules = append(l.rules, r)
	switch {
	case r.Problem != "":
	case !r.whole && r.rest == nil && r.prefix != "":
		l.names[r.prefix] = append(l.names[r.prefix], i)
	default:
		l.rest = append(l.rest, i)
	}
}

// match returns the last rule for a path, which is below l's folder; nil if
// there is none. dir says that a folder is there.
func (l *List) match(path string, dir bool) *Rule {
	if l.base != "" {
		path = path[len(l.base)+1:]
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	best := -1
	for at := l.names[name]; len(at) > 0; at = at[:len(at)-1] {
		if i := at[len(at)-1]; dir || !l.rules[i].folders {
			best = i
			break
		}
	}
	for k := len(l.rest) - 1; k >= 0 && l.rest[k] > best; k-- {
		if r := &l.rules[l.rest[k]]; (dir || !r.folders) && r.matches(path, name) {
			return r
		}
	}
	if best < 0 {
		return nil
	}
	return &l.rules[best]
}

// matches reports whether a rule is about a path, whose last part is name.
func (r *Rule) matches(path, name string) bool {
	text := name
	if r.whole {
		text = path
	} else if r.prefix == "" && r.rest == nil {
		return strings.HasSuffix(name, r.suffix)
	}
	if !strings.HasPrefix(text, r.prefix) {
		return false
	}
	text = text[len(r.prefix):]
	if r.rest == nil {
		return text == ""
	}
	return match(r.rest, text, r.whole)
}
