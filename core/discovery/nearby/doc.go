// Package nearby finds devices on the same network by multicast DNS (RFC 6762,
// RFC 6763) without telling that network who is there.
//
// [New] makes a [Service], [Service.Run] works until its context ends. It
// announces this device to those that know its key, hears theirs ([Config.Found],
// [Service.Lookup], which makes it a discovery.Source), and, while a join screen
// is open, announces that ([Service.Show], [Service.Hide]; [Service.Screens] lists
// the screens of others). It says nothing while there is nobody who could
// understand it and no screen is open.
//
// # What is announced
//
// One instance of _mdn._udp.local on each link, with the addresses of that link:
//
//	_mdn._udp.local          PTR  <salt>._mdn._udp.local
//	<salt>._mdn._udp.local   SRV  0 0 <port> <salt>.local
//	<salt>._mdn._udp.local   TXT  "v=1" "h=<hash>"
//	<salt>.local             A, AAAA
//
// Salt is 16 fresh random bytes, hash the first 16 bytes of
//
//	derive_key mdn-nearby/1 (endpoint 32 | day u32 | salt 16 | port u16 | addresses)
//
// both in lower-case base32 without padding. Day is the announcer's unix time in
// days, integers are big-endian, addresses are those of the A and AAAA records,
// each as 16 bytes (IPv4 as IPv4-mapped), ascending. So only who knows the
// endpoint's key learns anything, and only such a one could have made it: the
// addresses can't be changed, and one that was recorded says nothing two days
// later or somewhere else. Who hears one tries each key it knows, with today and
// two days before and after: devices whose clocks are further apart find each
// other by known addresses only.
//
// A salt lives 15 to 20 minutes, less if the link's addresses change. The names
// hold nothing of the device: neither the machine's name nor anything derived
// from a key without the salt. What remains visible is that some device here runs
// Meadow, under the address and the port at which it is dialled anyway; the port
// stays the same, so that an observer of two networks may guess by it.
//
// An open join screen is a further instance with
//
//	TXT  "v=1" "e=<endpoint>" "k=<secret>" "x=<expires>" "n=<name>" "p=<platform>"
//
// where endpoint and secret are those of the ticket in base32, expires is its unix
// time in seconds in decimal, the name has at most 200 bytes and the platform 40.
// The secret is then known to this network as it is to all who see the QR code.
// It doesn't have to be kept from them: what joins two devices is the code that a
// person reads on one and types on the other, see package mdn. Whoever is on the
// network can spoil an attempt, which is noticed, and show screens of any name: a
// name is only a name until the code has been typed on the device in one's hand.
//
// # Manners
//
// Names are random, so they aren't probed for, and records carry no cache-flush
// bit. An instance is announced three times in three seconds, answered for
// after 20 to 120 ms and at most once a second, and withdrawn (time to live 0)
// when it ends. Questions are asked at start, when the network changes, when a
// device was added and when someone looks for screens, each time at doubled or
// larger intervals up to an hour, with the answers that are known already.
// Answers are always multicast; queries from ports other than 5353 get none, so
// nobody can have us send to anyone else. Each link and family has a socket of
// its own, bound to the group and not to the port of all addresses, so that
// answers meant for another responder on this machine aren't taken from it.
//
// # Bounds
//
// At most 1,000 messages a second are read, the rest is left to the system to
// drop; at most 20,000 hashes a second are tried. Kept are four sightings of each
// known device, 64 screens, four of one sender, and 1,024 announcements of
// strangers, so as not to try them again. Addresses must be of the link, private
// or link-local; what is found is only ever dialled, and proves its key there.
//
// # Why not a library
//
// hashicorp/mdns (v1.0) looks at the interfaces once, announces on the default
// one only, answers by unicast and whatever the asker knows already. pion/mdns
// (v2) resolves host names, not services, on the interfaces of its start. Both
// bind the port of all addresses. iroh's own service, _irohv1._udp.local, names
// its instances after the endpoint's key, which is what is to be hidden here. What
// is needed is little: one service, one packet that says everything. dnsmessage,
// which Go's own resolver uses, reads and writes it.
//
// Checked with two namespaces on a cable (TestLabNearby… of app/meadow, make lab):
// devices that were both restarted under other addresses and ports are in step 50
// to 70 ms after the second is ready, 250 ms after a cable is plugged in, 30 to
// 300 ms after one got another address; 100,000 foreign announcements within 1.2 s
// leave the process 2 MiB larger. Beside avahi-daemon 0.8 on one of the two
// machines both find what they look for; avahi resolves a join screen's records,
// and forgets them when it closes.
package nearby
