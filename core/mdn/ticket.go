package mdn

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"meadow/core/key"
)

// Limits and times of tickets.
const (
	TicketLifetime  = 60 * time.Second
	ContactLifetime = 5 * time.Minute // of a ticket for a person, which may have to be sent
	maxAddrs        = 16              // in a ticket: it must fit a QR code that a camera can read
	maxTicketText   = 2048
	rememberedOnes  = 64 // retired tickets, to say what is wrong with one
	triesToRest     = 3
	restAfterTries  = 10 * time.Minute
)

// ErrTicket is wrapped by every error about a ticket's text, ErrOtherTicket by that
// about a ticket of the other kind.
var (
	ErrTicket      = errors.New("not a ticket")
	ErrOtherTicket = errors.New("a ticket for something else")
)

// Ticket is what a device shows as a QR code: how to dial it, and a secret that
// proves to it that it was scanned. It is worth one attempt, within [TicketLifetime]
// or [ContactLifetime] by the clock of the device that shows it.
type Ticket struct {
	Contact  bool // for a person to become known, not for a device to join
	Endpoint key.Endpoint
	Secret   [16]byte
	Addrs    []netip.AddrPort // at most 16, without zones
	Expires  time.Time        // to the second
}

// What the text of a ticket begins with, and a link to one for a person.
const (
	ticketPrefix  = "mdnpair1"
	contactPrefix = "mdncontact1"
	LinkScheme    = "meadow://"
	contactLink   = LinkScheme + "contact?"
)

func (t Ticket) prefix() string {
	if t.Contact {
		return contactPrefix
	}
	return ticketPrefix
}

// Link returns a link that opens Meadow with the ticket of a person.
func (t Ticket) Link() string { return contactLink + t.String() }

var ticketEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// String returns the ticket's text, which is secret until it has been used:
// mdnpair1, or mdncontact1 for a person; then in lower-case base32 without padding
//
//	endpoint 32 | secret 16 | expires u64, unix seconds | number of addresses u8
//
// and for each address 4 or 16 as u8, so many bytes of IP, and the port as u16;
// integers are big-endian.
func (t Ticket) String() string {
	b := slices.Concat(t.Endpoint[:], t.Secret[:])
	b = binary.BigEndian.AppendUint64(b, uint64(max(t.Expires.Unix(), 0)))
	addrs := usableAddrs(t.Addrs)
	b = append(b, byte(len(addrs)))
	for _, a := range addrs {
		ip := a.Addr().AsSlice()
		b = append(append(b, byte(len(ip))), ip...)
		b = binary.BigEndian.AppendUint16(b, a.Port())
	}
	return t.prefix() + strings.ToLower(ticketEncoding.EncodeToString(b))
}

// usableAddrs leaves out addresses that mean nothing on another host, and those
// that don't fit.
func usableAddrs(addrs []netip.AddrPort) []netip.AddrPort {
	var usable []netip.AddrPort
	for _, a := range addrs {
		a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
		if a.IsValid() && a.Addr().Zone() == "" && !a.Addr().IsUnspecified() && len(usable) < maxAddrs {
			usable = append(usable, a)
		}
	}
	return usable
}

// ParseTicket reads the text of a ticket of a device, in any case and with any white
// space. It doesn't say whether the ticket has expired: only the clock of the device
// that shows it counts.
func ParseTicket(s string) (Ticket, error) { return parseTicket(s, false) }

// ParseContactTicket is ParseTicket for the ticket of a person, or a link to one.
func ParseContactTicket(s string) (Ticket, error) { return parseTicket(s, true) }

func parseTicket(s string, contact bool) (Ticket, error) {
	if len(s) > maxTicketText {
		return Ticket{}, fmt.Errorf("%w: too long", ErrTicket)
	}
	s = strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
	want, other := Ticket{Contact: contact}, Ticket{Contact: !contact}
	if contact {
		s = inLink(s, want.prefix())
	}
	text, ok := strings.CutPrefix(s, want.prefix())
	switch {
	case !ok && strings.HasPrefix(inLink(s, other.prefix()), other.prefix()):
		return Ticket{}, fmt.Errorf("%w: %w", ErrTicket, ErrOtherTicket)
	case !ok:
		return Ticket{}, fmt.Errorf("%w: it doesn't begin with %q", ErrTicket, want.prefix())
	}
	b, err := ticketEncoding.DecodeString(strings.ToUpper(text))
	if err != nil {
		return Ticket{}, fmt.Errorf("%w: not base32", ErrTicket)
	}
	t, err := decodeTicket(b)
	t.Contact = contact
	if err != nil || t.String() != s {
		return Ticket{}, fmt.Errorf("%w: damaged", ErrTicket)
	}
	return t, nil
}

// inLink returns the ticket that a link has, as it may have been normalised on its way;
// what isn't a link as it is.
func inLink(s, prefix string) string {
	if i := strings.Index(s, prefix); i >= 0 && strings.HasPrefix(s, LinkScheme) {
		s, _, _ = strings.Cut(s[i:], "#")
		s = strings.TrimRight(s, "/")
	}
	return s
}

var errTruncated = errors.New("truncated")

