package willow

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// privateGen draws a context, and an area that it admits.
func privateGen(t *rapid.T) (ctx PrivateAreaContext, a Area) {
	ctx.Rel = areaGen.Draw(t, "rel")
	a = insideGen(ctx.Rel).Draw(t, "area")
	if rapid.IntRange(0, 4).Draw(t, "any") == 0 {
		a.AnySubspace, a.Subspace = true, SubspaceID{}
	}
	i := PrivateInterest{AnySubspace: ctx.Rel.AnySubspace && a.AnySubspace || rapid.Bool().Draw(t, "any subspace")}
	switch {
	case i.AnySubspace:
	case a.AnySubspace:
		i.Subspace = ctx.Rel.Subspace
	default:
		i.Subspace = a.Subspace
	}
	components := a.Path.Components()
	i.Path = MustPath(components[:rapid.IntRange(0, len(components)).Draw(t, "private components")]...)
	if longer, err := a.Path.Append(componentGen.Draw(t, "more")); err == nil && rapid.Bool().Draw(t, "longer") {
		i.Path = longer
	}
	ctx.Private = i
	return ctx, a
}

func TestPrivateRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx, a := privateGen(t)
		if !ctx.Admits(a) || !ctx.paths().Admits(a.Path) {
			t.Fatalf("%+v doesn't admit %+v", ctx, a)
		}
		b := AppendPrivateArea(nil, a, ctx)
		if got, rest, err := DecodePrivateArea(append(b, "after"...), ctx); err != nil || got != a || string(rest) != "after" {
			t.Fatalf("DecodePrivateArea(%x) = %+v, %q, %v; want %+v", b, got, rest, err, a)
		}
		checkTruncated(t, b, func(b []byte) error { _, _, err := DecodePrivateArea(b, ctx); return err })
		b = AppendPrivatePath(nil, a.Path, ctx.paths())
		if got, rest, err := DecodePrivatePath(b, ctx.paths()); err != nil || got != a.Path || len(rest) > 0 {
			t.Fatalf("DecodePrivatePath(%x) = %v, %v, %v; want %v", b, got, rest, err, a.Path)
		}
		checkTruncated(t, b, func(b []byte) error { _, _, err := DecodePrivatePath(b, ctx.paths()); return err })
	})
}

// TestPrivateHides checks that nothing that coincides with what is private is in
// the bytes.
func TestPrivateHides(t *testing.T) {
	ctx := PrivateAreaContext{
		Private: PrivateInterest{Subspace: SubspaceID{7}, Path: MustPath("secret", "plans", "x")},
		Rel:     SubspaceArea(SubspaceID{7}),
	}
	a := ctx.Rel
	for _, test := range []struct {
		path Path
		hex  string
	}{
		{MustPath("secret", "plans"), "20" + "00" + "02"},
		{MustPath("secret", "plans", "x", "more"), "20" + "00" + "03" + "41" + hex.EncodeToString([]byte("more"))},
	} {
		a.Path = test.path
		if got := hex.EncodeToString(AppendPrivateArea(nil, a, ctx)); got != test.hex {
			t.Errorf("%v: %s, want %s", a.Path, got, test.hex)
		}
	}
}

