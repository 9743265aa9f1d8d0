package access

import (
	"time"

	"meadow/core/node"
	"meadow/ui/words"
)

// Live is what moves between this device and a device or a person now, over all their
// devices and all that either may have of the other.
type Live struct {
	Online   bool
	Route    string // the best: lan, direct or relay
	In, Out  int64  // bytes a second
	InStep   bool   // in all that is connected
	BytesIn  int64  // of this session
	BytesOut int64
	LastSync time.Time // zero: never, or it isn't known

	counted map[[2]string]bool // endpoints and spaces, while it is made
}

// lives sums up flows by the rows of a map that they are with.
func lives(f node.Flows) map[string]*Live {
	by := make(map[string]*Live)
	for _, flow := range f.Flows {
		id := string(flow.Custodian)
		if id == "" {
			id = flow.Endpoint
		}
		if by[id] == nil {
			by[id] = &Live{InStep: true, counted: make(map[[2]string]bool)}
		}
		by[id].add(flow)
	}
	for _, l := range by {
		l.InStep = l.InStep && l.Online
		l.counted = nil
	}
	return by
}

// add counts one flow. Two grants of one space to one device have the same numbers,
// which count once.
func (l *Live) add(f node.Flow) {
	if f.Online {
		l.Online = true
		l.InStep = l.InStep && f.InStep
		if better(string(f.Route), l.Route) {
			l.Route = string(f.Route)
		}
	}
	if f.LastSync != nil && f.LastSync.After(l.LastSync) {
		l.LastSync = f.LastSync.Time
	}
	key := [2]string{f.Endpoint, f.SpaceID}
	if l.counted[key] {
		return
	}
	l.counted[key] = true
	l.In += f.RateIn
	l.Out += f.RateOut
	l.BytesIn += f.BytesIn
	l.BytesOut += f.BytesOut
}

// better reports whether one way of connecting is nearer than another.
func better(a, b string) bool {
	order := map[string]int{"": 0, "relay": 1, "direct": 2, "lan": 3}
	return order[a] > order[b]
}

// Moves reports whether something moves now.
func (l *Live) Moves() bool { return l != nil && l.In+l.Out > 0 }

// RouteName is how something is connected, in words.
func RouteName(route string) string {
	switch route {
	case "lan":
		return words.L("On this network")
	case "direct":
		return words.L("Direct")
	case "relay":
		return words.L("Through a relay")
	}
	return words.L("Connected")
}

// Rates says what moves now: "↓ 9.4 MB/s".
func (l *Live) Rates() string {
	switch {
	case l == nil || l.In+l.Out == 0:
		return ""
	case l.Out == 0:
		return "↓ " + words.Rate(l.In)
	case l.In == 0:
		return "↑ " + words.Rate(l.Out)
	}
	return "↓ " + words.Rate(l.In) + "  ↑ " + words.Rate(l.Out)
}

// facts are what there is to know of a connection, one by one.
func (l *Live) facts(now time.Time) (list []Fact) {
	add := func(name, value string) { list = append(list, Fact{name, value}) }
	if l == nil {
		return nil
	}
	if l.Online {
		add(words.L("Connection"), RouteName(l.Route))
	} else {
		add(words.L("Connection"), words.L("Not connected"))
	}
	if l.In > 0 {
		add(words.L("Receiving"), words.Rate(l.In))
	}
	if l.Out > 0 {
		add(words.L("Sending"), words.Rate(l.Out))
	}
	if l.BytesIn > 0 {
		add(words.L("Received"), words.Size(l.BytesIn))
	}
	if l.BytesOut > 0 {
		add(words.L("Sent"), words.Size(l.BytesOut))
	}
	switch {
	case l.InStep:
		add(words.L("In step"), words.L("Now"))
	case !l.LastSync.IsZero():
		add(words.L("In step"), words.Ago(l.LastSync, now))
	default:
		add(words.L("In step"), words.L("Never yet"))
	}
	return list
}

// says is the same in a sentence, without its beginning.
func (l *Live) says(now time.Time) string {
	switch {
	case l == nil:
		return ""
	case !l.Online && l.LastSync.IsZero():
		return words.L("Not connected.")
	case !l.Online:
		return words.L("Not connected, last in step {{.When}}.", "When", words.Ago(l.LastSync, now))
	case l.Moves():
		return words.L("{{.Route}}: {{.Rates}}.", "Route", RouteName(l.Route), "Rates", l.Rates())
	case l.InStep:
		return words.L("{{.Route}}, in step.", "Route", RouteName(l.Route))
	}
	return words.L("{{.Route}}.", "Route", RouteName(l.Route))
}
