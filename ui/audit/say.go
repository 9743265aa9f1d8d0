package audit

import (
	"cmp"
	"path"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/paged"
	"meadow/ui/words"
)

// teller says what rows of a kind tell.
type teller struct {
	icon  fyne.ThemeIconName
	tone  look.Tone
	say   func(row) string
	facts func(row) []string // beside the space and the folder, or nil
}

// tellers are all kinds that the core records.
var tellers = map[string]teller{
	node.AuditPerson:   {look.IconPeople, look.ToneInfo, sayPerson, nil},
	node.AuditShared:   {look.IconShare, look.ToneGood, sayShared, term},
	node.AuditChanged:  {look.IconShare, look.ToneInfo, sayChanged, term},
	node.AuditAnswered: {look.IconShare, look.ToneInfo, sayAnswered, term},
	node.AuditEnded:    {look.IconShare, look.ToneMuted, sayEnded, nil},
	node.AuditInvited:  {look.IconPeople, look.ToneInfo, sayInvited, term},
	node.AuditLost:     {look.IconPeople, look.ToneMuted, sayLost, nil},
	node.AuditDevice:   {look.IconLaptop, look.ToneInfo, sayDevice, nil},
	node.AuditSession:  {look.IconGood, look.ToneMuted, saySession, sessionFacts},
	node.AuditSent:     {look.IconArrowRight, look.ToneInfo, saySent, moveFacts},
	node.AuditReceived: {look.IconAdd, look.ToneGood, sayReceived, moveFacts},
	node.AuditRefused:  {look.IconWarning, look.ToneAttention, sayRefused, refusedFacts},
	node.AuditDrop:     {look.IconCopy, look.ToneInfo, sayDrop, nil},
	node.AuditRecover:  {look.IconRestore, look.ToneInfo, sayRecovered, nil},
}

// row is a row with what sentences need often.
type row struct {
	node.AuditRow
	now time.Time
}

// tell puts a row of the log in words.
func tell(r node.AuditRow, now time.Time) look.RowData {
	t, ok := tellers[r.Kind]
	if !ok { // of a later version
		t = teller{look.IconActivity, look.ToneMuted, sayOther, nil}
	}
	told := row{r, now}
	d := look.RowData{Icon: t.icon, Tone: t.tone, Title: t.say(told)}
	var facts []string
	if r.Path != "" && r.Space != "" && (r.Kind == node.AuditSent || r.Kind == node.AuditReceived) {
		facts = append(facts, words.Shown(string(r.Space)))
		if dir := path.Dir(string(r.Path)); dir != "." {
			facts = append(facts, words.Shown(dir))
		}
	}
	if t.facts != nil {
		facts = append(facts, t.facts(told)...)
	}
	d.Subtitle = strings.Join(facts, " · ")
	return d
}

func (r row) who() string {
	switch {
	case r.Person != "" && r.Device != "":
		return words.L("{{.Person}} ({{.Device}})", "Person", words.Shown(string(r.Person)), "Device", words.Shown(string(r.Device)))
	case r.Person != "" || r.Device != "":
		return words.Shown(cmp.Or(string(r.Person), string(r.Device)))
	}
	return words.L("Somebody unknown")
}

// what is the space, or the folder of it, that a row is about.
func (r row) what() string {
	name := cmp.Or(string(r.Space), words.L("a space"))
	if r.Path != "" {
		name += "/" + string(r.Path)
	}
	return words.Shown(name)
}

func (r row) file() string { return words.Shown(path.Base(string(r.Path))) }

func (r row) text(name string) string  { return paged.Details(r.Details).Text(name) }
func (r row) number(name string) int64 { return paged.Details(r.Details).Number(name) }

func sayPerson(r row) string {
	switch r.text("what") {
	case "blocked":
		return words.L("You blocked {{.Who}}", "Who", r.who())
	case "unblocked":
		return words.L("You unblocked {{.Who}}", "Who", r.who())
	case "forgotten":
		return words.L("You forgot {{.Who}}", "Who", r.who())
	}
	return words.L("You and {{.Who}} know each other", "Who", r.who())
}

func sayShared(r row) string {
	return words.L("{{.Who}} was offered {{.What}}", "Who", r.who(), "What", r.what())
}

func sayChanged(r row) string {
	return words.L("What {{.Who}} may do with {{.What}} was changed", "Who", r.who(), "What", r.what())
}

func sayAnswered(r row) string {
	if r.text("state") == "declined" {
		return words.L("{{.Who}} declined {{.What}}", "Who", r.who(), "What", r.what())
	}
	return words.L("{{.Who}} accepted {{.What}}", "Who", r.who(), "What", r.what())
}

