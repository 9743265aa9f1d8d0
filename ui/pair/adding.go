package pair

import (
	"strings"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/words"
)

// phase is how far adding a device is.
type phase int

const (
	looking   phase = iota // for its code
	dialling               // its ticket is here
	choosing               // what it gets
	offering               // it hears of the choice
	wary                   // it isn't on this network: the digits come late
	comparing              // the digits are shown
	done
)

// share is which spaces the new device gets.
type share int

const (
	everything share = iota
	some
	nothing
)

// adding is what is so with the new device.
type adding struct {
	phase   phase
	problem string // why the last attempt came to nothing

	device, platform string
	near             bool

	limited bool
	share   share
	chosen  map[string]bool // spaces' ids

	digits string
	until  time.Time // wary: when they come; comparing: when they are worth nothing

	spaces   []node.Space // there are
	given    []node.Space // it has
	endpoint string       // of the new device, once it is one
}

// begin forgets what was before.
func (a *adding) begin(spaces []node.Space) {
	*a = adding{phase: dialling, chosen: make(map[string]bool)}
	for _, s := range spaces {
		if !s.Ended {
			a.spaces = append(a.spaces, s)
		}
	}
}

// heard follows the node's events.
func (a *adding) heard(e node.Event) {
	switch e.Name {
	case "found", "waiting", "code":
		a.device, a.platform = words.Shown(text(e, "device")), frame.Platform(text(e, "platform"))
		a.near, _ = e.Fields["same_network"].(bool)
	}
	switch e.Name {
	case "found":
		a.phase = choosing
	case "waiting":
		a.phase, a.until = wary, moment(e, "until")
	case "code":
		a.phase, a.digits, a.until = comparing, text(e, "code"), moment(e, "until")
	case "paired":
		a.phase, a.digits = done, ""
		a.given = a.gets()
		if d, ok := e.Fields["device"].(node.Device); ok {
			a.device, a.endpoint = words.Shown(d.Name), d.Endpoint
		}
	}
}

// failed goes back to looking, and says why.
func (a *adding) failed(err error) {
	if a.phase == done || err == nil {
		return
	}
	a.phase, a.digits, a.problem = looking, "", reason(node.AsError(err))
}

// reason says in the window's words why no device was added.
func reason(e *node.Error) string {
	switch e.Code {
	case node.CodeExpired:
		return words.L("That code is too old, or it was used already. The other device makes a new one every minute: use that one.")
	case node.CodeUnreachable:
		return words.L("The other device doesn't answer. Check that both are on one network and that its code is still shown.")
	case node.CodeTimeout:
		return words.L("The digits weren't typed in time. Nothing was given: use its new code for another try.")
	case node.CodeAlreadyPaired:
		return words.L("That device belongs to an account already. Nothing was changed.")
	case node.CodeUnanswered:
		return words.L("It was let in, but its last answer didn't come. Look at it: if it says that it joined, all is well; if not, add it again.")
	case node.CodeRefused:
		if strings.Contains(e.Message, "version") {
			break
		}
		return words.L("Nothing was given: the other device called it off, or other digits were typed there. Use its new code for another try.")
	}
	return frame.Sentence(e)
}

// gets are the spaces that the new device is to have.
func (a *adding) gets() []node.Space {
	switch a.share {
	case everything:
		return a.spaces
	case nothing:
		return nil
	}
	var some []node.Space
	for _, s := range a.spaces {
		if a.chosen[s.ID] {
			some = append(some, s)
		}
	}
	return some
}

// choice is what the node is told.
func (a *adding) choice() (kind, spaces string) {
	kind = "full"
	if a.limited {
		kind = "limited"
	}
	switch a.share {
	case everything:
		return kind, "all"
	case some:
		var ids []string
		for _, s := range a.gets() {
			ids = append(ids, s.ID)
		}
		if len(ids) > 0 {
			return kind, strings.Join(ids, ",")
		}
	}
	return kind, "none"
}

// ready reports whether the choice is made.
func (a *adding) ready() bool { return a.share != some || len(a.gets()) > 0 }

// sum says how much the new device gets.
func (a *adding) sum() string {
	spaces := a.gets()
	var bytes int64
	for _, s := range spaces {
		bytes += s.Bytes
	}
	switch {
	case a.share == some && len(spaces) == 0:
		return words.L("Choose at least one space")
	case a.share == everything && len(spaces) == 0:
		return words.L("There are no spaces yet: it gets those to come")
	case len(spaces) == 0:
		return words.L("It gets no spaces for now")
	}
	return words.N("It gets {{.Count}} space, {{.Size}}", "It gets {{.Count}} spaces, {{.Size}}", int64(len(spaces)), "Size", words.Size(bytes))
}

// like are the spaces whose names have a text in them, in any case.
func (a *adding) like(part string) []node.Space {
	part = strings.ToLower(strings.TrimSpace(part))
	var list []node.Space
	for _, s := range a.spaces {
		if part == "" || strings.Contains(strings.ToLower(s.Name), part) {
			list = append(list, s)
		}
	}
	return list
}

// left is the time until, as a clock that runs down.
func (a *adding) left(now time.Time) (share float64, text string) {
	d := max(a.until.Sub(now), 0)
	if a.phase == wary {
		return 0, words.N("The digits come in {{.Count}} second", "The digits come in {{.Count}} seconds", int64((d+time.Second-1)/time.Second))
	}
	return d.Seconds() / typingTime.Seconds(), words.L("{{.Left}} left to type them", "Left", frame.Countdown(d))
}

const typingTime = 2 * time.Minute

func text(e node.Event, key string) string {
	s, _ := e.Fields[key].(string)
	return s
}

func moment(e node.Event, key string) time.Time {
	t, _ := e.Fields[key].(node.Time)
	return t.Time
}
