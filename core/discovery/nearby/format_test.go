package nearby

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"meadow/core/key"
)

var update = flag.Bool("update", false, "write testdata/messages.json if it isn't there")

func addrs(texts ...string) (all []netip.Addr) {
	for _, s := range texts {
		all = append(all, netip.MustParseAddr(s))
	}
	return all
}

// samples are an announcement of each kind.
func samples() map[string]announcement {
	where := newPlace(4711, addrs("192.168.1.20", "fe80::1", "fd00::2"))
	s := salt{1, 2, 3, 15: 16}
	tag := announcement{salt: s, ttl: 20 * time.Minute, place: where}
	tag.hash = newHasher().hash(device(1), 20_000, s, where)
	return map[string]announcement{
		"device": tag,
		"gone":   {salt: s},
		"screen": {salt: s, ttl: time.Minute, place: where, screen: &Screen{
			Name: "Ada's phone", Platform: "linux", Endpoint: device(2), Secret: [16]byte{7},
			Expires: time.Unix(1_800_000_000, 0).UTC(),
		}},
	}
}

// TestGolden compares with vectors that were made once: they are what other
// versions send.
func TestGolden(t *testing.T) {
	got := map[string]string{"question": hex.EncodeToString(encodeQuestion(map[salt]time.Duration{{5}: time.Minute}))}
	for name, a := range samples() {
		got[name] = hex.EncodeToString(encode(a))
	}
	tag := samples()["device"].hash
	got["hash"] = hex.EncodeToString(tag[:])
	const path = "testdata/messages.json"
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) && *update {
		if b, err = json.MarshalIndent(got, "", "  "); err == nil {
			err = os.WriteFile(path, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("have %v\nwant %v", got, want)
	}
}

func TestRoundTrip(t *testing.T) {
	for name, a := range samples() {
		q, said, err := decode(encode(a))
		if err != nil || q != nil || len(said) != 1 || !reflect.DeepEqual(said[0], a) {
			t.Errorf("%s: %+v, %v, want %+v", name, said, err, a)
		}
	}
	known := map[salt]time.Duration{{1}: time.Minute, {2}: time.Hour}
	q, said, err := decode(encodeQuestion(known))
	if err != nil || said != nil || !q.all || !reflect.DeepEqual(q.known, known) {
		t.Errorf("question: %+v, %v", q, err)
	}
}

// TestNothingLeaks: what is sent for a device holds no part of its key.
func TestNothingLeaks(t *testing.T) {
	id := device(1)
	b := encode(samples()["device"])
	for i := range len(id) - 3 {
		part := id[i : i+4]
		for _, form := range []string{string(part), hex.EncodeToString(part), text(part)[:6]} {
			if strings.Contains(string(b), form) {
				t.Errorf("%q is in the announcement", form)
			}
		}
	}
}

func TestMatch(t *testing.T) {
	h, a := newHasher(), samples()["device"]
	known := []key.Endpoint{device(9), device(1), device(8)}
	for today, want := range map[uint32]bool{
		19_997: false, 19_998: true, 19_999: true, 20_000: true, 20_001: true, 20_002: true, 20_003: false,
	} {
		if id, ok := h.match(known, today, a); ok != want || ok && id != device(1) {
			t.Errorf("on day %d: %v, %v", today, id, ok)
		}
	}
	if _, ok := h.match([]key.Endpoint{device(2)}, 20_000, a); ok {
		t.Error("a stranger's announcement was recognised")
	}
	for name, change := range map[string]func(a *announcement){
		"port":    func(a *announcement) { a.port++ },
		"salt":    func(a *announcement) { a.salt[0]++ },
		"address": func(a *announcement) { a.addrs = addrs("192.168.1.21", "fd00::2", "fe80::1") },
		"fewer":   func(a *announcement) { a.addrs = a.addrs[1:] },
		"hash":    func(a *announcement) { a.hash[0]++ },
	} {
		b := a
		b.addrs = slices.Clone(a.addrs)
		change(&b)
		if _, ok := h.match(known, 20_000, b); ok {
			t.Errorf("a changed %s wasn't noticed", name)
		}
	}
}

// TestRefuses: what isn't whole or too large is dropped.
func TestRefuses(t *testing.T) {
	good := samples()
	for name, change := range map[string]func(m *dnsmessage.Message){
		"no pointer":    func(m *dnsmessage.Message) { m.Answers = nil },
		"no texts":      func(m *dnsmessage.Message) { m.Additionals = slices.Delete(m.Additionals, 1, 2) },
		"no service":    func(m *dnsmessage.Message) { m.Additionals = m.Additionals[1:] },
		"no address":    func(m *dnsmessage.Message) { m.Additionals = m.Additionals[:2] },
		"other version": func(m *dnsmessage.Message) { txt(m).TXT[0] = "v=2" },
		"bad hash":      func(m *dnsmessage.Message) { txt(m).TXT[1] = "h=abc" },
		"long hash":     func(m *dnsmessage.Message) { txt(m).TXT[1] += "a" },
		"port 0":        func(m *dnsmessage.Message) { m.Additionals[0].Body.(*dnsmessage.SRVResource).Port = 0 },
		"error":         func(m *dnsmessage.Message) { m.RCode = dnsmessage.RCodeNameError },
		"other host": func(m *dnsmessage.Message) {
			m.Additionals[0].Body.(*dnsmessage.SRVResource).Target = hostName(salt{99})
		},
		"many addresses": func(m *dnsmessage.Message) {
			for i := range 9 {
				r := m.Additionals[2]
				r.Body = &dnsmessage.AResource{A: [4]byte{10, 0, 0, byte(i)}}
				m.Additionals = append(m.Additionals, r)
			}
		},
		"many records": func(m *dnsmessage.Message) {
			for range maxRecords {
				m.Answers = append(m.Answers, m.Additionals[2])
			}
		},
	} {
		var m dnsmessage.Message
		if err := m.Unpack(encode(good["device"])); err != nil {
			t.Fatal(err)
		}
		change(&m)
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if _, said, _ := decode(b); len(said) > 0 {
			t.Errorf("%s: taken as %+v", name, said)
		}
	}
	for name, change := range map[string]func(s *Screen){
		"no name":   func(s *Screen) { s.Name = "" },
		"not UTF-8": func(s *Screen) { s.Name = "\xff" },
		"before":    func(s *Screen) { s.Expires = time.Unix(-1, 0) },
		"never":     func(s *Screen) { s.Expires = time.Unix(1<<41, 0) },
	} {
		a := good["screen"]
		s := *a.screen
		change(&s)
		a.screen = &s
		if _, said, _ := decode(encode(a)); len(said) > 0 {
			t.Errorf("screen, %s: taken as %+v", name, said[0].screen)
		}
	}
}

func txt(m *dnsmessage.Message) *dnsmessage.TXTResource {
	return m.Additionals[1].Body.(*dnsmessage.TXTResource)
}

func TestClip(t *testing.T) {
	a := samples()["screen"]
	s := *a.screen
	s.Name, s.Platform = strings.Repeat("ä", 150), strings.Repeat("p", 41)
	a.screen = &s
	_, said, err := decode(encode(a))
	if err != nil || len(said) != 1 {
		t.Fatal(said, err)
	}
	if got := said[0].screen; got.Name != strings.Repeat("ä", 100) || len(got.Platform) != 40 {
		t.Errorf("%q, %q", got.Name, got.Platform)
	}
}

// TestAnyCase: names mean the same in any case (RFC 6762, 16).
func TestAnyCase(t *testing.T) {
	var m dnsmessage.Message
	if err := m.Unpack(encode(samples()["device"])); err != nil {
		t.Fatal(err)
	}
	upper := func(n *dnsmessage.Name) { *n = dnsmessage.MustNewName(strings.ToUpper(n.String())) }
	upper(&m.Answers[0].Header.Name)
	upper(&m.Answers[0].Body.(*dnsmessage.PTRResource).PTR)
	for i := range m.Additionals {
		upper(&m.Additionals[i].Header.Name)
		m.Additionals[i].Header.Class |= 1 << 15 // a cache-flush bit
	}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, said, err := decode(b); err != nil || len(said) != 1 || !reflect.DeepEqual(said[0], samples()["device"]) {
		t.Errorf("%+v, %v", said, err)
	}
}

func TestQuestionByName(t *testing.T) {
	s := salt{1}
	for _, name := range []dnsmessage.Name{instanceName(s), hostName(s)} {
		m := dnsmessage.Message{Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeALL, Class: 1 | 1<<15}}}
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		q, _, err := decode(b)
		if err != nil || !q.asks(s, time.Minute) || q.asks(salt{2}, time.Minute) {
			t.Errorf("%v: %+v, %v", name, q, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, a := range samples() {
		f.Add(encode(a))
	}
	f.Add(encodeQuestion(map[salt]time.Duration{{5}: time.Minute}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		q, said, err := decode(b)
		if err != nil && (q != nil || said != nil) {
			t.Error("an error and a result")
		}
		if q != nil && (len(q.named) > maxRecords || len(q.known) > maxRecords) || len(said) > maxRecords {
			t.Error("more than fits")
		}
		for _, a := range said {
			if a.ttl == 0 {
				continue
			}
			if len(a.addrs) == 0 || len(a.addrs) > maxAddrs || a.ttl > maxTTL {
				t.Errorf("unbounded: %+v", a)
			}
			_, again, err := decode(encode(a))
			if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0], a) {
				t.Errorf("read %+v, then %+v, %v", a, again, err)
			}
			link{nets: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/8")}}.dialable(a.place)
		}
	})
}
