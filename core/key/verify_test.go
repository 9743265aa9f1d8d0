package key

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/hex"
	"testing"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
	"pgregory.net/rapid"
)

// torsion returns the eight points of small order: the multiples of L times a
// point that isn't in the prime-order group.
func torsion(t testing.TB) (points []*edwards25519.Point) {
	t.Helper()
	for y := byte(2); ; y++ {
		p, err := new(edwards25519.Point).SetBytes(append([]byte{y}, make([]byte, 31)...))
		if err != nil {
			continue
		}
		q := timesL(p)
		multiple := edwards25519.NewIdentityPoint()
		points = points[:0]
		for range 8 {
			points = append(points, new(edwards25519.Point).Set(multiple))
			multiple.Add(multiple, q)
		}
		if four := points[4]; four.Equal(edwards25519.NewIdentityPoint()) == 0 {
			return points // q is of order 8
		}
	}
}

// timesL multiplies by the group order, which isn't a scalar of the library: by
// L - 1, and once more.
func timesL(p *edwards25519.Point) *edwards25519.Point {
	minusOne := edwards25519.NewScalar().Negate(scalar(1))
	q := new(edwards25519.Point).ScalarMult(minusOne, p)
	return q.Add(q, p)
}

func scalar(n byte) *edwards25519.Scalar {
	s, err := edwards25519.NewScalar().SetCanonicalBytes(append([]byte{n}, make([]byte, 31)...))
	if err != nil {
		panic(err)
	}
	return s
}

// encodings returns every encoding of a point that RFC 8032's decoder could be
// lenient about: the sign of x = 0, and y + p where that fits into 255 bits.
func encodings(p *edwards25519.Point) (all [][Size]byte) {
	e := [Size]byte(p.Bytes())
	all = append(all, e)
	if e[31]&0x7f == 0 && bytes.Equal(e[1:31], make([]byte, 30)) && e[0] < 19 {
		high := bytes.Repeat([]byte{0xff}, Size)
		high[0], high[31] = 0xed+e[0], 0x7f|e[31]&0x80
		all = append(all, [Size]byte(high))
	}
	if x, _, z, _ := p.ExtendedCoordinates(); new(field.Element).Multiply(x, new(field.Element).Invert(z)).Equal(new(field.Element).Zero()) == 1 {
		for _, e := range all {
			e[31] ^= 0x80
			all = append(all, e)
		}
	}
	return all
}

func TestSmallOrderPoints(t *testing.T) {
	n := 0
	for _, p := range torsion(t) {
		for _, e := range encodings(p) {
			n++
			if Usable(e) {
				t.Errorf("%x is usable", e)
			}
			if canonical(&e) && !smallOrder(&e) {
				t.Errorf("%x isn't in the table", e)
			}
		}
	}
	if n != 14 { // the list that libsodium and the paper have
		t.Errorf("%d encodings, want 14", n)
	}
}

// lax is RFC 8032 verification without any of the strict checks, to show that
// the cases below reach them: SB = R + kA, or times the cofactor.
func lax(public [Size]byte, msg []byte, sig Signature, cofactored bool) bool {
	a, err := new(edwards25519.Point).SetBytes(public[:])
	if err != nil {
		return false
	}
	r, err := new(edwards25519.Point).SetBytes(sig[:32])
	if err != nil {
		return false
	}
	s, err := edwards25519.NewScalar().SetCanonicalBytes(sig[32:])
	if err != nil {
		return false
	}
	k := challenge(sig[:32], public[:], msg)
	left := new(edwards25519.Point).ScalarBaseMult(s)
	left.Subtract(left, r)
	left.Subtract(left, new(edwards25519.Point).ScalarMult(k, a))
	if cofactored {
		left.MultByCofactor(left)
	}
	return left.Equal(edwards25519.NewIdentityPoint()) == 1
}

func challenge(r, a, msg []byte) *edwards25519.Scalar {
	h := sha512.New()
	h.Write(r)
	h.Write(a)
	h.Write(msg)
	k, err := edwards25519.NewScalar().SetUniformBytes(h.Sum(nil))
	if err != nil {
		panic(err)
	}
	return k
}

// edge is a signature that implementations disagree about.
type edge struct {
	name   string
	public [Size]byte
	sig    Signature
	lax    bool // holds by the plain equation
	strict bool // what Verify must say
}

var message = []byte("what implementations disagree about")

// sign makes a signature of message with the secret a, whatever the public key
// that it is for: R = nonce B + a point of small order, S = nonce + k a. With
// nonce 0, R is the point as it is encoded.
func sign(t testing.TB, a *edwards25519.Scalar, public, small [Size]byte, nonce byte) (sig Signature) {
	t.Helper()
	r, err := new(edwards25519.Point).SetBytes(small[:])
	if err != nil {
		t.Fatal(err)
	}
	copy(sig[:32], r.Add(r, new(edwards25519.Point).ScalarBaseMult(scalar(nonce))).Bytes())
	if nonce == 0 {
		copy(sig[:32], small[:])
	}
	k := challenge(sig[:32], public[:], message)
	copy(sig[32:], edwards25519.NewScalar().MultiplyAdd(k, a, scalar(nonce)).Bytes())
	return sig
}

var identity = [Size]byte(edwards25519.NewIdentityPoint().Bytes())

