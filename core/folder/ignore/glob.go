package ignore

import "strings"

// token is one step of a glob.
type token struct {
	op  op
	lit byte       // of opByte
	set *[4]uint64 // of opClass: a bit for each byte
}

type op uint8

const (
	opByte    op = iota // that byte
	opAny               // any byte
	opClass             // any byte of a set
	opStar              // any bytes
	opDeep              // all the rest; always the last
	opDirs              // nothing, or anything that ends with a slash
	opDirsOne           // anything that ends with a slash
)

// isSpecial reports whether a byte of a pattern may stand for something else.
func isSpecial(c byte) bool { return c == '*' || c == '?' || c == '[' || c == '\\' }

// compile makes tokens of a glob. In one for paths only `**` between slashes
// reaches over them. A problem says why it can match nothing.
func compile(glob string, paths bool) (ts []token, problem string) {
	for i := 0; i < len(glob); {
		t := token{op: opByte, lit: glob[i]}
		n := 1
		switch glob[i] {
		case '?':
			t.op = opAny
		case '\\':
			if i+1 == len(glob) {
				return nil, "it ends with a backslash that escapes nothing"
			}
			t.lit, n = glob[i+1], 2
		case '[':
			t.op = opClass
			if t.set, n, problem = class(glob[i:]); problem != "" {
				return nil, problem
			}
		case '*':
			t.op, n = stars(glob, i, paths)
		}
		ts = append(ts, t)
		i += n
	}
	return ts, ""
}

// stars returns what the stars at i mean, and how much of the glob that is.
func stars(glob string, i int, paths bool) (op, int) {
	n := len(glob[i:]) - len(strings.TrimLeft(glob[i:], "*"))
	rest := glob[i+n:]
	if !paths || n == 1 || i > 0 && glob[i-1] != '/' {
		return opStar, n
	}
	switch {
	case rest == "":
		return opDeep, n
	case rest[0] == '/':
		return opDirs, n + 1
	case strings.HasPrefix(rest, `\/`):
		return opDirsOne, n + 2
	}
	return opStar, n
}

// class reads a bracket expression at the start of a glob, and returns its set
// and its length.
func class(glob string) (set *[4]uint64, n int, problem string) {
	r := brackets{glob: glob, i: 1, prev: -1}
	negated := r.is('!') || r.is('^')
	if negated {
		r.i++
	}
	for first := true; first || !r.is(']'); first = false {
		if r.element(); r.problem != "" {
			return nil, 0, r.problem
		}
	}
	if negated {
		for k := range r.set {
			r.set[k] = ^r.set[k]
		}
	}
	return &r.set, r.i + 1, ""
}

// brackets is a bracket expression that is being read.
type brackets struct {
	glob    string
	i       int
	set     [4]uint64
	prev    int // the byte that a range may begin with, -1 for none
	problem string
}

func (r *brackets) is(c byte) bool { return r.i < len(r.glob) && r.glob[r.i] == c }

// next takes one byte.
func (r *brackets) next() (c byte) {
	if r.i >= len(r.glob) {
		r.problem = "a [ has no ]"
		return 0
	}
	r.i++
	return r.glob[r.i-1]
}

// element reads a byte, a range or a named class.
func (r *brackets) element() {
	switch c := r.next(); {
	case c == '[' && r.is(':') && r.named():
		r.prev = -1
	case c == '-' && r.prev > 0 && r.i < len(r.glob) && !r.is(']'):
		to := r.next()
		if to == '\\' {
			to = r.next()
		}
		add(&r.set, byte(r.prev), to)
		r.prev = -1
	case c == '\\':
		c = r.next()
		fallthrough
	default:
		add(&r.set, c, c)
		r.prev = int(c)
	}
}

// named reads `:name:]` and reports whether it is a class: else the characters
// are members of an ordinary set.
func (r *brackets) named() bool {
	end := strings.IndexByte(r.glob[r.i:], ']')
	if end < 0 {
		r.problem = "a [ has no ]"
		return true
	}
	name, ok := strings.CutSuffix(r.glob[r.i+1:r.i+end], ":")
	if !ok {
		return false
	}
	r.i += end + 1
	ranges, ok := classes[name]
	if !ok {
		r.problem = "there is no class [:" + name + ":]"
	}
	for _, of := range ranges {
		add(&r.set, of[0], of[1])
	}
	return true
}

func add(set *[4]uint64, from, to byte) {
	for c := int(from); c <= int(to); c++ {
		set[c>>6] |= 1 << (c & 63)
	}
}

func has(set *[4]uint64, c byte) bool { return set[c>>6]&(1<<(c&63)) != 0 }

// classes are those that have names, as git has them: ASCII alone.
var classes = map[string][]string{
	"alnum":  {"09", "AZ", "az"},
	"alpha":  {"AZ", "az"},
	"blank":  {"  ", "\t\t"},
	"cntrl":  {"\x00\x1f", "\x7f\x7f"},
	"digit":  {"09"},
	"graph":  {"!~"},
	"lower":  {"az"},
	"print":  {" ~"},
	"punct":  {"!/", ":@", "[`", "{~"},
	"space":  {"\t\n", "\r\r", "  "},
	"upper":  {"AZ"},
	"xdigit": {"09", "AF", "af"},
}

// match reports whether tokens match all of a text; in paths nothing but a
// slash and the tokens made for it matches one. The time is at most the product
// of the lengths.
func match(ts []token, text string, paths bool) bool {
	m := matcher{tokens: ts, text: text, paths: paths, star: -1, dirs: -1}
	for m.i < len(ts) || m.t < len(text) {
		if m.i < len(ts) && ts[m.i].op == opDeep {
			return true
		}
		if !m.forth() && !m.back() {
			return false
		}
	}
	return true
}

// matcher is how far a match is.
type matcher struct {
	tokens []token
	text   string
	paths  bool

	i, t           int // what is next
	star, starText int // after the last opStar: the next token, -1 for none, and what of the text it has left
	dirs, dirsText int // the same of the last opDirs or opDirsOne
}

// forth matches one token, if it can.
func (m *matcher) forth() bool {
	if m.i == len(m.tokens) {
		return false
	}
	switch k := &m.tokens[m.i]; k.op {
	case opStar:
		m.i++
		m.star, m.starText = m.i, m.t
	case opDirs, opDirsOne:
		m.i++
		m.star, m.dirs, m.dirsText = -1, m.i, m.t
		return k.op == opDirs
	default:
		if m.t == len(m.text) || !k.takes(m.text[m.t], m.paths) {
			return false
		}
		m.i, m.t = m.i+1, m.t+1
	}
	return true
}

// back lets the last star take one byte more, or if it has come to a slash the
// last opDirs one folder more, and goes on from there. What was before that
// needs no second try, as it has matched the shortest text that it can.
func (m *matcher) back() bool {
	if m.star >= 0 && m.starText < len(m.text) && !(m.paths && m.text[m.starText] == '/') {
		m.starText++
		m.i, m.t = m.star, m.starText
		return true
	}
	if m.dirs < 0 {
		return false
	}
	n := strings.IndexByte(m.text[m.dirsText:], '/')
	if n < 0 {
		return false
	}
	m.dirsText += n + 1
	m.star, m.i, m.t = -1, m.dirs, m.dirsText
	return true
}

// takes reports whether a token for one byte matches it.
func (k token) takes(c byte, paths bool) bool {
	switch {
	case k.op == opByte:
		return c == k.lit
	case paths && c == '/':
		return false
	case k.op == opClass:
		return has(k.set, c)
	}
	return true
}
