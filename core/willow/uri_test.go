package willow

import (
	"errors"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What the URIs of the tests are of: F and A stand for the specification's family
// and alfie, as an owned and a communal namespace.
var (
	uriOwned    = NamespaceID{0: 0x77, 31: 1}
	uriCommunal = NamespaceID{0: 0x77, 31: 2}
	uriSubspace = SubspaceID{0: 0xa1, 31: 0xf1}
	uriNames    = strings.NewReplacer(
		"FAMILY", "-"+uriOwned.String(), "COMMUNE", "+"+uriCommunal.String(), "ALFIE", uriSubspace.String(), "DIGEST", EmptyDigest.String(),
	)
)

func entryURI(edit func(*URI), components ...string) URI {
	u := URI{Namespace: uriOwned, Subspace: uriSubspace, Path: MustPath(components...)}
	if edit != nil {
		edit(&u)
	}
	return u
}

func areaURI(edit func(*URI), components ...string) URI {
	u := entryURI(nil, components...)
	u.Area = NewURIArea(Everything(Area{Times: AllTimes}))
	if edit != nil {
		edit(&u)
	}
	return u
}

// goldenURIs are what the lines of testdata/uris.txt say.
var goldenURIs = map[string]URI{
	"entry":    entryURI(nil, "blog", "ideas"),
	"file":     entryURI(nil, "files", "a b", ""),
	"empty":    entryURI(nil),
	"root":     entryURI(nil, ""),
	"communal": {Namespace: uriCommunal, Subspace: uriSubspace, Path: MustPath("", "", "x")},
	"escapes":  entryURI(nil, "Größe", "a/b%&?#", "\x00\xff~._-", "..."),
	"payload": entryURI(func(u *URI) {
		u.Digest, u.From, u.To = &EmptyDigest, new(uint64(4)), new(uint64(math.MaxUint64))
		u.Hints = []string{"wcsp://worm-blossom.org:1234/example", "wtp://[::1]/a;b&c=%20"}
		u.Fragment = new("bla\n%0A/?:@!#")
	}, "blog"),
	"no-fragment": entryURI(func(u *URI) { u.Fragment = new("") }, "blog"),
	"area":        areaURI(nil, "blog"),
	"namespace":   {Namespace: uriOwned, Area: NewURIArea(Everything(FullArea))},
	"interest": areaURI(func(u *URI) {
		u.Hints = []string{"x:"}
		u.Area.MaxCount, u.Area.MaxSize, u.Area.Times = 5, 0, TimeRange{Start: 4, End: 6}
	}, "blog", ""),
}

func TestURIGolden(t *testing.T) {
	b, err := os.ReadFile("testdata/uris.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(b)) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "#" {
			continue
		}
		u, ok := goldenURIs[name]
		if seen++; !ok || u.String() != text {
			t.Errorf("%s\n%s\nwant %s", name, u, text)
		}
		if got, err := ParseURI(text); err != nil || !reflect.DeepEqual(got, u) {
			t.Errorf("%s is read as %+v, %v", name, got, err)
		}
	}
	if seen != len(goldenURIs) {
		t.Errorf("%d lines of %d", seen, len(goldenURIs))
	}
}

