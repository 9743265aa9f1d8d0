package key

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// rfc8032 is the first test vector of RFC 8032, section 7.1.
const (
	rfc8032Seed   = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
	rfc8032Public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
)

func TestTextForms(t *testing.T) {
	seed, err := parse(rfc8032Seed)
	if err != nil {
		t.Fatal(err)
	}
	d := DeviceFromSeed(seed)
	if d.Receiver().String() != rfc8032Public || d.Endpoint().String() != rfc8032Public {
		t.Errorf("the public key is %v, want %v", d.Receiver(), rfc8032Public)
	}
	if got, err := ParseEndpoint(strings.ToUpper(rfc8032Public)); got != d.Endpoint() || err != nil {
		t.Errorf("ParseEndpoint = %v, %v", got, err)
	}
	if got, err := ParseReceiver(rfc8032Public); got != d.Receiver() || err != nil {
		t.Errorf("ParseReceiver = %v, %v", got, err)
	}
	if got, err := ParseNamespace(rfc8032Public); got.String() != rfc8032Public || err != nil {
		t.Errorf("ParseNamespace = %v, %v", got, err)
	}
	for _, bad := range []string{"", "00", rfc8032Public + "00", rfc8032Public[:63], "x" + rfc8032Public[1:], " " + rfc8032Public[:62] + " "} {
		if got, err := ParseReceiver(bad); !errors.Is(err, ErrFormat) || got != (Receiver{}) {
			t.Errorf("ParseReceiver(%q) = %v, %v", bad, got, err)
		}
	}
}

// TestSecretsHide prints secrets in every way that fmt has.
func TestSecretsHide(t *testing.T) {
	d, n := NewDevice(), NewOwnedNamespace()
	seed, other := d.Seed(), n.Seed()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		for _, v := range []any{d, &d, n, struct{ Key Device }{d}, []Device{d}} {
			got := strings.ToLower(fmt.Sprintf(verb, v))
			for _, hidden := range []string{
				fmt.Sprintf("%x", seed), fmt.Sprintf("%x", other), strings.Trim(fmt.Sprint(seed), "[]"), strings.Trim(fmt.Sprint(other), "[]"),
			} {
				if strings.Contains(got, hidden) {
					t.Errorf("%s prints a secret", verb)
				}
			}
		}
	}
}

func TestNamespaces(t *testing.T) {
	for range 20 {
		s := NewOwnedNamespace()
		n := s.Namespace()
		if !n.Owned() || !n.Creatable() || n[0] <= 4 || n[31]&1 == 0 || !Usable(n) {
			t.Errorf("NewOwnedNamespace made %v", n)
		}
		if again := NamespaceFromSeed(s.Seed()).Namespace(); again != n {
			t.Errorf("its seed gives %v, not %v", again, n)
		}
	}
	for n, want := range map[Namespace]bool{{0: 4, 31: 1}: false, {0: 5, 31: 1}: true, {0: 5, 31: 2}: false, {0: 0xff, 31: 0xff}: true} {
		if n.Creatable() != want {
			t.Errorf("%v.Creatable() = %v", n, !want)
		}
	}
}

func TestZeroSecret(t *testing.T) {
	if !(Device{}).IsZero() || !(NamespaceSecret{}).IsZero() || NewDevice().IsZero() {
		t.Error("IsZero doesn't tell a key from none")
	}
}