// edges makes the cases of Chalkias, Garillot and Nikolaenko, "Taming the Many
// EdDSAs", section 5, from points of small order.
func edges(t testing.TB) (es []edge) {
	secret := scalar(77)
	public := new(edwards25519.Point).ScalarBaseMult(secret)
	honest := [Size]byte(public.Bytes())
	es = append(es, edge{"honest", honest, sign(t, secret, honest, identity, 5), true, true})
	refused := func(name string, public [Size]byte, sig Signature) {
		es = append(es, edge{name, public, sig, lax(public, message, sig, false), false})
	}
	for _, p := range torsion(t) {
		for _, e := range encodings(p) {
			refused("small order A", e, sign(t, scalar(0), e, identity, 5)) // holds if kA = 0
			refused("small order R", honest, sign(t, secret, honest, e, 0))
			refused("small order A and R", e, sign(t, scalar(0), e, e, 0)) // of every message
		}
		if [Size]byte(p.Bytes()) == identity {
			continue
		}
		// Cofactored verification accepts all of these; ours, cofactorless,
		// exactly those for which the equation holds.
		mixed := [Size]byte(new(edwards25519.Point).Add(public, p).Bytes())
		for nonce := byte(5); nonce < 40; nonce++ {
			sig := sign(t, secret, mixed, identity, nonce)
			holds := lax(mixed, message, sig, false)
			es = append(es, edge{"mixed order A", mixed, sig, holds, holds})
		}
		refused("mixed order R", honest, sign(t, secret, honest, [Size]byte(p.Bytes()), 9))
	}
	sig := es[0].sig
	addOrder(sig[32:])
	return append(es, edge{"S not reduced", honest, sig, false, false})
}

// addOrder adds L to a scalar, both little-endian.
func addOrder(s []byte) {
	order, _ := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	carry := 0
	for i := range order {
		carry += int(s[i]) + int(order[i])
		s[i] = byte(carry)
		carry >>= 8
	}
}

func TestVerifyEdges(t *testing.T) {
	reached := make(map[string]int)
	for _, e := range edges(t) {
		if got := lax(e.public, message, e.sig, false); got != e.lax {
			t.Errorf("%s: the plain equation says %v, want %v", e.name, got, e.lax)
		}
		if got := Verify(e.public, message, e.sig); got != e.strict {
			t.Errorf("%s: Verify(%x, %x) = %v, want %v", e.name, e.public, e.sig, got, e.strict)
		}
		if e.name == "mixed order R" && !lax(e.public, message, e.sig, true) {
			t.Errorf("%s: not even the cofactored equation holds: it tests nothing", e.name)
		}
		if e.lax {
			reached[e.name]++
		}
	}
	for _, name := range []string{"honest", "small order A", "small order R", "small order A and R", "mixed order A"} {
		if reached[name] == 0 {
			t.Errorf("no case of %q satisfies the equation: it tests nothing", name)
		}
	}
}

// TestVerifyRandom signs, verifies, and flips one bit.
func TestVerifyRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := DeviceFromSeed([Size]byte(rapid.SliceOfN(rapid.Byte(), Size, Size).Draw(t, "seed")))
		msg := rapid.SliceOf(rapid.Byte()).Draw(t, "message")
		sig := d.Sign(msg)
		if !d.Receiver().Verify(msg, sig) || !Usable(d.Receiver()) {
			t.Fatal("an honest signature is refused")
		}
		bit := rapid.IntRange(0, 8*len(sig)-1).Draw(t, "bit")
		sig[bit/8] ^= 1 << (bit % 8)
		if d.Receiver().Verify(msg, sig) {
			t.Fatal("a changed signature is accepted")
		}
	})
}

func TestUsableCanonical(t *testing.T) {
	// y from p - 2 to 2^255 - 1, with both signs: of those at or above p none
	// is usable, whether or not there is such a point.
	for low := 0xeb; low <= 0xff; low++ {
		for _, top := range []byte{0x7f, 0xff} {
			k := [Size]byte(bytes.Repeat([]byte{0xff}, Size))
			k[0], k[31] = byte(low), top
			if _, err := new(edwards25519.Point).SetBytes(k[:]); low >= 0xed && err == nil && Usable(k) {
				t.Errorf("%x is usable", k)
			}
			if canonical(&k) != (low < 0xed) {
				t.Errorf("canonical(%x) = %v", k, canonical(&k))
			}
		}
	}
}

// FuzzVerify: whatever Verify accepts, crypto/ed25519 accepts, for a key and an
// R that are their own re-encoding and survive multiplication by the cofactor.
func FuzzVerify(f *testing.F) {
	for _, e := range edges(f) {
		f.Add(e.public[:], message, e.sig[:])
	}
	f.Fuzz(func(t *testing.T, public, msg, sig []byte) {
		if len(public) != Size || len(sig) != len(Signature{}) {
			return
		}
		got := Verify([Size]byte(public), msg, Signature(sig))
		want := ed25519.Verify(public, msg, sig) && slowUsable(public) && slowUsable(sig[:Size])
		if got != want {
			t.Errorf("Verify(%x, %x, %x) = %v, want %v", public, msg, sig, got, want)
		}
		if Usable([Size]byte(public)) != slowUsable(public) {
			t.Errorf("Usable(%x) = %v", public, !slowUsable(public))
		}
	})
}

// slowUsable is Usable by its definition.
func slowUsable(k []byte) bool {
	p, err := new(edwards25519.Point).SetBytes(k)
	if err != nil || !bytes.Equal(p.Bytes(), k) {
		return false
	}
	return p.MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 0
}

func BenchmarkVerify(b *testing.B) {
	d := DeviceFromSeed([Size]byte{1})
	msg := make([]byte, 150)
	sig := d.Sign(msg)
	b.Run("strict", func(b *testing.B) {
		for b.Loop() {
			d.Receiver().Verify(msg, sig)
		}
	})
	b.Run("plain", func(b *testing.B) {
		public := d.TLS().Public().(ed25519.PublicKey)
		for b.Loop() {
			ed25519.Verify(public, msg, sig[:])
		}
	})
}
