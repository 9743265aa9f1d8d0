package mdn

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// testMade is when the tokens of tests were made.
var testMade = time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)

// testToken is a token from device 1 of testNamespace(2), of the space
// testNamespace(3), for the devices 5 and 6 of testNamespace(4); change makes it
// another one before its capabilities are made.
func testToken(t testing.TB, l Level, change func(*Token)) Token {
	t.Helper()
	from := testDevice(1)
	token := Token{
		ID: TokenID{1, 2, 3}, Revision: 1, From: testNamespace(2).Namespace(), To: testNamespace(4).Namespace(),
		Space: testNamespace(3).Namespace(), Name: "Photos", Path: "2026/Rome", Level: l, Made: testMade,
		Signer: meadowcap.NewOwned(testNamespace(2), meadowcap.Write, from.Receiver()),
	}
	if l == LevelContribute {
		token.Corner = willow.SubspaceID{7, 7}
	}
	if change != nil {
		change(&token)
	}
	for _, r := range []key.Receiver{testDevice(5).Receiver(), testDevice(6).Receiver()} {
		h := Handed{Receiver: r, Read: delegateArea(t, meadowcap.NewOwned(testNamespace(3), meadowcap.Read, from.Receiver()), from, r, token.readArea())}
		if l != LevelRead {
			h.Write = delegateArea(t, meadowcap.NewOwned(testNamespace(3), meadowcap.Write, from.Receiver()), from, r, token.writeArea())
		}
		token.For = append(token.For, h)
	}
	slices.SortFunc(token.For, func(x, y Handed) int { return compareIDs(x.Receiver, y.Receiver) })
	return token
}