// The examples of the specification, and what else means the same as what we write.
func TestParseURI(t *testing.T) {
	blog := func(edit func(*URI)) URI { return entryURI(edit, "blog") }
	in := func(edit func(*URI)) URI { return areaURI(edit, "blog") }
	for text, want := range map[string]URI{
		"willow://FAMILY.ALFIE/blog/ideas":                entryURI(nil, "blog", "ideas"),
		"willow://FAMILY.ALFIE/blog/ideas/":               entryURI(nil, "blog", "ideas", ""),
		"willow://FAMILY.ALFIE/blog///ideas":              entryURI(nil, "blog", "", "", "ideas"),
		"willow://FAMILY.ALFIE":                           entryURI(nil),
		"willow://FAMILY.ALFIE/":                          entryURI(nil, ""),
		"willow://FAMILY.ALFIE/blog/./ideas/..":           blog(nil),
		"willow://FAMILY.ALFIE/chess/../../../blog":       blog(nil),
		"willow://FAMILY.ALFIE/../.":                      entryURI(nil),
		"willow://FAMILY.ALFIE/blog/x//..":                entryURI(nil, "blog", "x"),
		"willow://FAMILY.ALFIE/%62%6cog":                  blog(nil),
		"willow://FAMILY.ALFIE/a%2fb%2e":                  entryURI(nil, "a/b."),
		"WILLOW://FAMILY.ALFIE/blog":                      blog(nil),
		"willow://FAMILY.ALFIE/blog?digest=DIGEST":        blog(func(u *URI) { u.Digest = &EmptyDigest }),
		"willow://FAMILY.ALFIE/blog?from=0":               blog(func(u *URI) { u.From = new(uint64(0)) }),
		"willow://FAMILY.ALFIE/blog?to=00000000000000017": blog(func(u *URI) { u.To = new(uint64(17)) }),
		"willow://FAMILY.ALFIE/blog?to=6&from=4":          blog(func(u *URI) { u.From, u.To = new(uint64(4)), new(uint64(6)) }),
		"willow://FAMILY.ALFIE/blog?from=99&to=12":        blog(func(u *URI) { u.From, u.To = new(uint64(99)), new(uint64(12)) }),
		"willow://FAMILY.ALFIE/blog#blabla%0A":            blog(func(u *URI) { u.Fragment = new("blabla\n") }),
		"willow://FAMILY.ALFIE/blog#?area":                blog(func(u *URI) { u.Fragment = new("?area") }),
		"willow://FAMILY.ALFIE/blog?hints=wcsp%3A%2F%2Fa.org%3A1234%2Fb;wtp%3A%2F%2Fc": blog(func(u *URI) {
			u.Hints = []string{"wcsp://a.org:1234/b", "wtp://c"}
		}),
		"willow://FAMILY.ALFIE/blog?area":                      in(nil),
		"willow://FAMILY.ALFIE/blog/../blog?area":              in(nil),
		"willow://FAMILY.ALFIE?area":                           areaURI(nil),
		"willow://FAMILY.ALFIE/?area":                          areaURI(nil, ""),
		"willow://FAMILY.ALFIE/blog?area&count=0&from=00":      in(nil),
		"willow://FAMILY.ALFIE/blog?area&count=5&size=0":       in(func(u *URI) { u.Area.MaxCount, u.Area.MaxSize = 5, 0 }),
		"willow://FAMILY.ALFIE/blog?area&to=17":                in(func(u *URI) { u.Area.Times = TimeRange{End: 17} }),
		"willow://FAMILY.ALFIE/blog?area&to=6&from=4#":         in(func(u *URI) { u.Area.Times, u.Fragment = TimeRange{Start: 4, End: 6}, new("") }),
		"willow://FAMILY.ALFIE?area&size=18446744073709551615": areaURI(nil),
	} {
		text = uriNames.Replace(text)
		if got, err := ParseURI(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n%+v, %v\nwant %+v", text, got, err, want)
		}
	}
	upper := strings.ToUpper(uriNames.Replace("-FAMILY.ALFIE")[1:])
	if got, err := ParseURI("willow://" + upper); err != nil || !reflect.DeepEqual(got, entryURI(nil)) {
		t.Errorf("%s is %+v, %v", upper, got, err)
	}
}

