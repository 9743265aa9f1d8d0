package intake_test

import (
	"slices"
	"testing"

	"meadow/core/node"
	"meadow/ui/space/catalog"
	"meadow/ui/space/intake"
)

// TestTwins brings in files of one name from several places: each gets a path of its
// own, whatever is answered for those that are in the space already.
func TestTwins(t *testing.T) {
	for name, c := range map[string]struct {
		there  []string
		answer intake.Answer
		in     []string
		asked  int
		out    []string
	}{
		"of two folders": {
			nil, intake.Unasked,
			[]string{"in/a.txt", "in/a.txt", "in/a.txt"},
			0,
			[]string{"in/a.txt", "in/a (2).txt", "in/a (3).txt"},
		},
		"replace": {[]string{"a"}, intake.Replace, []string{"a", "a"}, 2, []string{"a", "a (2)"}},
		"skip":    {[]string{"a"}, intake.Skip, []string{"a", "a", "b"}, 2, []string{"b"}},
		"both":    {[]string{"a"}, intake.Both, []string{"a", "a"}, 2, []string{"a (2)", "a (3)"}},
		"the number is dropped too": {
			[]string{"a"},
			intake.Both,
			[]string{"a", "a (2)"},
			1,
			[]string{"a (3)", "a (2)"},
		},
		"a folder where a file is": {
			[]string{"sub"},
			intake.Both,
			[]string{"sub/a", "sub/b", "sub (2)/a"},
			2,
			[]string{"sub (3)/a", "sub (3)/b", "sub (2)/a"},
		},
		"twins in such a folder": {
			[]string{"sub"},
			intake.Both,
			[]string{"sub/a", "sub/b", "sub/a"},
			3,
			[]string{"sub (2)/a", "sub (2)/b", "sub (2)/a (2)"},
		},
		"a file, then a folder": {
			nil, intake.Unasked,
			[]string{"sub", "sub/a", "sub/b"},
			0,
			[]string{"sub", "sub (2)/a", "sub (2)/b"},
		},
		"a folder, then a file":   {nil, intake.Unasked, []string{"sub/a", "sub"}, 0, []string{"sub/a", "sub (2)"}},
		"folders that are merged": {nil, intake.Unasked, []string{"d/a", "d/b", "d/a"}, 0, []string{"d/a", "d/b", "d/a (2)"}},
	} {
		var list []node.File
		for _, path := range c.there {
			list = append(list, node.File{Path: path, Kind: "file"})
		}
		all := catalog.Build(list, catalog.Facts{})
		var p intake.Plan
		for _, path := range c.in {
			p.Files = append(p.Files, intake.File{Path: path, Bytes: 1})
		}
		if n := p.Clashes(all); n != c.asked || p.Rest() != n {
			t.Errorf("%s: %d are asked for, %d", name, n, p.Rest())
		}
		if f := p.Next(); f != nil {
			p.Say(f, c.answer, true)
		}
		p.Settle(all)
		var out []string
		for _, f := range p.Files {
			out = append(out, f.Path)
		}
		if !slices.Equal(out, c.out) || p.Bytes != int64(len(out)) {
			t.Errorf("%s: they go to %q", name, out)
		}
	}
}
