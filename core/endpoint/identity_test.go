package endpoint

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"meadow/core/key"
)

// device returns the device key with a seed of n's.
func device(n byte) key.Device {
	return key.DeviceFromSeed([key.Size]byte(bytes.Repeat([]byte{n}, key.Size)))
}

func mustCertificate(tb testing.TB, d key.Device) tls.Certificate {
	tb.Helper()
	c, err := certificate(d)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// foreign makes a self-signed certificate for any key.
func foreign(tb testing.TB, public, private any) tls.Certificate {
	tb.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		DNSNames: []string{"example.org"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		tb.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
}

func rsaCertificate(tb testing.TB) tls.Certificate {
	tb.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	return foreign(tb, &k.PublicKey, k)
}

func ecdsaCertificate(tb testing.TB) tls.Certificate {
	tb.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return foreign(tb, &k.PublicKey, k)
}

// withKey returns a certificate whose key bytes are replaced by those given.
func withKey(tb testing.TB, k [key.Size]byte) []byte {
	tb.Helper()
	d := device(1)
	der := bytes.Clone(mustCertificate(tb, d).Certificate[0])
	id := d.Endpoint()
	i := bytes.Index(der, id[:])
	if i < 0 {
		tb.Fatal("no key in certificate")
	}
	copy(der[i:], k[:])
	return der
}

func parse(tb testing.TB, ders ...[]byte) []*x509.Certificate {
	tb.Helper()
	var certs []*x509.Certificate
	for _, der := range ders {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			tb.Fatal(err)
		}
		certs = append(certs, c)
	}
	return certs
}

func TestCertificateKey(t *testing.T) {
	own := mustCertificate(t, device(1)).Certificate[0]
	if k, err := certificateKey(parse(t, own)); err != nil || k != device(1).Endpoint() {
		t.Errorf("own certificate: got %s, %v", k, err)
	}
	notCanonical := [key.Size]byte(bytes.Repeat([]byte{0xff}, key.Size)) // y >= p
	for name, certs := range map[string][]*x509.Certificate{
		"none":          nil,
		"two":           parse(t, own, own),
		"rsa":           parse(t, rsaCertificate(t).Certificate[0]),
		"ecdsa":         parse(t, ecdsaCertificate(t).Certificate[0]),
		"neutral point": parse(t, withKey(t, [key.Size]byte{1})),
		"order 4 point": parse(t, withKey(t, [key.Size]byte{})),
		"non-canonical": parse(t, withKey(t, notCanonical)),
	} {
		if k, err := certificateKey(certs); err == nil || k != (key.Endpoint{}) {
			t.Errorf("%s: got %s, %v, want an error", name, k, err)
		}
	}
}

// TestCertificateIsOnlyTheKey: the same key gives the same bytes, at any time
// and place.
func TestCertificateIsOnlyTheKey(t *testing.T) {
	a, b := mustCertificate(t, device(1)), mustCertificate(t, device(1))
	if !bytes.Equal(a.Certificate[0], b.Certificate[0]) {
		t.Error("two certificates of one key differ")
	}
	c := parse(t, a.Certificate[0])[0]
	if c.Subject.String() != "" || len(c.DNSNames) != 0 || c.SerialNumber.Int64() != 1 {
		t.Errorf("certificate says more than the key: %v %v %v", c.Subject, c.DNSNames, c.SerialNumber)
	}
}

// FuzzCertificateKey demands that a key which is accepted is a usable ed25519
// key and the one in the certificate, and that a refusal gives no key.
func FuzzCertificateKey(f *testing.F) {
	f.Add(mustCertificate(f, device(1)).Certificate[0])
	f.Add(withKey(f, [key.Size]byte{}))
	f.Add(withKey(f, [key.Size]byte(bytes.Repeat([]byte{0xff}, key.Size))))
	f.Add(ecdsaCertificate(f).Certificate[0])
	f.Fuzz(func(t *testing.T, der []byte) {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		k, err := certificateKey([]*x509.Certificate{cert})
		if err != nil {
			if k != (key.Endpoint{}) {
				t.Errorf("key %s with error %v", k, err)
			}
			return
		}
		public, ok := cert.PublicKey.(ed25519.PublicKey)
		if !ok || !bytes.Equal(public, k[:]) || !key.Usable(k) {
			t.Errorf("accepted %x as %s", cert.RawSubjectPublicKeyInfo, k)
		}
	})
}