func TestParseURIRefuses(t *testing.T) {
	for _, text := range []string{
		"", "willow", "willow:", "willow://", "willow:///blog", "willow:/FAMILY.ALFIE", "willow:FAMILY.ALFIE", "http://FAMILY.ALFIE",
		"//FAMILY.ALFIE", " willow://FAMILY.ALFIE", "willow://FAMILY", "willow://FAMILY.", "willow://.ALFIE", "willow://FAMILY.ALFIE.",
		"willow://FAMILY.ALFIEf1", "willow://u@FAMILY.ALFIE", "willow://FAMILY.ALFIE:1", "willow://FAMILY._", "willow://family.alfie",
		"willow://ALFIE.ALFIE", "willow://+" + uriOwned.String() + ".ALFIE", "willow://-" + uriCommunal.String() + ".ALFIE",
		"willow://FAMILY.ALFIE/%", "willow://FAMILY.ALFIE/%4", "willow://FAMILY.ALFIE/%+1", "willow://FAMILY.ALFIE/a:b", "willow://FAMILY.ALFIE/a b",
		"willow://FAMILY.ALFIE/ü", "willow://FAMILY.ALFIE/%2e", "willow://FAMILY.ALFIE/.%2E/x", "willow://FAMILY.ALFIE/a&area",
		"willow://FAMILY.ALFIE?", "willow://FAMILY.ALFIE?&from=1", "willow://FAMILY.ALFIE?from=1&", "willow://FAMILY.ALFIE?from=1&&to=2",
		"willow://FAMILY.ALFIE?from", "willow://FAMILY.ALFIE?from=", "willow://FAMILY.ALFIE?from=-1", "willow://FAMILY.ALFIE?from=+1",
		"willow://FAMILY.ALFIE?from=0x1", "willow://FAMILY.ALFIE?from=1_0", "willow://FAMILY.ALFIE?from=18446744073709551616",
		"willow://FAMILY.ALFIE?from=1&from=1", "willow://FAMILY.ALFIE?digest=b287afb0", "willow://FAMILY.ALFIE?count=5", "willow://FAMILY.ALFIE?nonce=1",
		"willow://FAMILY.ALFIE?from=1&area", "willow://FAMILY.ALFIE?area=", "willow://FAMILY.ALFIE?area&", "willow://FAMILY.ALFIE?area&area",
		"willow://FAMILY.ALFIE?area&sipe=1", "willow://FAMILY.ALFIE?area&digest=DIGEST", "willow://FAMILY.ALFIE?area&from=6&to=6",
		"willow://FAMILY.ALFIE?area&from=6&to=4", "willow://FAMILY.ALFIE?area&to=0", "willow://FAMILY.ALFIE?Area",
		"willow://FAMILY.ALFIE?hints=", "willow://FAMILY.ALFIE?hints=x%3A;", "willow://FAMILY.ALFIE?hints=x:", "willow://FAMILY.ALFIE?hints=x",
		"willow://FAMILY.ALFIE?hints=%3A", "willow://FAMILY.ALFIE?hints=1%3A", "willow://FAMILY.ALFIE?hints=x%3A%20",
		"willow://FAMILY.ALFIE#a#b", "willow://FAMILY.ALFIE#%", "willow://FAMILY.ALFIE#[",
		"willow://FAMILY.ALFIE/" + strings.Repeat("x", MaxPathLength+1), "willow://FAMILY.ALFIE" + strings.Repeat("/", MaxComponentCount+1),
		"willow://FAMILY.ALFIE#" + strings.Repeat("x", MaxURI),
	} {
		u, err := ParseURI(uriNames.Replace(text))
		if !errors.Is(err, ErrURI) || !reflect.DeepEqual(u, URI{}) {
			t.Errorf("%.200s is %+v, %v", text, u, err)
		}
	}
}

// Limits of paths count after dot segments are gone.
func TestURIDotSegmentsBeforeLimits(t *testing.T) {
	text := uriNames.Replace("willow://FAMILY.ALFIE") + strings.Repeat("/"+strings.Repeat("x", 4000)+"/..", 10) + strings.Repeat("/", MaxComponentCount+1)
	if u, err := ParseURI(text + "/../blog"); !errors.Is(err, ErrPath) || !errors.Is(err, ErrURI) {
		t.Errorf("%d components are a path: %v", u.Path.Len(), err)
	}
	want := MustPath(append(make([]string, MaxComponentCount-1), "blog")...)
	if u, err := ParseURI(text + "/../../blog"); err != nil || u.Path != want {
		t.Errorf("%d components, %v", u.Path.Len(), err)
	}
}

// What has no URI isn't written.
func TestURIWithoutText(t *testing.T) {
	for name, u := range map[string]URI{
		"dot":              entryURI(nil, "a", "."),
		"dots":             areaURI(nil, ".."),
		"hint":             entryURI(func(u *URI) { u.Hints = []string{"no uri"} }),
		"empty hint":       entryURI(func(u *URI) { u.Hints = []string{""} }),
		"digest of area":   areaURI(func(u *URI) { u.Digest = &EmptyDigest }),
		"end in an area":   areaURI(func(u *URI) { u.To = new(uint64(1)) }),
		"start in an area": areaURI(func(u *URI) { u.From = new(uint64(1)) }),
		"two subspaces":    areaURI(func(u *URI) { u.Area.AnySubspace = true }),
		"empty times":      areaURI(func(u *URI) { u.Area.Times = TimeRange{Start: 3, End: 3} }),
		"end of open time": areaURI(func(u *URI) { u.Area.Times.End = 3 }),
		"too long":         entryURI(func(u *URI) { u.Fragment = new(strings.Repeat("x", MaxURI)) }),
	} {
		if b, err := u.AppendText([]byte("x")); !errors.Is(err, ErrURI) || b != nil || u.String() != "" {
			t.Errorf("%s: %s, %v, %q", name, b, err, u)
		}
		if _, err := u.Resolve("#x"); !errors.Is(err, ErrURI) {
			t.Errorf("%s: a reference resolves: %v", name, err)
		}
	}
}

