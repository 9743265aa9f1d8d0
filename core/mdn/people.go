package mdn

import (
	"context"
	"errors"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// Person is another custodian that this account knows.
type Person struct {
	Custodian willow.NamespaceID // their identity space
	Name      string             // as they call themselves
	Called    string             // as this account calls them; "" if as they do
	Picture   []byte             // PNG or JPEG, small; nil without one
	Devices   []DeviceInfo       // by time added; whose chains are live
	Added     time.Time
	Blocked   bool // they are served nothing and told nothing
}

// People returns the persons whom this account knows, by how they are called;
// none on a limited device, which doesn't see them.
func (a *Account) People() []Person { return nil }

// PersonOf returns whose device an endpoint is, blocked persons included.
func (a *Account) PersonOf(device key.Endpoint) (Person, bool) { return Person{}, false }

// errUnbuilt is for what is being built.
var errUnbuilt = errors.New("not built yet")

// NamePerson calls a person something else, on all devices of the account; "" is
// as they call themselves.
func (a *Account) NamePerson(ctx context.Context, who willow.NamespaceID, called string) error {
	return errUnbuilt
}

// BlockPerson stops serving a person anything, and tells them nothing, until it is
// taken back. What they were granted stays granted.
func (a *Account) BlockPerson(ctx context.Context, who willow.NamespaceID, blocked bool) error {
	return errUnbuilt
}

// ForgetPerson ends what a person may read of the account, and drops what is known
// of them. Grants must have ended before; the error is an [ErrGranted] if not.
func (a *Account) ForgetPerson(ctx context.Context, who willow.NamespaceID) error {
	return errUnbuilt
}

// ErrGranted says that a person still has a grant.
var ErrGranted = errors.New("the person still has access to something")
