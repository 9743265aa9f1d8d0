package catalog

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Column is what rows can be sorted by.
type Column int

// The columns.
const (
	ByName Column = iota
	ByAuthor
	ByChanged
	BySize
)

// Query says which rows are wanted: those of a folder, or those of the whole space
// whose names contain a text.
type Query struct {
	Folder string
	Search string
	Column Column
	Down   bool // the other way round
}

// View is rows in an order.
type View struct {
	Query Query
	Rows  []*Item
	More  int // rows of a search that there are besides
	index map[*Item]int
}

// maxFound bounds the rows of a search: nobody reads on.
const maxFound = 10_000

// View returns the rows of a query; folders come first, but in a search.
func (c *Catalog) View(q Query) *View {
	v := &View{Query: q}
	if search := strings.ToLower(strings.TrimSpace(q.Search)); search != "" {
		v.Rows = c.find(search)
		if len(v.Rows) > maxFound {
			v.More = len(v.Rows) - maxFound
		}
	} else {
		v.Rows = slices.Clone(c.Nearest(q.Folder).inside)
		v.Query.Folder = c.Nearest(q.Folder).Path
	}
	order(v.Rows, q)
	v.Rows = v.Rows[:len(v.Rows)-v.More]
	v.index = make(map[*Item]int, len(v.Rows))
	for i, it := range v.Rows {
		v.index[it] = i
	}
	return v
}

// find returns what has a text in its name. A text with a slash is looked for in
// paths.
func (c *Catalog) find(search string) (found []*Item) {
	whole := strings.Contains(search, "/")
	for path, it := range c.items {
		if path == "" {
			continue
		}
		where := it.folded
		if whole {
			where = strings.ToLower(path)
		}
		if strings.Contains(where, search) {
			found = append(found, it)
		}
	}
	return found
}

// IndexOf returns the row of a path, -1 if it isn't shown.
func (v *View) IndexOf(it *Item) int {
	if i, ok := v.index[it]; ok && it != nil {
		return i
	}
	return -1
}

func order(rows []*Item, q Query) {
	found := q.Search != ""
	slices.SortFunc(rows, func(a, b *Item) int {
		if !found && a.Folder != b.Folder {
			if a.Folder {
				return -1
			}
			return 1
		}
		n := compare(a, b, q.Column)
		if q.Down {
			n = -n
		}
		if n == 0 {
			n = cmp.Or(bytes.Compare(a.key, b.key), cmp.Compare(a.Path, b.Path))
		}
		return n
	})
}

func compare(a, b *Item, by Column) int {
	switch by {
	case ByAuthor:
		return cmp.Compare(a.File.Author, b.File.Author)
	case ByChanged:
		return a.Changed.Compare(b.Changed)
	case BySize:
		return cmp.Compare(a.Bytes, b.Bytes)
	}
	return bytes.Compare(a.key, b.key)
}

// Compare orders names and paths as the rows of a space are.
func Compare(a, b string) int {
	return cmp.Or(bytes.Compare(sortKey(a), sortKey(b)), cmp.Compare(a, b))
}

// sortKey makes bytes that order names as people do: letters whatever their case,
// and numbers by their value, so that IMG_2 comes before IMG_10.
func sortKey(name string) []byte {
	key := make([]byte, 0, len(name)+4)
	low := strings.ToLower(name)
	for i := 0; i < len(low); {
		if !digit(low[i]) {
			_, n := utf8.DecodeRuneInString(low[i:])
			key = append(key, low[i:i+n]...)
			i += n
			continue
		}
		end := i
		for end < len(low) && digit(low[end]) {
			end++
		}
		number := strings.TrimLeft(low[i:end], "0")
		key = append(key, '0', byte(min(len(number), 255)))
		key = append(key, number...)
		i = end
	}
	return key
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

func decimal(n int) string { return strconv.Itoa(n) }
