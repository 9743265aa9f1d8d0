package nearby

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"time"

	"meadow/core/key"
)

const (
	maxSightings = 4 // of one device
	maxScreens   = 64
	maxPerSender = 4 // screens
	maxStrangers = 1024
)

// sighting is one instance of a known device, heard on a link.
type sighting struct {
	salt  salt
	addrs []netip.AddrPort // likeliest first
	until time.Time
	link  int
}

// heardScreen is one instance of a join screen.
type heardScreen struct {
	Screen
	until  time.Time
	at     time.Time
	link   int
	sender netip.Addr
}

// cache is what was heard of others. It isn't safe for concurrent use.
type cache struct {
	devices   map[key.Endpoint][]sighting // newest first
	screens   map[salt]heardScreen
	seed      maphash.Seed
	strangers map[uint64]struct{} // announcements that match no known device
}

func newCache() *cache {
	c := &cache{
		devices: make(map[key.Endpoint][]sighting), screens: make(map[salt]heardScreen), seed: maphash.MakeSeed(),
	}
	c.forgetStrangers()
	return c
}

// forgetStrangers is for when more devices are known.
func (c *cache) forgetStrangers() { c.strangers = make(map[uint64]struct{}) }

// fingerprint is over all that a hash covers, and the hash.
func (c *cache) fingerprint(a announcement) uint64 {
	b := a.append(append(a.hash[:], a.salt[:]...))
	return maphash.Bytes(c.seed, b)
}

func (c *cache) isStranger(a announcement) bool {
	_, ok := c.strangers[c.fingerprint(a)]
	return ok
}

// putStranger remembers an announcement in vain; of too many any one goes.
func (c *cache) putStranger(a announcement) {
	for old := range c.strangers {
		if len(c.strangers) < maxStrangers {
			break
		}
		delete(c.strangers, old)
	}
	c.strangers[c.fingerprint(a)] = struct{}{}
}

// saw notes where a known device is and reports whether that is news.
func (c *cache) saw(id key.Endpoint, s sighting, now time.Time) (news bool) {
	before := c.where(id, now)
	all := slices.DeleteFunc(c.devices[id], func(old sighting) bool { return old.salt == s.salt || !now.Before(old.until) })
	all = slices.Insert(all, 0, s)
	c.devices[id] = all[:min(len(all), maxSightings)]
	return slices.ContainsFunc(s.addrs, func(a netip.AddrPort) bool { return !slices.Contains(before, a) })
}

// where returns where a device is, the newest first.
func (c *cache) where(id key.Endpoint, now time.Time) (addrs []netip.AddrPort) {
	for _, s := range c.devices[id] {
		for _, a := range s.addrs {
			if now.Before(s.until) && !slices.Contains(addrs, a) && len(addrs) < maxAddrs {
				addrs = append(addrs, a)
			}
		}
	}
	return addrs
}

// showed notes a join screen, unless there are too many.
func (c *cache) showed(s salt, h heardScreen) {
	if _, again := c.screens[s]; !again {
		c.expire(h.at)
		sent := 0
		for _, other := range c.screens {
			if other.sender == h.sender {
				sent++
			}
		}
		if sent >= maxPerSender || len(c.screens) >= maxScreens {
			return
		}
	}
	c.screens[s] = h
}

// shown returns the join screens, the newest first, each once.
func (c *cache) shown(now time.Time) []Screen {
	var heard []heardScreen
	for _, h := range c.screens {
		if now.Before(h.until) {
			heard = append(heard, h)
		}
	}
	slices.SortFunc(heard, func(a, b heardScreen) int { return b.at.Compare(a.at) })
	var all []Screen
	for _, h := range heard {
		i := slices.IndexFunc(all, func(s Screen) bool { return s.Endpoint == h.Endpoint && s.Secret == h.Secret })
		if i < 0 {
			all = append(all, h.Screen)
			continue
		}
		for _, a := range h.Addrs {
			if !slices.Contains(all[i].Addrs, a) {
				all[i].Addrs = append(slices.Clip(all[i].Addrs), a)
			}
		}
	}
	return all
}

// gone forgets an instance that was withdrawn.
func (c *cache) gone(s salt) {
	c.forget(func(o sighting) bool { return o.salt == s }, func(o salt, _ heardScreen) bool { return o == s })
}

// lost forgets what was heard on a link.
func (c *cache) lost(link int) {
	c.forget(func(o sighting) bool { return o.link == link }, func(_ salt, h heardScreen) bool { return h.link == link })
}

// expire forgets what is over its time.
func (c *cache) expire(now time.Time) {
	c.forget(
		func(o sighting) bool { return !now.Before(o.until) },
		func(_ salt, h heardScreen) bool { return !now.Before(h.until) },
	)
}

func (c *cache) forget(device func(sighting) bool, screen func(salt, heardScreen) bool) {
	for id, all := range c.devices {
		if all = slices.DeleteFunc(all, device); len(all) == 0 {
			delete(c.devices, id)
		} else {
			c.devices[id] = all
		}
	}
	for s, h := range c.screens {
		if screen(s, h) {
			delete(c.screens, s)
		}
	}
}

// known returns the instances that needn't answer a question, and how long each
// is still remembered.
func (c *cache) known(link int, now time.Time) map[salt]time.Duration {
	all := make(map[salt]time.Duration)
	for _, sightings := range c.devices {
		for _, s := range sightings {
			if s.link == link && now.Before(s.until) {
				all[s.salt] = s.until.Sub(now)
			}
		}
	}
	return all
}
