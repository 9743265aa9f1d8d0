package meet

import (
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/words"
)

// phase is how far two people are.
type phase int

const (
	looking   phase = iota // at the two ways
	opening                // there is no ticket yet
	showing                // a ticket, for five minutes
	asked                  // somebody has it, and shows six digits
	judged                 // digits were typed
	dialling               // their ticket is here
	comparing              // the digits are shown
	done
)

const (
	ticketTime = 5 * time.Minute
	typingTime = 2 * time.Minute
)

// meeting is what is so between two people.
type meeting struct {
	phase    phase
	problem  string // why the last attempt came to nothing
	declined bool   // by one's own no
	link     string // to be shown
	expires  time.Time

	person, device string // at the other end, as they call themselves
	near           bool
	digits         string
	until          time.Time // when they are worth nothing
	custodian      string    // of the person, once they are known
}

// heard follows the node's events.
func (m *meeting) heard(e node.Event) {
	switch e.Name {
	case "code", "confirm":
		m.person, m.device = words.Shown(text(e, "person")), words.Shown(text(e, "device"))
		m.near, _ = e.Fields["same_network"].(bool)
		m.until = moment(e, "until")
	}
	switch e.Name {
	case "ticket":
		m.phase, m.link, m.expires = showing, text(e, "link"), moment(e, "expires")
		if m.link == "" {
			m.link = text(e, "ticket")
		}
	case "confirm":
		m.phase, m.problem, m.declined = asked, "", false
	case "refused":
		m.phase, m.problem = opening, m.why(text(e, "code"))
	case "code":
		m.phase, m.digits = comparing, text(e, "code")
	case "added":
		m.phase, m.problem, m.digits = done, "", ""
		m.person, m.custodian = words.Shown(text(e, "person")), text(e, "custodian")
	}
}

// ended goes back to the two ways, and says why.
func (m *meeting) ended(err error) {
	if m.phase != done && err != nil {
		*m = meeting{problem: reason(node.AsError(err))}
	}
}

// why says why an attempt with a ticket came to nothing.
func (m *meeting) why(code string) string {
	switch {
	case m.declined:
		return words.L("You didn't add them. Here is a new code.")
	case code == "wrong_code" && m.person != "":
		return words.L("Those weren't the digits that {{.Person}} sees. Nothing was added; here is a new code for another try.", "Person", m.person)
	}
	return words.L("Nothing was added: it was called off, or the digits weren't typed in time. Here is a new code.")
}

// reason says in the window's words why nobody was added.
func reason(e *node.Error) string {
	switch e.Code {
	case node.CodeExpired:
		return words.L("That code is too old, or it was used already. The other side makes new ones: use the latest.")
	case node.CodeUnreachable:
		return words.L("The other side doesn't answer. Their code has to be shown still, and one of you reachable from the other.")
	case node.CodeTimeout:
		return words.L("The digits weren't typed in time. Nothing was added: use a new code for another try.")
	case node.CodeExists:
		return words.L("You know each other already. Nothing was changed.")
	}
	return frame.Sentence(e)
}

// left is how much of the ticket's time is left, and in words.
func (m *meeting) left(now time.Time) (share float64, text string) {
	if m.phase == opening {
		return 0, words.L("Making a code")
	}
	d := max(m.expires.Sub(now), 0)
	return float64(d) / float64(ticketTime), words.L("New code in {{.Left}}", "Left", frame.Countdown(d))
}

// typing is how much of the time for the digits is left, and in words.
func (m *meeting) typing(now time.Time) (share float64, text string) {
	d := max(m.until.Sub(now), 0)
	return d.Seconds() / typingTime.Seconds(), words.L("{{.Left}} left to type them", "Left", frame.Countdown(d))
}

// met is the sentence that it ends with, the same at both ends but for the name.
func (m *meeting) met() string {
	return words.L("You and {{.Person}} know each other now.", "Person", m.person)
}

func text(e node.Event, key string) string {
	s, _ := e.Fields[key].(string)
	return s
}

func moment(e node.Event, key string) time.Time {
	t, _ := e.Fields[key].(node.Time)
	return t.Time
}