func TestPrivateRefused(t *testing.T) {
	p := MustPath("a", "b")
	for name, test := range map[string]struct {
		ctx PrivatePathContext
		hex string
	}{
		"more components than private":    {PrivatePathContext{p, Path{}}, "03"},
		"fewer components than rel":       {PrivatePathContext{p, MustPath("a")}, "00"},
		"rel not a prefix":                {PrivatePathContext{p, MustPath("b")}, "01"},
		"private not related":             {PrivatePathContext{MustPath("b"), p}, "00"},
		"extension of a path not private": {PrivatePathContext{MustPath("b", "c"), p}, "1163"},
		"truncated":                       {PrivatePathContext{p, Path{}}, "02"},
	} {
		b, _ := hex.DecodeString(test.hex)
		if got, rest, err := DecodePrivatePath(b, test.ctx); !errors.Is(err, ErrEncoding) || got != (Path{}) || rest != nil {
			t.Errorf("%s: %v, %v, %v", name, got, rest, err)
		}
	}
	one, other := SubspaceArea(SubspaceID{1}), strings.Repeat("02", 32)
	closed := FullArea
	closed.Times = TimeRange{Start: 100, End: 200}
	for name, test := range map[string]struct {
		rel Area
		hex string
	}{
		"another subspace":                 {one, "a0" + other + "0000"},
		"the same subspace again":          {one, "a0" + "01" + strings.Repeat("00", 31) + "0000"},
		"any told as not different":        {one, "600000"},
		"any told as different":            {FullArea, "e00000"},
		"concrete told as not different":   {FullArea, "200000"},
		"start from an open end":           {FullArea, "400000"},
		"empty times":                      {closed, "700a0a00"},
		"times that end before they start": {closed, "700b0a00"},
		"times before those of rel":        {closed, "40650000"},
		"times beyond the greatest":        {FullArea, "7fffffffffffffffffffffffffffffffff00"},
	} {
		b, _ := hex.DecodeString(test.hex)
		ctx := PrivateAreaContext{Private: PrivateInterest{AnySubspace: true}, Rel: test.rel}
		if got, rest, err := DecodePrivateArea(b, ctx); !errors.Is(err, ErrEncoding) || got != (Area{}) || rest != nil {
			t.Errorf("%s: %+v, %v, %v", name, got, rest, err)
		}
	}
}

// TestPrivateOfAnother: the interest, the area around and the told one are each of one
// subspace or any; two that are of one are of the same.
func TestPrivateOfAnother(t *testing.T) {
	ss := []SubspaceID{{1}, {2}, {}} // the last stands for any
	for i := range 27 {
		private, rel, a := ss[i%3], ss[i/3%3], ss[i/9]
		one := func(s SubspaceID) Area {
			return Area{AnySubspace: s == SubspaceID{}, Subspace: s, Times: AllTimes}
		}
		ctx := PrivateAreaContext{Private: PrivateInterest{AnySubspace: private == SubspaceID{}, Subspace: private}, Rel: one(rel)}
		want := true
		for _, pair := range [][2]SubspaceID{{private, rel}, {private, a}, {rel, a}} {
			want = want && (pair[0] == pair[1] || pair[0] == SubspaceID{} || pair[1] == SubspaceID{})
		}
		if got := ctx.Admits(one(a)); got != want {
			t.Errorf("%v in %v, around it %v: %v, want %v", a, private, rel, got, want)
		}
		head := []byte{0x20}
		if a == (SubspaceID{}) {
			head[0] |= 0x40
		}
		if rel != a {
			if head[0] |= 0x80; a != (SubspaceID{}) {
				head = append(head, a[:]...)
			}
		}
		if got, _, err := DecodePrivateArea(append(head, 0, 0), ctx); (err == nil) != want || want && got != one(a) {
			t.Errorf("%v in %v, around it %v: %+v, %v", a, private, rel, got, err)
		}
	}
}

// TestAlmostIncludes has the cases that the specification's prose distinguishes.
func TestAlmostIncludes(t *testing.T) {
	one, two := SubspaceArea(SubspaceID{1}), SubspaceArea(SubspaceID{2})
	if !one.AlmostIncludes(FullArea) || !FullArea.AlmostIncludes(one) || one.AlmostIncludes(two) {
		t.Error("subspaces of areas")
	}
	deep := Area{AnySubspace: true, Path: MustPath("a", "b"), Times: AllTimes}
	i := PrivateInterest{Subspace: SubspaceID{1}, Path: MustPath("a")}
	if !i.AlmostIncludes(deep) || !i.AlmostIncludes(FullArea) || !i.AlmostIncludes(one) || i.AlmostIncludes(two) {
		t.Error("interests")
	}
	if i.Path = MustPath("b"); i.AlmostIncludes(deep) {
		t.Error("paths that aren't related")
	}
	if deep.AlmostIncludes(one) {
		t.Error("a path that isn't a prefix")
	}
	early := one
	if early.Times = (TimeRange{End: 5}); early.AlmostIncludes(one) || !one.AlmostIncludes(early) {
		t.Error("times that aren't inside")
	}
}