func TestResolve(t *testing.T) {
	base := entryURI(func(u *URI) { u.From, u.Fragment = new(uint64(3)), new("there") }, "blog", "idea", "")
	for reference, want := range map[string]string{
		"":                                     "willow://FAMILY.ALFIE/blog/idea/?from=3",
		"#here":                                "willow://FAMILY.ALFIE/blog/idea/?from=3#here",
		"?to=4":                                "willow://FAMILY.ALFIE/blog/idea/?to=4",
		"?area":                                "willow://FAMILY.ALFIE/blog/idea/?area",
		"x":                                    "willow://FAMILY.ALFIE/blog/idea/x",
		"../image.png":                         "willow://FAMILY.ALFIE/blog/image.png",
		"../image.png/#x":                      "willow://FAMILY.ALFIE/blog/image.png/#x",
		"..":                                   "willow://FAMILY.ALFIE/blog", // a/ by RFC 3986
		".":                                    "willow://FAMILY.ALFIE/blog/idea",
		"../../../..?area":                     "willow://FAMILY.ALFIE?area",
		"./a%3Ab/./c/../d//":                   "willow://FAMILY.ALFIE/blog/idea/a%3Ab/d//",
		"/x/../y":                              "willow://FAMILY.ALFIE/y",
		"/":                                    "willow://FAMILY.ALFIE/",
		"//COMMUNE.ALFIE/x?from=1":             "willow://COMMUNE.ALFIE/x?from=1",
		"//COMMUNE.ALFIE":                      "willow://COMMUNE.ALFIE",
		"willow://COMMUNE._/x/../y?area#there": "willow://COMMUNE._/y?area#there",
	} {
		got, err := base.Resolve(uriNames.Replace(reference))
		if want = uriNames.Replace(want); err != nil || got.String() != want {
			t.Errorf("%s\n%s, %v\nwant %s", reference, got, err, want)
		}
	}
	if got, err := entryURI(nil).Resolve("x"); err != nil || got.Path != MustPath("x") {
		t.Errorf("from the empty path: %v, %v", got, err)
	}
	for _, reference := range []string{"http:x", "willow:x", "//x", "///x", "a:b", "%", "?from=x", "/.%2e", strings.Repeat("x", MaxURI+1)} {
		if got, err := base.Resolve(reference); !errors.Is(err, ErrURI) || !reflect.DeepEqual(got, URI{}) {
			t.Errorf("%.100s resolves: %v, %v", reference, got, err)
		}
	}
}

func TestURISlice(t *testing.T) {
	n := func(n uint64) *uint64 { return &n }
	for _, c := range []struct {
		from, to         *uint64
		length           uint64
		wantFrom, wantTo uint64
		wanted           bool
	}{
		{nil, nil, 20, 0, 0, false},
		{n(0), nil, 20, 0, 20, true},
		{nil, n(17), 20, 0, 17, true},
		{n(4), n(6), 20, 4, 6, true},
		{n(5), n(5), 20, 5, 5, true},
		{n(15), n(12), 20, 15, 15, true},
		{n(99), n(12), 20, 20, 20, true},
		{n(99), nil, 20, 20, 20, true},
		{n(4), n(math.MaxUint64), 20, 4, 20, true},
		{n(4), n(6), 5, 4, 5, true},
	} {
		from, to, wanted := URI{From: c.from, To: c.to}.Slice(c.length)
		if from != c.wantFrom || to != c.wantTo || wanted != c.wanted {
			t.Errorf("%+v: %d, %d, %v", c, from, to, wanted)
		}
	}
}

