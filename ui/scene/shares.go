package scene

import (
	"context"
	"fmt"
	"time"

	"meadow/core/node"
)

// previews are how many files there are in what is shared.
const previewFiles = 214

// SharePreview implements what the share sheet asks for.
func (n *Node) SharePreview(_ context.Context, o node.ShareOptions) (node.SharePreview, error) {
	p, sp, err := n.shareable(o)
	if err != nil {
		return node.SharePreview{}, err
	}
	verb := map[string]string{"read": "can see", "contribute": "can see and add to", "write": "can see and change"}[o.Level]
	says := fmt.Sprintf("%s %s %d files now and anything added", p.Name, verb, previewFiles)
	if o.From != nil {
		says = fmt.Sprintf("%s %s what is added from now on", p.Name, verb)
	}
	says += ", " + ends(o.Until)
	if o.MayPassOn {
		says += " They may pass that on to others."
	}
	return node.SharePreview{Files: previewFiles, Bytes: sp.Bytes, Says: says + " They keep what they downloaded."}, nil
}

func ends(until *node.Time) string {
	if until == nil {
		return "with no end."
	}
	return "until " + until.UTC().Format("Mon 2 Jan 15:04") + "."
}

// shareable finds out with whom, and what.
func (n *Node) shareable(o node.ShareOptions) (*node.Person, *node.Space, error) {
	p := n.person(o.With)
	if p == nil {
		return nil, nil, errNobody
	}
	sp, err := n.space(o.Space)
	return p, sp, err
}

// Share implements what the share sheet asks for.
func (n *Node) Share(_ context.Context, o node.ShareOptions) (node.Share, error) {
	p, sp, err := n.shareable(o)
	if err != nil {
		return node.Share{}, err
	}
	s := node.Share{
		ID: id("given", len(n.Given))[4:16], With: p.Name, Custodian: p.Custodian, Space: sp.Name, SpaceID: sp.ID, Path: o.Path, Level: o.Level,
		From: o.From, Until: o.Until, MayPassOn: o.MayPassOn, State: "offered", Made: at(0), By: "Desk", Told: p.Online, Holders: []node.ShareHolder{},
	}
	n.Given = append(n.Given, s)
	return s, nil
}

// share finds a share.
func (n *Node) share(id string) (*node.Share, error) {
	for i, s := range n.Given {
		if s.ID == id {
			return &n.Given[i], nil
		}
	}
	return nil, &node.Error{Code: node.CodeNotFound, Message: "there is no such share", Hint: "look at what is shared"}
}

// ShareChange implements what the share sheet asks for.
func (n *Node) ShareChange(_ context.Context, id string, o node.ShareOptions) (node.Share, error) {
	s, err := n.share(id)
	if err != nil {
		return node.Share{}, err
	}
	s.Level, s.From, s.Until, s.MayPassOn = o.Level, o.From, o.Until, o.MayPassOn
	return *s, nil
}

// Revoke implements what taking back asks for. Once somebody asks after an end, all
// devices have heard of it.
func (n *Node) Revoke(_ context.Context, o node.RevokeOptions) (node.Revoked, error) {
	r := node.Revoked{Adopted: 12, Holds: node.Holding{Files: previewFiles, Bytes: 1_100_000_000, Seen: ptr(at(50 * time.Hour))}}
	if o.Since != nil {
		r.Adopted = 7
	}
	person := n.person(o.Person)
	if o.Person != "" && person == nil {
		return r, errNobody
	}
	for i := range n.Given {
		if s := &n.Given[i]; s.ID == o.ID || person != nil && s.Custodian == person.Custodian && s.State != "ended" {
			n.end(s, &r, o.DryRun)
		}
	}
	if len(r.Shares) == 0 {
		_, err := n.share(o.ID)
		return r, err
	}
	if r.Done {
		n.stop(&r, o.DryRun)
	}
	return r, nil
}

// end ends a share, or says what that would be.
func (n *Node) end(s *node.Share, r *node.Revoked, dry bool) {
	for _, h := range s.Holders {
		if len(h.Through) > 1 {
			r.AlsoEnds = append(r.AlsoEnds, h)
		}
	}
	if r.Done = s.State == "ended"; !r.Done && !dry {
		s.State, s.Ended, r.Done = "ended", ptr(at(0)), true
	}
	r.Shares = append(r.Shares, *s)
}

// stop says which devices have heard of an end.
func (n *Node) stop(r *node.Revoked, asked bool) {
	told, notTold := n.heard("")
	if n.heardMore = n.heardMore || asked; n.heardMore {
		told, notTold = append(told, notTold...), nil
	}
	for i, name := range append([]string{n.State.Device}, told...) {
		r.Stopped = append(r.Stopped, node.Stopped{Device: name, At: node.Time{Time: At.Add(time.Duration(i) * 400 * time.Millisecond)}})
	}
	r.NotTold = notTold
}
