package scene

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"time"

	"meadow/core/node"
)

// Hostile is a name that would turn what is around it, run over lines and hide.
const Hostile = "Mal\u202egnp.exe\nlory\u200b\x1b[31m"

// people makes up who is known: Ana is here, Bob isn't, and Mallory is blocked.
func people(size Size) []node.Person {
	if size == Empty {
		return []node.Person{}
	}
	device := func(i int, name, platform string, online bool) node.PersonDevice {
		d := node.PersonDevice{Name: name, Endpoint: id("theirs", i), Kind: "full", Platform: platform, Online: online, LastSeen: ptr(at(50 * time.Hour))}
		if online {
			d.Path, d.LastSeen = "direct", ptr(at(0))
		}
		return d
	}
	all := []node.Person{
		{
			Name: "Ana Moreau", Calls: "Ana Moreau", Custodian: id("person", 0), Picture: portrait(), Online: true, LastSeen: ptr(at(0)), Added: at(40 * 24 * time.Hour),
			Devices: []node.PersonDevice{device(0, "Ana's laptop", "darwin", true), device(1, "Ana's phone", "android", false)},
		},
		{
			Name: "Bob", Calls: "bobby tables", Custodian: id("person", 1), LastSeen: ptr(at(50 * time.Hour)), Added: at(9 * 24 * time.Hour),
			Devices: []node.PersonDevice{device(2, "Tower", "windows", false)},
		},
		{
			Name: "Mallory", Calls: "Mallory", Custodian: id("person", 2), Blocked: true, LastSeen: ptr(at(90 * 24 * time.Hour)), Added: at(200 * 24 * time.Hour),
			Devices: []node.PersonDevice{device(3, "pc", "linux", false)},
		},
	}
	if size == Many {
		all = append(all, crowd(all)...)
	}
	for i := range all {
		if size == Long {
			all[i].Name, all[i].Calls = fmt.Sprintf("%s %d", longName, i), Hostile
			all[i].Devices[0].Name = longName
		}
	}
	if size == Long {
		all[2].Name = Hostile
	}
	return all
}

// crowd makes up 197 more, who are like the first two.
func crowd(like []node.Person) (all []node.Person) {
	first := []string{"Chloe", "David", "Elif", "Farid", "Greta", "Hanna", "Ivo", "Jun", "Klara", "Luis"}
	last := []string{"Weber", "Okafor", "Lindgren", "Rossi", "Tanaka", "Silva", "Novak", "Haddad", "Byrne", "Costa", "Popov", "Dahl"}
	for i := 3; i < 200; i++ {
		p := like[i%2]
		p.Name, p.Custodian, p.Picture = fmt.Sprintf("%s %s", first[i%len(first)], last[i/len(first)%len(last)]), id("person", i), nil
		if i >= 120 {
			p.Name += fmt.Sprintf(" %d", i)
		}
		p.Calls, p.Added = p.Name, at(time.Duration(i)*24*time.Hour)
		if !p.Online {
			p.LastSeen = ptr(at(time.Duration(i) * time.Hour))
		}
		all = append(all, p)
	}
	return all
}

// portrait is a picture of somebody.
func portrait() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			c := color.RGBA{R: 0xd9, G: uint8(0xb0 - y), B: uint8(0x70 + x), A: 0xff}
			if dx, dy := x-32, y-26; dx*dx+dy*dy < 150 || y > 44 && (x-32)*(x-32) < 20*20-(64-y)*6 {
				c = color.RGBA{R: 0x5b, G: 0x3a, B: 0x2e, A: 0xff}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // it is written to memory
	}
	return b.Bytes()
}