func signToken(t testing.TB, token Token) Token {
	t.Helper()
	signed, err := token.signed(testDevice(1))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// tokenVectors are tokens of every kind.
func tokenVectors(t testing.TB) map[string]Token {
	return map[string]Token{
		"read": signToken(t, testToken(t, LevelRead, nil)),
		"read from a time, with an end, to pass on": signToken(t, testToken(t, LevelRead, func(t *Token) {
			t.Since, t.Until, t.PassOn, t.Revision = testMade.Add(-time.Hour), testMade.Add(time.Hour), true, 7
		})),
		"contribute": signToken(t, testToken(t, LevelContribute, nil)),
		"write": signToken(t, testToken(t, LevelWrite, func(t *Token) {
			t.Path, t.PassOn, t.otherOps = "", true, []string{"print", "rw_delegate_to_owner"}
			t.unknown = fields{"future": encode(7)}
		})),
	}
}

func TestTokenVectors(t *testing.T) {
	got := map[string]string{}
	for name, token := range tokenVectors(t) {
		got[name] = hexOf(token.raw)
	}
	g := given{Token: tokenVectors(t)["write"], by: testDevice(1).Receiver(), first: testMade}
	in := incoming{Token: g.Token, came: testMade, by: testNamespace(2).Namespace(), ended: testMade}
	got["record of a grant"] = hexOf(g.fields().encode())
	got["record of handovers"] = hexOf(handoversRecord(testHandovers()).encode())
	got["path of handovers"] = hexOf(willow.AppendPath(nil, handedPathOf(g.ID, testDevice(1).Receiver())))
	got["record of a token"] = hexOf(in.fields().encode())
	got["record of an answer"] = hexOf(reply{testMade, true}.fields().encode())
	got["record of an end"] = hexOf(endRecord(testMade).encode())
	got["record of letters"] = hexOf(testTold().fields().encode())
	got["path of a grant"] = hexOf(willow.AppendPath(nil, idPath(grantsPath, g.ID)))
	for name, l := range letterVectors(t) {
		letter := newLetter(testNamespace(4).Namespace(), &l)
		got["letter "+name] = hexOf(letter.Raw)
		got["letter "+name+" id"] = hex32(letter.ID)
	}
	golden(t, "tokens", got)
}

func testHandovers() []handover {
	return []handover{
		{id: [32]byte{1}, to: testDevice(5).Receiver(), level: LevelRead, since: testMade},
		{id: [32]byte{2}, to: testDevice(6).Receiver(), level: LevelWrite, until: testMade.Add(windowLength), passOn: true},
	}
}

func testTold() told {
	return told{revision: 3, made: testMade, up: 2, upMade: testMade, answered: testMade, ended: true, upEnded: true}
}

func letterVectors(t testing.TB) map[string]letter {
	raw := tokenVectors(t)["read"].raw
	return map[string]letter{
		"token":  {token: raw},
		"answer": {answer: TokenID{1}, accepted: true, at: testMade},
		"ended":  {ended: TokenID{1}, at: testMade},
		"passed": {passed: raw, at: testMade},
	}
}

func TestTokensRoundTrip(t *testing.T) {
	v := meadowcap.NewVerifier(16)
	for name, token := range tokenVectors(t) {
		again, err := DecodeToken(token.raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := again.Verify(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(again, token) {
			t.Errorf("%s: have %+v, want %+v", name, again, token)
		}
	}
	if got := tokenVectors(t)["write"].otherOps; !slices.Equal(got, []string{"print", "rw_delegate_to_owner"}) {
		t.Errorf("unknown operations are lost: %v", got)
	}
	for name, want := range letterVectors(t) {
		got, err := parseLetter(want.fields().encode())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("letter %s: %+v, %v", name, got, err)
		}
	}
}

// TestTokenBits: with any one bit of it changed a token is none.
func TestTokenBits(t *testing.T) {
	v := meadowcap.NewVerifier(16)
	raw := tokenVectors(t)["contribute"].raw
	for i := range raw {
		b := slices.Clone(raw)
		b[i] ^= 1 << (i % 8)
		token, err := DecodeToken(b)
		if err == nil {
			err = token.Verify(v)
		}
		if !errors.Is(err, ErrToken) {
			t.Fatalf("with byte %d changed: %v", i, err)
		}
	}
	for i := range raw {
		if _, err := DecodeToken(raw[:i]); !errors.Is(err, ErrToken) {
			t.Fatalf("cut after %d bytes: %v", i, err)
		}
	}
}

// TestTokenLies: a token whose signature is right, and that contradicts itself or
// what it carries.
func TestTokenLies(t *testing.T) {
	v := meadowcap.NewVerifier(64)
	thief := testDevice(9)
	for name, lie := range map[string]func(*Token){
		"another path":              func(t *Token) { t.Path = "2026" },
		"a folder with a dot":       func(t *Token) { t.Path = "2026/.." },
		"a path with an empty name": func(t *Token) { t.Path = "2026//Rome" },
		"a long path":               func(t *Token) { t.Path = strings.Repeat("x/", 3000) + "x" },
		"all files":                 func(t *Token) { t.Path = "" },
		"another space":             func(t *Token) { t.Space = testNamespace(1).Namespace() },
		"from somebody else":        func(t *Token) { t.From = testNamespace(1).Namespace() },
		"from oneself":              func(t *Token) { t.To = t.From },
		"a level below":             func(t *Token) { t.Level, t.Corner = LevelRead, willow.SubspaceID{} },
		"a level above":             func(t *Token) { t.Level, t.Corner = LevelWrite, willow.SubspaceID{} },
		"no level":                  func(t *Token) { t.Level = "own" },
		"another corner":            func(t *Token) { t.Corner[0]++ },
		"no corner":                 func(t *Token) { t.Corner = willow.SubspaceID{} },
		"the shared tree":           func(t *Token) { t.Corner = shared(t.Space) },
		"from a time on":            func(t *Token) { t.Since = testMade },
		"a nearer end":              func(t *Token) { t.Until = testMade.Add(time.Hour) },
		"made later":                func(t *Token) { t.Made = testMade.Add(time.Microsecond) },
		"made at the end of time":   func(t *Token) { t.Made = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"ended before it was made":  func(t *Token) { t.Until = testMade },
		"no devices":                func(t *Token) { t.For = nil },
		"a device twice":            func(t *Token) { t.For = append(t.For[:1:1], t.For[0]) },
		"devices in disorder":       func(t *Token) { slices.Reverse(t.For) },
		"another's device":          func(t *Token) { t.For[1].Receiver = [32]byte(bytes.Repeat([]byte{0xff}, 32)) },
		"capabilities crossed":      func(t *Token) { t.For[0].Read, t.For[1].Read = t.For[1].Read, t.For[0].Read },
		"no write":                  func(t *Token) { t.For[0].Write = nil },
		"write to read":             func(t *Token) { t.For[0].Read = t.For[0].Write },
		"read to write":             func(t *Token) { t.For[0].Write = t.For[0].Read },
		"revision 0":                func(t *Token) { t.Revision = 0 },
		"no name":                   func(t *Token) { t.Name = "" },
		"a name of two lines":       func(t *Token) { t.Name = "Photos\nof Rome" },
		"a name of 10 kB":           func(t *Token) { t.Name = strings.Repeat("x", 10<<10) },
		"a name that is no text":    func(t *Token) { t.Name = "\xff\xfe" },
		"a widened area": func(t *Token) {
			wide := t.readArea()
			wide.Path = willow.MustPath("files")
			t.For[0].Read = remade(t, meadowcap.Read, testDevice(1), wide)
		},
		"the full area": func(t *Token) { t.For[0].Read = remade(t, meadowcap.Read, testDevice(1), willow.FullArea) },
		"writing for ever": func(t *Token) {
			open := t.writeArea()
			open.Times = willow.TimeRange{Start: open.Times.Start, Open: true}
			t.For[0].Write = remade(t, meadowcap.Write, testDevice(1), open)
		},
		"writing anywhere": func(t *Token) {
			wide := t.writeArea()
			wide.AnySubspace, wide.Subspace = true, willow.SubspaceID{}
			t.For[0].Write = remade(t, meadowcap.Write, testDevice(1), wide)
		},
		"a root": func(t *Token) {
			t.For[0].Read = meadowcap.NewOwned(testNamespace(3), meadowcap.Read, t.For[0].Receiver)
		},
		"given by another device": func(t *Token) { t.For[0].Read = remade(t, meadowcap.Read, thief, t.readArea()) },
		"a chain that nobody signed": func(t *Token) {
			c := *t.For[0].Read
			c.Initial[3] ^= 1
			t.For[0].Read = &c
		},
	} {
		token := testToken(t, LevelContribute, nil)
		lie(&token)
		signed, err := token.signed(testDevice(1))
		if err == nil {
			err = signed.Verify(v)
		}
		if !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	reading := testToken(t, LevelRead, nil)
	reading.For[0].Write = testToken(t, LevelWrite, nil).For[0].Write
	if signed, err := reading.signed(testDevice(1)); err == nil && signed.Verify(v) == nil {
		t.Error("a token for reading that lets write is taken")
	}
}

// remade is a capability of a token's space and first device, of another area or by
// another device.
func remade(t *Token, m meadowcap.Mode, by key.Device, area willow.Area) *meadowcap.Capability {
	c, err := meadowcap.NewOwned(testNamespace(3), m, by.Receiver()).Delegate(by, area, t.For[0].Receiver)
	if err != nil {
		panic(err)
	}
	return c
}

// TestTokenSigner: who signs must show a full device's chain of who it is from.
func TestTokenSigner(t *testing.T) {
	v := meadowcap.NewVerifier(16)
	limited := delegateArea(t, meadowcap.NewOwned(testNamespace(2), meadowcap.Write, testDevice(8).Receiver()),
		testDevice(8), testDevice(1).Receiver(), contactArea(testNamespace(2).Namespace()))
	for name, signer := range map[string]*meadowcap.Capability{
		"of another namespace": meadowcap.NewOwned(testNamespace(3), meadowcap.Write, testDevice(1).Receiver()),
		"for reading":          meadowcap.NewOwned(testNamespace(2), meadowcap.Read, testDevice(1).Receiver()),
		"of a part":            limited,
	} {
		token := testToken(t, LevelRead, nil)
		token.Signer = signer
		signed, err := token.signed(testDevice(1))
		if err == nil {
			err = signed.Verify(v)
		}
		if !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	token := testToken(t, LevelRead, nil)
	if _, err := token.signed(testDevice(9)); !errors.Is(err, ErrToken) {
		t.Errorf("signed by another device than its chain's: %v", err)
	}
}

func FuzzDecodeToken(f *testing.F) {
	for _, token := range tokenVectors(f) {
		f.Add(token.raw)
		f.Add(token.raw[:len(token.raw)/2])
	}
	v := meadowcap.NewVerifier(256)
	f.Fuzz(func(t *testing.T, b []byte) {
		token, err := DecodeToken(b)
		if err != nil {
			if !errors.Is(err, ErrToken) || token.raw != nil {
				t.Errorf("have %+v, %v", token, err)
			}
			return
		}
		if body := token.fields().encode(); !bytes.HasPrefix(b[len(tokenDomain):], body) {
			t.Errorf("written otherwise: %x\n%x", body, b)
		}
		_ = token.Verify(v)
	})
}

func FuzzParseLetter(f *testing.F) {
	for _, l := range letterVectors(f) {
		f.Add(l.fields().encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := parseLetter(b)
		if err == nil && (l.token == nil && l.passed == nil && l.at.IsZero()) {
			t.Errorf("a letter that says nothing: %x", b)
		}
	})
}

func FuzzDealings(f *testing.F) {
	g := given{Token: tokenVectors(f)["write"], first: testMade}
	in := incoming{Token: g.Token, came: testMade}
	f.Add(g.fields().encode())
	f.Add(in.fields().encode())
	f.Add(reply{testMade, true}.fields().encode())
	f.Add(testTold().fields().encode())
	f.Add(handoversRecord(testHandovers()).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseRecord(b)
		if err != nil {
			return
		}
		if g, err := parseGiven(&reader{fields: r.fields}); err == nil && g.raw == nil {
			t.Error("a grant without a token")
		}
		if in, err := parseIncoming(&reader{fields: r.fields}); err == nil && in.raw == nil {
			t.Error("a record without a token")
		}
		_ = parseReply(&reader{fields: r.fields})
		_ = parseTold(&reader{fields: r.fields})
		if all, err := parseHandovers(&reader{fields: r.fields}, key.Receiver{}); err == nil {
			again, err := parseHandovers(&reader{fields: handoversRecord(all)}, key.Receiver{})
			if err != nil || !slices.Equal(again, all) {
				t.Errorf("handovers changed: %v", err)
			}
		}
	})
}
