package nearby

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/net/dns/dnsmessage"

	"meadow/core/key"
)

// Names and limits of the wire.
const (
	service      = "_mdn._udp.local."
	domain       = "local."
	version      = "1"
	maxMessage   = 9000 // RFC 6762, 17
	maxRecords   = 64   // that are looked at in one message
	maxTTL       = 30 * time.Minute
	maxScreenTTL = 90 * time.Second
	maxName      = 200 // bytes
	maxPlatform  = 40  // bytes
)

// Screen is an open join screen: who wants to join, and the ticket it shows.
type Screen struct {
	Name     string // at most 200 bytes; from the network: not to be trusted
	Platform string // at most 40 bytes; likewise
	Endpoint key.Endpoint
	Secret   [16]byte
	Expires  time.Time // to the second, by the joining device's clock
	// Addrs is where it was announced, likeliest first. Show doesn't read it.
	Addrs []netip.AddrPort
}

// announcement is what one instance says: a device's hash or a join screen.
type announcement struct {
	salt salt
	ttl  time.Duration // zero withdraws it, and nothing below is set then
	place
	hash   hash
	screen *Screen // nil if it is a device's
}

// question is a query for the service.
type question struct {
	all   bool                   // for all instances
	named []salt                 // for these instances or their hosts
	known map[salt]time.Duration // answers the asker has, and for how long
}

// asks reports whether the question wants to hear of an instance that lives for
// ttl.
func (q question) asks(s salt, ttl time.Duration) bool {
	if slices.Contains(q.named, s) {
		return true
	}
	known, ok := q.known[s]
	return q.all && (!ok || known < ttl/2)
}

var serviceName = dnsmessage.MustNewName(service)

func instanceName(s salt) dnsmessage.Name { return dnsmessage.MustNewName(text(s[:]) + "." + service) }

func hostName(s salt) dnsmessage.Name { return dnsmessage.MustNewName(text(s[:]) + "." + domain) }

// seconds is a time to live, rounded up so that only zero is zero.
func seconds(d time.Duration) uint32 { return uint32((max(d, 0) + time.Second - 1) / time.Second) }

// encodeQuestion makes a query for all instances but the known ones.
func encodeQuestion(known map[salt]time.Duration) []byte {
	m := dnsmessage.Message{Questions: []dnsmessage.Question{
		{Name: serviceName, Type: dnsmessage.TypePTR, Class: dnsmessage.ClassINET},
	}}
	for s, ttl := range known {
		if len(m.Answers) < maxRecords/2 {
			m.Answers = append(m.Answers, pointer(s, ttl))
		}
	}
	return pack(m)
}

func header(name dnsmessage.Name, ttl time.Duration) dnsmessage.ResourceHeader {
	return dnsmessage.ResourceHeader{Name: name, Class: dnsmessage.ClassINET, TTL: seconds(ttl)}
}

func pointer(s salt, ttl time.Duration) dnsmessage.Resource {
	return dnsmessage.Resource{Header: header(serviceName, ttl), Body: &dnsmessage.PTRResource{PTR: instanceName(s)}}
}

// encode makes the message that announces or withdraws a.
func encode(a announcement) []byte {
	instance, host := instanceName(a.salt), hostName(a.salt)
	m := dnsmessage.Message{
		Header:  dnsmessage.Header{Response: true, Authoritative: true},
		Answers: []dnsmessage.Resource{pointer(a.salt, a.ttl)},
	}
	if a.ttl <= 0 {
		return pack(m)
	}
	m.Additionals = []dnsmessage.Resource{
		{Header: header(instance, a.ttl), Body: &dnsmessage.SRVResource{Port: a.port, Target: host}},
		{Header: header(instance, a.ttl), Body: &dnsmessage.TXTResource{TXT: a.texts()}},
	}
	for _, ip := range a.addrs {
		r := dnsmessage.Resource{Header: header(host, a.ttl)}
		if ip.Is4() {
			r.Body = &dnsmessage.AResource{A: ip.As4()}
		} else {
			r.Body = &dnsmessage.AAAAResource{AAAA: ip.As16()}
		}
		m.Additionals = append(m.Additionals, r)
	}
	return pack(m)
}

func (a announcement) texts() []string {
	if s := a.screen; s != nil {
		return []string{
			"v=" + version, "e=" + text(s.Endpoint[:]), "k=" + text(s.Secret[:]),
			"x=" + strconv.FormatInt(s.Expires.Unix(), 10),
			"n=" + clip(s.Name, maxName), "p=" + clip(s.Platform, maxPlatform),
		}
	}
	return []string{"v=" + version, "h=" + text(a.hash[:])}
}

// clip shortens s to at most limit bytes of whole characters.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

func pack(m dnsmessage.Message) []byte {
	b, err := m.Pack()
	if err != nil {
		panic(fmt.Sprintf("message of our own: %v", err)) // names and texts are of known length
	}
	return b
}
