package node

import (
	"context"
	"errors"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// Invites lists what others share with this account, what has ended included,
// newest first.
func (n *Node) Invites(ctx context.Context) ([]Invite, error) {
	list := []Invite{}
	for _, i := range n.account.Invitations() {
		list = append(list, n.invite(i))
	}
	return list, nil
}

// InviteAccept takes what is offered: the space is here then, under the name that
// its owner has for it.
func (n *Node) InviteAccept(ctx context.Context, id string) (Invite, error) {
	i, err := n.answerable(id)
	if err != nil {
		return Invite{}, err
	}
	switch i.State = n.stateNow(i.State, i.Until); i.State {
	case mdn.StateEnded:
		return Invite{}, fail(CodeNotAllowed, "ask them for another one", "%s has taken that back; nothing was changed", n.whoIs(i.From))
	case mdn.StateExpired:
		return Invite{}, fail(CodeExpired, "ask them for another one", "that ended %s; nothing was changed", dayTime(i.Until, n.cfg.Now()))
	}
	return n.answerInvite(ctx, i, true)
}

// InviteDecline says no to what is offered, or gives back what was accepted. With the
// last that there was of a space this device lets go of it: it isn't listed any more,
// and its data goes. Files in a folder that it was attached to stay. So it is with
// what has ended already.
func (n *Node) InviteDecline(ctx context.Context, id string) (Invite, error) {
	i, err := n.answerable(id)
	if err != nil {
		return Invite{}, err
	}
	over := n.stateNow(i.State, i.Until) == mdn.StateEnded || n.stateNow(i.State, i.Until) == mdn.StateExpired
	v := n.invite(i)
	if !over {
		if v, err = n.answerInvite(ctx, i, false); err != nil {
			return Invite{}, err
		}
	}
	if v.Gone, err = n.letGo(ctx, i.Space); err != nil {
		return Invite{}, err
	}
	if over && !v.Gone {
		return Invite{}, fail(CodeNotAllowed, "nothing needs to be done", "that has ended already; nothing was changed")
	}
	return v, nil
}

// letGo lets go of a received space that has ended; done is false if there is no such
// one.
func (n *Node) letGo(ctx context.Context, id willow.NamespaceID) (done bool, err error) {
	err = n.account.DropSpace(ctx, id)
	switch {
	case errors.Is(err, mdn.ErrNotFound):
		return false, nil
	case err != nil:
		return false, accountError(err)
	}
	n.awaitSpaces(ctx, func() bool {
		_, err := n.spaces.find(id.String())
		return err != nil
	})
	n.peers.renew(ctx) // sessions of before would bring it again
	n.keeper.wake.kick()
	return true, nil
}

func (n *Node) answerable(id string) (mdn.Invitation, error) {
	if err := n.mayManage(); err != nil {
		return mdn.Invitation{}, err
	}
	return n.findInvitation(id)
}

func (n *Node) answerInvite(ctx context.Context, i mdn.Invitation, accept bool) (Invite, error) {
	if err := n.account.Answer(ctx, i.ID, accept); err != nil {
		switch {
		case errors.Is(err, mdn.ErrNotFound):
			return Invite{}, noInvite(tokenText(i.ID))
		case errors.Is(err, mdn.ErrEnded):
			return Invite{}, fail(CodeNotAllowed, "ask them for another one", "that has ended; nothing was changed")
		}
		return Invite{}, accountError(err)
	}
	if accept {
		n.awaitSpace(ctx, i.Space)
	}
	n.dealings.kick()
	i, err := n.findInvitation(tokenText(i.ID))
	return n.invite(i), err
}

// openWithin is how long a call waits for a space to be opened.
const openWithin = 5 * time.Second

// awaitSpace waits until a space that was accepted is here, for a while.
func (n *Node) awaitSpace(ctx context.Context, id willow.NamespaceID) {
	n.awaitSpaces(ctx, func() bool {
		sp, err := n.spaces.find(id.String())
		return err == nil && !n.spaces.hasEnded(sp)
	})
}

// awaitSpaces waits until the open spaces are as they should be, for a while.
func (n *Node) awaitSpaces(ctx context.Context, done func() bool) {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	n.spaces.reread()
	for {
		_, _, more := n.bus.since(1 << 62)
		if done() {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			return
		}
	}
}

// findInvitation returns the invitation that an id or the first digits of one mean.
func (n *Node) findInvitation(id string) (mdn.Invitation, error) {
	found := byID(n.account.Invitations(), id, func(i mdn.Invitation) mdn.TokenID { return i.ID })
	switch len(found) {
	case 0:
		return mdn.Invitation{}, noInvite(id)
	case 1:
		return found[0], nil
	}
	return mdn.Invitation{}, fail(CodeAmbiguous, "give more of the id", "%d invitations are meant by %q; nothing was changed", len(found), id)
}

func noInvite(id string) error {
	return fail(CodeNotFound, "see `meadow invite list`", "no invitation has the id %q; nothing was changed", id)
}

// invite describes an invitation.
func (n *Node) invite(i mdn.Invitation) Invite {
	v := Invite{
		ID: tokenText(i.ID), From: n.whoIs(i.From), Custodian: i.From.String(), Space: Shown(i.Name), SpaceID: i.Space.String(),
		Path: i.Path, Level: string(i.Level), Since: timeOrNil(i.Since), Until: timeOrNil(i.Until), MayPassOn: i.PassOn,
		State: n.stateNow(i.State, i.Until), Came: Time{i.Came},
	}
	if v.State == ShareAccepted {
		v.Space = n.spaceName(i.Space, i.Name)
	}
	v.Says = inviteSays(v, n.cfg.Now())
	return v
}