// given makes up what people have from the account.
func given(n *Node) []node.Share {
	list := []node.Share{}
	if len(n.Friends) == 0 {
		return list
	}
	share := func(i, person, space int, s node.Share) {
		p, sp := n.Friends[person], n.State.Spaces[space]
		s.ID, s.With, s.Custodian, s.Space, s.SpaceID = id("share", i)[4:16], p.Name, p.Custodian, sp.Name, sp.ID
		s.By, s.Told = "Desk", p.Online
		if s.Made.IsZero() {
			s.Made = at(9 * 24 * time.Hour)
		}
		for _, d := range p.Devices {
			if s.State == "accepted" {
				s.Holders = append(s.Holders, node.ShareHolder{Person: p.Name, Device: d.Name, Level: s.Level, Path: s.Path, Through: []string{p.Name}})
			}
		}
		list = append(list, s)
	}
	friday := ptr(node.Time{Time: time.Date(2026, time.November, 27, 18, 0, 0, 0, time.UTC)})
	share(0, 0, 0, node.Share{Level: "read", State: "accepted", Until: friday, LastUsed: ptr(at(3 * time.Minute)), MayPassOn: true, Answered: ptr(at(8 * 24 * time.Hour))})
	list[0].Holders = append(list[0].Holders, node.ShareHolder{Person: n.Friends[1].Name, Device: "Tower", Level: "read", Through: []string{n.Friends[0].Name, n.Friends[1].Name}})
	share(1, 0, 1, node.Share{Level: "write", Path: "Offers", State: "accepted", Until: ptr(node.Time{Time: At.Add(20 * time.Hour)}), LastUsed: ptr(at(26 * time.Hour))})
	share(2, 1, 0, node.Share{Level: "contribute", Path: "2026/Summer", State: "offered", Made: at(2 * time.Hour), From: ptr(at(2 * time.Hour))})
	share(3, 2, 2, node.Share{Level: "read", State: "ended", Ended: ptr(at(30 * 24 * time.Hour))})
	levels := []string{"read", "contribute", "write"}
	for i := 3; n.Size == Many && i < len(n.Friends); i++ {
		s := node.Share{Level: levels[i%3], State: "accepted", LastUsed: ptr(at(time.Duration(i) * time.Hour))}
		if i%4 == 0 {
			s.Until = ptr(node.Time{Time: At.Add(time.Duration(i) * 24 * time.Hour)})
		}
		share(i+1, i, i%50, s)
	}
	return list
}

// offered makes up what people offer to the account.
func offered(n *Node) []node.Invite {
	list := []node.Invite{}
	if len(n.Friends) == 0 {
		return list
	}
	invite := func(i, person int, v node.Invite) {
		p := n.Friends[person]
		v.ID, v.From, v.Custodian, v.SpaceID = id("invite", i)[4:16], p.Name, p.Custodian, id("foreign", i)
		if v.Says == "" {
			v.Says = p.Name + " lets you see all of " + v.Space + " and anything added, with no end."
		}
		list = append(list, v)
	}
	name := "Holiday on Crete"
	if n.Size == Long {
		name = longName
	}
	invite(0, 0, node.Invite{
		Space: name, Level: "contribute", State: "offered", Came: at(25 * time.Minute), Until: ptr(node.Time{Time: time.Date(2026, time.December, 31, 23, 0, 0, 0, time.UTC)}),
		Says: n.Friends[0].Name + " lets you see all of " + name + " and add to it, until 31 Dec 2026.",
	})
	invite(1, 1, node.Invite{Space: "Choir", Level: "read", State: "accepted", Came: at(7 * 24 * time.Hour), Until: ptr(node.Time{Time: At.Add(22 * time.Hour)})})
	invite(2, 1, node.Invite{Space: "Old choir", Level: "read", State: "ended", Came: at(300 * 24 * time.Hour)})
	for i := 3; n.Size == Many && i < 20; i++ {
		state := []string{"offered", "accepted"}[i%2]
		invite(i, i, node.Invite{Space: fmt.Sprintf("Album %d", i), Level: "read", State: state, Came: at(time.Duration(i) * time.Hour)})
	}
	return list
}

// tied counts what people have, and what is had from them.
func (n *Node) tied() {
	for i := range n.Friends {
		p := &n.Friends[i]
		p.Shares, p.Invites, p.Waiting = 0, 0, 0
		for _, s := range n.Given {
			if s.Custodian == p.Custodian && (s.State == "accepted" || s.State == "offered") {
				p.Shares++
			}
		}
		for _, v := range n.Offered {
			switch {
			case v.Custodian != p.Custodian:
			case v.State == "offered":
				p.Waiting++
				p.Invites++
			case v.State == "accepted":
				p.Invites++
			}
		}
	}
}

// People implements frame.Node.
func (n *Node) People(context.Context) ([]node.Person, error) {
	n.tied()
	return slices.Clone(n.Friends), nil
}