func decodeTicket(b []byte) (t Ticket, err error) {
	const fixed = key.Size + len(t.Secret) + 8 + 1
	if len(b) < fixed {
		return t, errTruncated
	}
	rest := b[copy(t.Endpoint[:], b):]
	rest = rest[copy(t.Secret[:], rest):]
	expires := binary.BigEndian.Uint64(rest)
	if expires > 1<<40 {
		return t, errors.New("expires too late")
	}
	t.Expires = time.Unix(int64(expires), 0).UTC()
	n := int(rest[8])
	rest = rest[9:]
	for range n {
		if len(rest) < 1 || len(rest) < 1+int(rest[0])+2 {
			return t, errTruncated
		}
		ip, ok := netip.AddrFromSlice(rest[1 : 1+int(rest[0])])
		if !ok {
			return t, errors.New("bad address")
		}
		rest = rest[1+int(rest[0]):]
		t.Addrs = append(t.Addrs, netip.AddrPortFrom(ip, binary.BigEndian.Uint16(rest)))
		rest = rest[2:]
	}
	if len(rest) > 0 {
		return t, errors.New("trailing bytes")
	}
	return t, nil
}

// RestError says that the joining device shows no tickets for a while, since
// several attempts failed.
type RestError struct {
	Until time.Time
}

func (e *RestError) Error() string { return "too many failed attempts to pair" }

// Tickets are those that a device has issued. Each is worth one attempt;
// after three that failed once a code was typed there are none for ten minutes.
// Methods may be called concurrently.
type Tickets struct {
	endpoint key.Endpoint
	contact  bool
	lifetime time.Duration
	now      func() time.Time

	mu     sync.Mutex     // guards what follows
	issued []issued       // the last one may be open
	failed Failures       // so far
	keep   func(Failures) // nil: nothing outlasts these tickets
}

// Failures are the attempts on a joining device that came to nothing after a code
// was typed.
type Failures struct {
	Count int       // since the last rest
	Rest  time.Time // there are no tickets before; zero if there never was a rest
}

// issued is a ticket that was issued. When it is over is counted by the clock
// that can't be set, where there is one: what Expires says is for people.
type issued struct {
	Ticket
	until time.Time
	used  bool
}

// NewTickets returns the tickets of a joining device, of which there are none yet.
func NewTickets(endpoint key.Endpoint, now func() time.Time) *Tickets {
	return &Tickets{endpoint: endpoint, now: now, lifetime: TicketLifetime}
}

// NewContactTickets returns the tickets of a device whose account is to become known
// to a person.
func NewContactTickets(endpoint key.Endpoint, now func() time.Time) *Tickets {
	return &Tickets{endpoint: endpoint, now: now, lifetime: ContactLifetime, contact: true}
}

// Resume goes on with the failures of tickets before these, and has each change
// of them kept. It is called before the first ticket is issued.
func (t *Tickets) Resume(f Failures, keep func(Failures)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed, t.keep = f, keep
}

// Issue makes a new ticket and ends the one before. The error is a [*RestError].
func (t *Tickets) Issue(addrs []netip.AddrPort) (Ticket, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if latest := now.Add(restAfterTries); t.failed.Rest.After(latest) {
		t.failed.Rest = latest // the clock was set back
	}
	if now.Before(t.failed.Rest) {
		return Ticket{}, &RestError{Until: t.failed.Rest}
	}
	ticket := Ticket{
		Contact:  t.contact,
		Endpoint: t.endpoint,
		Addrs:    usableAddrs(addrs),
		Expires:  now.Add(t.lifetime).Truncate(time.Second).UTC(),
	}
	rand.Read(ticket.Secret[:]) // never fails, see crypto/rand
	if n := len(t.issued); n >= rememberedOnes {
		t.issued = slices.Delete(t.issued, 0, n-rememberedOnes+1)
	}
	t.issued = append(t.issued, issued{Ticket: ticket, until: now.Add(t.lifetime)})
	return ticket, nil
}

// Open reports whether the last ticket issued is still worth an attempt: it has
// neither been used nor expired.
func (t *Tickets) Open() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.issued)
	return n > 0 && !t.issued[n-1].used && t.now().Before(t.issued[n-1].until)
}

// take uses up the ticket that a dialling device proved to have scanned. An error
// leaves all tickets as they were: only who has scanned the last one can end it.
func (t *Tickets) take(proved func(secret [16]byte) bool) (secret [16]byte, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.issued, func(i issued) bool { return proved(i.Secret) })
	switch {
	case i < 0:
		return secret, &PairError{Reason: ReasonRefused}
	case t.issued[i].used:
		return secret, &PairError{Reason: ReasonUsed}
	case i < len(t.issued)-1 || !t.now().Before(t.issued[i].until):
		return secret, &PairError{Reason: ReasonExpired}
	}
	t.issued[i].used = true
	return t.issued[i].Secret, nil
}

// fail counts an attempt that came to nothing after a code was typed.
func (t *Tickets) fail() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failed.Count++; t.failed.Count >= triesToRest {
		t.failed = Failures{Rest: t.now().Add(restAfterTries)}
	}
	if t.keep != nil {
		t.keep(t.failed)
	}
}
