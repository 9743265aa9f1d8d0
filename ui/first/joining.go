package first

import (
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/words"
)

// phase is what the join screen shows.
type phase int

const (
	opening phase = iota // there is no ticket yet
	showing              // a ticket, for a minute
	asked                // a device of an account has it, and shows six digits
	judged               // digits were typed
	resting              // it has ended: see joining.problem
	joined
)

const ticketTime = time.Minute // how long a ticket is worth something

// joining is what is so with the join screen.
type joining struct {
	phase   phase
	device  string // this one's name
	nearby  bool   // it can be found on its networks
	ticket  string
	expires time.Time
	problem string // why the last attempt came to nothing
	// declined is that it did by the person's own no.
	declined bool
	offer    offer
	spaces   []node.Space // that it has joined
}

// offer is what a device of an account says.
type offer struct {
	account, device string
	limited         bool
	until           time.Time
}

// heard follows the node's events.
func (j *joining) heard(e node.Event) {
	switch e.Name {
	case "ticket":
		j.ticket, j.expires = text(e, "ticket"), moment(e, "expires")
		j.phase = showing
	case "confirm":
		j.phase, j.problem, j.declined = asked, "", false
		j.offer = offer{
			account: words.Shown(text(e, "account")), device: words.Shown(text(e, "device")),
			limited: text(e, "kind") == "limited", until: moment(e, "until"),
		}
	case "refused":
		j.phase, j.problem = opening, j.why(text(e, "code"))
	case "paired":
		j.phase, j.problem = joined, ""
		j.spaces, _ = e.Fields["spaces"].([]node.Space)
	}
}

// ended is how the screen ended, if not by joining.
func (j *joining) ended(err error) {
	if j.phase != joined && err != nil {
		j.phase, j.problem = resting, frame.Sentence(node.AsError(err))
	}
}

// why says why an attempt came to nothing, and what is next.
func (j *joining) why(reason string) string {
	if j.declined {
		return words.L("You didn't join. Here is a new code.")
	}
	device := j.offer.device
	if device == "" {
		device = words.L("The other device")
	}
	switch reason {
	case "wrong_code":
		return words.L("Those weren't the digits on {{.Device}}. Nothing was joined; here is a new code for another try.", "Device", device)
	case "wrong_account":
		return words.L("That was a device of another account. Nothing was joined; here is a new code.")
	}
	return words.L("Nothing was joined: it was called off, or the digits weren't typed in time. Here is a new code.")
}

// left is how much of the ticket's time is left, and in words.
func (j *joining) left(now time.Time) (share float64, text string) {
	d := max(j.expires.Sub(now), 0)
	seconds := int64((d + time.Second - 1) / time.Second)
	return float64(d) / float64(ticketTime), words.N("New code in {{.Count}} second", "New code in {{.Count}} seconds", seconds)
}

// typingLeft is how long the digits can still be typed.
func (j *joining) typingLeft(now time.Time) string {
	return words.L("{{.Left}} left", "Left", frame.Countdown(j.offer.until.Sub(now)))
}

// question is what one agrees to by typing the digits.
func (j *joining) question() (title, body string) {
	title = words.L("Join {{.Account}}'s account?", "Account", j.offer.account)
	if j.offer.limited {
		return title, words.L("{{.Device}} wants to add this device as a limited device: it reads and changes the spaces that it is given, and adds no other devices.",
			"Device", j.offer.device)
	}
	return title, words.L("{{.Device}} wants to add this device as a full device: it can add and remove devices, as {{.Device}} can.", "Device", j.offer.device)
}

func text(e node.Event, key string) string {
	s, _ := e.Fields[key].(string)
	return s
}

func moment(e node.Event, key string) time.Time {
	t, _ := e.Fields[key].(node.Time)
	return t.Time
}