// Shares implements frame.Node.
func (n *Node) Shares(context.Context) ([]node.Share, error) { return slices.Clone(n.Given), nil }

// Invites implements frame.Node.
func (n *Node) Invites(context.Context) ([]node.Invite, error) { return slices.Clone(n.Offered), nil }

// Picture implements settings.Node.
func (n *Node) Picture(context.Context) ([]byte, error) { return n.own, nil }

// SetPicture implements settings.Node.
func (n *Node) SetPicture(_ context.Context, image []byte) error {
	if len(image) > 0 && !bytes.HasPrefix(image, []byte("\x89PNG")) {
		return &node.Error{Code: node.CodeUsage, Message: "that isn't a picture; nothing was changed", Hint: "choose a PNG, JPEG or GIF file"}
	}
	n.own = image
	return nil
}

// person finds somebody by custodian id or name.
func (n *Node) person(id string) *node.Person {
	for i, p := range n.Friends {
		if p.Custodian == id || p.Name == id {
			return &n.Friends[i]
		}
	}
	return nil
}

var errNobody = &node.Error{Code: node.CodeNotFound, Message: "nobody is called so", Hint: "look at the list of people"}

// PersonCall implements what the screen of people asks for.
func (n *Node) PersonCall(_ context.Context, person, name string) (node.Person, error) {
	p := n.person(person)
	if p == nil {
		return node.Person{}, errNobody
	}
	if other := n.person(name); other != nil && other != p {
		return node.Person{}, &node.Error{Code: node.CodeNameTaken, Message: "somebody else is called \"" + name + "\"; nothing was changed", Hint: "choose another name"}
	}
	if strings.TrimSpace(name) == "" {
		return node.Person{}, &node.Error{Code: node.CodeUsage, Message: "a name is missing; nothing was changed", Hint: "give a name"}
	}
	p.Name = name
	return *p, nil
}

// PersonBlock implements what the screen of people asks for.
func (n *Node) PersonBlock(_ context.Context, person string, blocked bool) (node.Person, error) {
	p := n.person(person)
	if p == nil {
		return node.Person{}, errNobody
	}
	p.Blocked = blocked
	return *p, nil
}

// PersonForget implements what the screen of people asks for.
func (n *Node) PersonForget(_ context.Context, person string) error {
	p := n.person(person)
	if p == nil {
		return errNobody
	}
	gone := p.Custodian
	for _, s := range n.Given {
		if s.Custodian == gone && (s.State == "accepted" || s.State == "offered") {
			return &node.Error{Code: node.CodeNotAllowed, Message: p.Name + " still has access to something of yours; nothing was changed", Hint: "take that back first"}
		}
	}
	n.Friends = slices.DeleteFunc(n.Friends, func(p node.Person) bool { return p.Custodian == gone })
	n.Given = slices.DeleteFunc(n.Given, func(s node.Share) bool { return s.Custodian == gone })
	n.Offered = slices.DeleteFunc(n.Offered, func(v node.Invite) bool { return v.Custodian == gone })
	return nil
}

// answer takes an invitation or declines it.
func (n *Node) answer(id, state string) (node.Invite, error) {
	for i := range n.Offered {
		v := &n.Offered[i]
		if v.ID != id {
			continue
		}
		v.State = state
		if state == "accepted" {
			n.State.Spaces = append(n.State.Spaces, node.Space{
				ID: v.SpaceID, Name: v.Space, Entries: 31, Files: 31, Bytes: 84_000_000, MissingBytes: 84_000_000,
				Shared: &node.SharedSpace{Person: v.From, Custodian: v.Custodian, Level: v.Level, Path: v.Path, Until: v.Until, MayPassOn: v.MayPassOn, Invite: v.ID},
			})
		}
		return *v, nil
	}
	return node.Invite{}, &node.Error{Code: node.CodeNotFound, Message: "there is no such invitation any more", Hint: "ask for another one"}
}

// InviteAccept implements what the screens of people and home ask for.
func (n *Node) InviteAccept(_ context.Context, id string) (node.Invite, error) {
	return n.answer(id, "accepted")
}

// InviteDecline implements what the screens of people and home ask for.
func (n *Node) InviteDecline(_ context.Context, id string) (node.Invite, error) {
	return n.answer(id, "declined")
}