func sayEnded(r row) string {
	if r.text("how") == "expired" {
		return words.L("The time of {{.Who}} with {{.What}} was over", "Who", r.who(), "What", r.what())
	}
	return words.L("{{.What}} was taken back from {{.Who}}", "Who", r.who(), "What", r.what())
}

func sayInvited(r row) string {
	switch r.text("state") {
	case "accepted":
		return words.L("You accepted {{.What}} from {{.Who}}", "Who", r.who(), "What", r.what())
	case "declined":
		return words.L("You declined {{.What}} from {{.Who}}", "Who", r.who(), "What", r.what())
	}
	return words.L("{{.Who}} offers you {{.What}}", "Who", r.who(), "What", r.what())
}

func sayLost(r row) string {
	if r.text("how") == "expired" {
		return words.L("Your time with {{.What}} from {{.Who}} was over", "Who", r.who(), "What", r.what())
	}
	return words.L("{{.Who}} took {{.What}} back", "Who", r.who(), "What", r.what())
}

func sayDevice(r row) string {
	device := words.Shown(string(r.Device))
	switch r.text("what") {
	case "added":
		return words.L("{{.Device}} became one of your devices", "Device", device)
	case "removed":
		return words.L("{{.Device}} was removed from your devices", "Device", device)
	case "given":
		return words.L("{{.Device}} was given {{.What}}", "Device", device, "What", r.what())
	}
	return words.L("{{.What}} was withdrawn from {{.Device}}", "Device", device, "What", r.what())
}

func saySession(r row) string {
	return words.L("{{.Who}} was connected", "Who", r.who())
}

func sessionFacts(r row) []string {
	return append(route(r), words.L("{{.Sent}} sent, {{.Received}} received", "Sent", words.Size(r.number("sent")), "Received", words.Size(r.number("received"))))
}

func saySent(r row) string {
	return words.L("{{.File}} went to {{.Who}}", "File", r.file(), "Who", r.who())
}

func sayReceived(r row) string {
	return words.L("{{.File}} came from {{.Who}}", "File", r.file(), "Who", r.who())
}

func moveFacts(r row) []string {
	if r.Bytes == 0 {
		return route(r)
	}
	return append([]string{words.Size(r.Bytes)}, route(r)...)
}

// route is the way that something went.
func route(r row) []string {
	switch r.Route {
	case "lan":
		return []string{words.L("On your network")}
	case "direct":
		return []string{words.L("Directly")}
	case "relay":
		return []string{words.L("Through a relay")}
	}
	return nil
}

func sayRefused(r row) string {
	if r.Space == "" {
		return words.L("{{.Who}} was turned away", "Who", r.who())
	}
	return words.L("{{.Who}} was refused {{.What}}", "Who", r.who(), "What", r.what())
}

func refusedFacts(r row) (facts []string) {
	if why := r.text("why"); why != "" {
		facts = append(facts, refusals(why))
	}
	if n := r.number("times"); n > 1 {
		facts = append(facts, words.N("{{.Count}} time", "{{.Count}} times", n))
	}
	return facts
}

// refusals is why somebody was refused, as one reads it.
func refusals(why string) string {
	switch why {
	case "dead":
		return words.L("Their access has ended")
	case "unserved":
		return words.L("They have no access")
	case "outside":
		return words.L("They asked for more than they have")
	case "unheld":
		return words.L("They asked for what isn't here")
	}
	return why
}

// term is what somebody may do, and until when.
func term(r row) (facts []string) {
	switch r.text("level") {
	case "read":
		facts = append(facts, words.L("View"))
	case "contribute":
		facts = append(facts, words.L("View and add"))
	case "write":
		facts = append(facts, words.L("Edit"))
	}
	if at, err := time.Parse(time.RFC3339Nano, r.text("until")); err == nil {
		facts = append(facts, words.L("Until {{.Time}}", "Time", words.When(at, r.now)))
	}
	return facts
}

func sayDrop(r row) string {
	if r.text("what") == "taken" {
		return words.L("{{.What}} was taken in from the file {{.File}}", "What", r.what(), "File", r.text("file"))
	}
	return words.L("{{.What}} was written to the file {{.File}}: whoever has that can read it", "What", r.what(), "File", r.text("file"))
}

func sayRecovered(r row) string { return words.L("The account was brought back with its words") }

func sayOther(r row) string { return strings.TrimSpace(r.who() + " " + r.what()) }
