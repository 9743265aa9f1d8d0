package nearby

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/dns/dnsmessage"
)

var errForeign = errors.New("not a message of this service")

// decode reads a message. It returns the question of a query, or all that a
// response announces of this service.
func decode(b []byte) (*question, []announcement, error) {
	var p dnsmessage.Parser
	h, err := p.Start(b)
	if err != nil || len(b) > maxMessage || h.OpCode != 0 || h.RCode != 0 {
		return nil, nil, errForeign
	}
	if h.Response {
		said, err := decodeResponse(&p)
		return nil, said, err
	}
	q, err := decodeQuestion(&p)
	return q, nil, err
}

// instanceOf returns the salt in an instance's or a host's name.
func instanceOf(n dnsmessage.Name, parent string) (s salt, ok bool) {
	full := n.String()
	label := len(full) - len(parent) - 1
	if label < 0 || full[label] != '.' || !strings.EqualFold(full[label+1:], parent) {
		return s, false
	}
	return s, decodeText(s[:], strings.ToLower(full[:label]))
}

func isService(n dnsmessage.Name) bool { return strings.EqualFold(n.String(), service) }

func decodeQuestion(p *dnsmessage.Parser) (*question, error) {
	q := &question{known: make(map[salt]time.Duration)}
	for range maxRecords {
		asked, err := p.Question()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			break
		}
		if err != nil {
			return nil, err
		}
		q.take(asked)
	}
	if !q.all && len(q.named) == 0 {
		return nil, errForeign
	}
	if p.SkipAllQuestions() == nil {
		_ = q.answers(p) // what was asked counts all the same
	}
	return q, nil
}

func (q *question) take(asked dnsmessage.Question) {
	if isService(asked.Name) && (asked.Type == dnsmessage.TypePTR || asked.Type == dnsmessage.TypeALL) {
		q.all = true
	}
	for _, parent := range []string{service, domain} {
		if s, ok := instanceOf(asked.Name, parent); ok {
			q.named = append(q.named, s)
		}
	}
}

// answers takes in what the asker knows.
func (q *question) answers(p *dnsmessage.Parser) error {
	for range maxRecords {
		h, err := p.AnswerHeader()
		if err != nil {
			return err
		}
		if h.Type != dnsmessage.TypePTR || !isService(h.Name) {
			if err := p.SkipAnswer(); err != nil {
				return err
			}
			continue
		}
		r, err := p.PTRResource()
		if err != nil {
			return err
		}
		if s, ok := instanceOf(r.PTR, service); ok {
			q.known[s] = time.Duration(h.TTL) * time.Second
		}
	}
	return nil
}

// records collects what a response says, before it is known what belongs
// together.
type records struct {
	order []salt // of the pointers
	ttl   map[salt]time.Duration
	ports map[salt]uint16
	texts map[salt][]string
	addrs map[salt][]netip.Addr
}

func decodeResponse(p *dnsmessage.Parser) ([]announcement, error) {
	if err := p.SkipAllQuestions(); err != nil {
		return nil, err
	}
	r := records{
		ttl: make(map[salt]time.Duration), ports: make(map[salt]uint16),
		texts: make(map[salt][]string), addrs: make(map[salt][]netip.Addr),
	}
	left := maxRecords
	if err := r.section(&left, p.AnswerHeader, p.SkipAnswer, p); err != nil {
		return nil, err
	}
	if len(r.order) == 0 {
		return nil, errForeign // most messages of a network end here
	}
	if err := p.SkipAllAuthorities(); err != nil {
		return nil, err
	}
	if err := r.section(&left, p.AdditionalHeader, p.SkipAdditional, p); err != nil {
		return nil, err
	}
	var said []announcement
	for _, s := range r.order {
		if a, ok := r.announcement(s); ok {
			said = append(said, a)
		}
	}
	return said, nil
}

// section reads the records of one section.
func (r *records) section(left *int, next func() (dnsmessage.ResourceHeader, error), skip func() error, p *dnsmessage.Parser) error {
	for {
		h, err := next()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return nil
		}
		if err != nil {
			return err
		}
		if *left--; *left < 0 {
			return fmt.Errorf("more than %d records", maxRecords)
		}
		taken, err := r.take(h, p)
		if err == nil && !taken {
			err = skip()
		}
		if err != nil {
			return err
		}
	}
}

// take keeps a record that is of this service.
func (r *records) take(h dnsmessage.ResourceHeader, p *dnsmessage.Parser) (taken bool, err error) {
	instance, isInstance := instanceOf(h.Name, service)
	host, isHost := instanceOf(h.Name, domain)
	switch {
	case h.Type == dnsmessage.TypePTR && isService(h.Name):
		return true, r.takePointer(h, p)
	case h.Type == dnsmessage.TypeSRV && isInstance:
		srv, err := p.SRVResource()
		if s, ok := instanceOf(srv.Target, domain); ok && s == instance {
			r.ports[instance] = srv.Port
		}
		return true, err
	case h.Type == dnsmessage.TypeTXT && isInstance:
		txt, err := p.TXTResource()
		r.texts[instance] = txt.TXT
		return true, err
	case h.Type == dnsmessage.TypeA && isHost:
		a, err := p.AResource()
		r.addrs[host] = append(r.addrs[host], netip.AddrFrom4(a.A))
		return true, err
	case h.Type == dnsmessage.TypeAAAA && isHost:
		a, err := p.AAAAResource()
		r.addrs[host] = append(r.addrs[host], netip.AddrFrom16(a.AAAA))
		return true, err
	}
	return false, nil
}

func (r *records) takePointer(h dnsmessage.ResourceHeader, p *dnsmessage.Parser) error {
	ptr, err := p.PTRResource()
	if err != nil {
		return err
	}
	if s, ok := instanceOf(ptr.PTR, service); ok {
		if _, twice := r.ttl[s]; !twice {
			r.order = append(r.order, s)
		}
		r.ttl[s] = time.Duration(h.TTL) * time.Second
	}
	return nil
}

// announcement puts together what was said of one instance.
func (r *records) announcement(s salt) (a announcement, ok bool) {
	a = announcement{salt: s, ttl: r.ttl[s]}
	if a.ttl == 0 {
		return a, true
	}
	addrs := r.addrs[s]
	values := make(map[string]string)
	for _, t := range r.texts[s] {
		k, v, _ := strings.Cut(t, "=")
		if _, twice := values[strings.ToLower(k)]; !twice {
			values[strings.ToLower(k)] = v
		}
	}
	a.place = newPlace(r.ports[s], addrs)
	if a.port == 0 || len(addrs) == 0 || len(addrs) > maxAddrs || values["v"] != version {
		return a, false
	}
	if decodeText(a.hash[:], values["h"]) {
		a.ttl = min(a.ttl, maxTTL)
		return a, true
	}
	a.ttl = min(a.ttl, maxScreenTTL)
	a.screen, ok = decodeScreen(values)
	return a, ok
}

func decodeScreen(values map[string]string) (*Screen, bool) {
	s := &Screen{Name: values["n"], Platform: values["p"]}
	expires, err := strconv.ParseInt(values["x"], 10, 64)
	s.Expires = time.Unix(expires, 0).UTC()
	ok := err == nil && expires >= 0 && expires < 1<<40 && s.Name != "" && len(s.Name) <= maxName &&
		len(s.Platform) <= maxPlatform && utf8.ValidString(s.Name) && utf8.ValidString(s.Platform)
	return s, ok && decodeText(s.Endpoint[:], values["e"]) && decodeText(s.Secret[:], values["k"])
}