func TestURIIdentifies(t *testing.T) {
	e := Entry{Namespace: uriOwned, Subspace: uriSubspace, Path: MustPath("blog", "idea"), Timestamp: 5, PayloadDigest: EmptyDigest}
	for name, c := range map[string]struct {
		u    URI
		want bool
	}{
		"place":           {entryURI(nil, "blog", "idea"), true},
		"above":           {entryURI(nil, "blog"), false},
		"digest":          {entryURI(func(u *URI) { u.Digest = &EmptyDigest }, "blog", "idea"), true},
		"other digest":    {entryURI(func(u *URI) { u.Digest = &Digest{} }, "blog", "idea"), false},
		"area":            {areaURI(nil, "blog"), true},
		"area, later":     {areaURI(func(u *URI) { u.Area.Times.Start = 6 }, "blog"), false},
		"other namespace": {URI{Namespace: uriCommunal, Area: NewURIArea(Everything(FullArea))}, false},
		"namespace":       {URI{Namespace: uriOwned, Area: NewURIArea(Everything(FullArea))}, true},
		"other subspace":  {URI{Namespace: uriOwned, Path: e.Path}, false},
	} {
		if got := c.u.Identifies(e); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// What is written is read as the same, and is written only so.
func TestURIRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := uriGen.Draw(t, "uri")
		text, err := u.AppendText(nil)
		if err != nil {
			t.Skip("it has no URI")
		}
		got, err := ParseURI(string(text))
		if err != nil || !reflect.DeepEqual(got, u) {
			t.Fatalf("%s\n%+v, %v\nwant %+v", text, got, err, u)
		}
		if i, ok := u.Interest(); ok && *NewURIArea(i) != *u.Area {
			t.Fatalf("%s is of %+v", text, i)
		}
	})
}

var uriGen = rapid.Custom(func(t *rapid.T) URI {
	u := URI{Namespace: bytes32Gen.Draw(t, "namespace"), Subspace: bytes32Gen.Draw(t, "subspace"), Path: pathGen.Draw(t, "path")}
	u.Hints = rapid.SliceOfN(rapid.SampledFrom([]string{"x:", "wtp://a/b?c=d;e#f", "urn:%20"}), 0, 2).Draw(t, "hints")
	if len(u.Hints) == 0 {
		u.Hints = nil
	}
	if rapid.Bool().Draw(t, "has a fragment") {
		u.Fragment = new(rapid.String().Draw(t, "fragment"))
	}
	if rapid.Bool().Draw(t, "is an area") {
		a := areaGen.Draw(t, "area")
		i := AreaOfInterest{Area: a, MaxCount: u64Gen.Draw(t, "count"), MaxSize: u64Gen.Draw(t, "size")}
		u.Subspace, u.Path, u.Area = a.Subspace, a.Path, NewURIArea(i)
		return u
	}
	if rapid.Bool().Draw(t, "has a digest") {
		u.Digest = new(Digest(bytes32Gen.Draw(t, "digest")))
	}
	for _, n := range []**uint64{&u.From, &u.To} {
		if rapid.Bool().Draw(t, "has an index") {
			*n = new(u64Gen.Draw(t, "index"))
		}
	}
	return u
})

func FuzzParseURI(f *testing.F) {
	for _, u := range goldenURIs {
		f.Add(u.String(), "../x?area#y")
	}
	f.Add(uriNames.Replace("willow://FAMILY.ALFIE/a/../b?to=07&from=1"), "//x")
	f.Fuzz(func(t *testing.T, text, reference string) {
		u, err := ParseURI(text)
		if err != nil {
			if !errors.Is(err, ErrURI) || !reflect.DeepEqual(u, URI{}) {
				t.Fatalf("%+v with error %v", u, err)
			}
			return
		}
		canonical := u.String()
		again, err := ParseURI(canonical)
		if err != nil && len(canonical) > 0 || len(text) <= MaxURI/3 && canonical == "" {
			t.Fatalf("%q is written %q, which isn't read: %v", text, canonical, err)
		}
		if err == nil && (!reflect.DeepEqual(again, u) || again.String() != canonical) {
			t.Fatalf("%q is written %q, which is another", text, canonical)
		}
		if r, err := u.Resolve(reference); err != nil && !reflect.DeepEqual(r, URI{}) {
			t.Fatalf("%+v with error %v", r, err)
		} else if whole, err := u.Resolve(r.String()); err == nil && r.String() != "" && !reflect.DeepEqual(whole, r) {
			t.Fatalf("%+v resolves to %+v", r, whole)
		}
	})
}
