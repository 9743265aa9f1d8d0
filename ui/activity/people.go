package activity

import (
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// peopleTellers are the kinds that are about people and what is shared.
var peopleTellers = map[string]teller{
	node.ActivityPersonAdded:     {groupPeople, look.IconAddPerson, look.ToneGood, sayPersonAdded, nil, placePerson},
	node.ActivityPersonBlocked:   {groupPeople, look.IconPerson, look.ToneMuted, sayPersonBlocked, nil, placePerson},
	node.ActivityPersonUnblocked: {groupPeople, look.IconPerson, look.ToneInfo, sayPersonUnblocked, nil, placePerson},
	node.ActivityPersonForgotten: {groupPeople, look.IconPerson, look.ToneMuted, sayPersonForgotten, nil, placeNone},

	node.ActivityShared:         {groupPeople, look.IconShare, look.ToneGood, sayShared, endFacts, placePerson},
	node.ActivityShareChanged:   {groupPeople, look.IconShare, look.ToneInfo, sayShareChanged, endFacts, placePerson},
	node.ActivityShareAnswered:  {groupPeople, look.IconShare, look.ToneInfo, sayShareAnswered, nil, placePerson},
	node.ActivityShareEnded:     {groupPeople, look.IconShare, look.ToneMuted, sayShareEnded, nil, placePerson},
	node.ActivityShareExpired:   {groupPeople, look.IconClock, look.ToneMuted, sayShareExpired, nil, placePerson},
	node.ActivityShareSoon:      {groupPeople, look.IconClock, look.ToneAttention, sayShareSoon, endFacts, placePerson},
	node.ActivityInvited:        {groupPeople, look.IconBell, look.ToneAttention, sayInvited, endFacts, placePerson},
	node.ActivityInviteChanged:  {groupPeople, look.IconShare, look.ToneInfo, sayInviteChanged, endFacts, placePerson},
	node.ActivityInviteAnswered: {groupPeople, look.IconShare, look.ToneInfo, sayInviteAnswered, nil, placePerson},
	node.ActivityInviteEnded:    {groupPeople, look.IconDetach, look.ToneAttention, sayInviteEnded, nil, placePerson},
	node.ActivityInviteExpired:  {groupPeople, look.IconClock, look.ToneAttention, sayInviteExpired, nil, placePerson},
	node.ActivityInviteSoon:     {groupPeople, look.IconClock, look.ToneAttention, sayInviteSoon, endFacts, placePerson},
}

func placePerson(r row) frame.Place {
	return frame.Place{Screen: frame.People, Item: r.text("custodian")}
}

func (r row) person() string {
	if name := r.text("person"); name != "" {
		return name
	}
	return words.L("Somebody")
}

// part is the space, or the folder of it, that a row is about.
func (r row) part() string {
	switch {
	case r.Path != "" && r.Space != "":
		return words.Shown(string(r.Space) + "/" + string(r.Path))
	case r.Space != "":
		return r.space()
	}
	return words.L("something")
}

// endFacts says until when it is.
func endFacts(r row) []string {
	until, err := time.Parse(time.RFC3339, r.text("until"))
	if err != nil {
		return nil
	}
	return []string{words.L("until {{.Time}}", "Time", words.When(until, r.now))}
}

func sayPersonAdded(r row) string {
	return words.L("You know {{.Person}} now", "Person", r.person())
}

func sayPersonBlocked(r row) string {
	return words.L("You blocked {{.Person}}: nothing is exchanged", "Person", r.person())
}

func sayPersonUnblocked(r row) string {
	return words.L("You don't block {{.Person}} any more", "Person", r.person())
}

func sayPersonForgotten(r row) string {
	return words.L("You forgot {{.Person}}", "Person", r.person())
}

func sayShared(r row) string {
	switch r.text("level") {
	case "write":
		return words.L("You let {{.Person}} see and change {{.Part}}", "Person", r.person(), "Part", r.part())
	case "contribute":
		return words.L("You let {{.Person}} see and add to {{.Part}}", "Person", r.person(), "Part", r.part())
	}
	return words.L("You let {{.Person}} see {{.Part}}", "Person", r.person(), "Part", r.part())
}

func sayShareChanged(r row) string {
	return words.L("What {{.Person}} may do in {{.Part}} was changed", "Person", r.person(), "Part", r.part())
}

func sayShareAnswered(r row) string {
	if r.text("state") == node.ShareDeclined {
		return words.L("{{.Person}} declined {{.Part}}", "Person", r.person(), "Part", r.part())
	}
	return words.L("{{.Person}} accepted {{.Part}}", "Person", r.person(), "Part", r.part())
}

func sayShareEnded(r row) string {
	return words.L("You took back {{.Part}} from {{.Person}}; what was downloaded stays there", "Person", r.person(), "Part", r.part())
}

func sayShareExpired(r row) string {
	return words.L("The access of {{.Person}} to {{.Part}} came to its end", "Person", r.person(), "Part", r.part())
}

func sayShareSoon(r row) string {
	return words.L("The access of {{.Person}} to {{.Part}} ends within a day", "Person", r.person(), "Part", r.part())
}

func sayInvited(r row) string {
	switch r.text("level") {
	case "write":
		return words.L("{{.Person}} offers you to see and change {{.Part}}", "Person", r.person(), "Part", r.part())
	case "contribute":
		return words.L("{{.Person}} offers you to see and add to {{.Part}}", "Person", r.person(), "Part", r.part())
	}
	return words.L("{{.Person}} offers you to see {{.Part}}", "Person", r.person(), "Part", r.part())
}

func sayInviteChanged(r row) string {
	return words.L("{{.Person}} changed what you may do in {{.Part}}", "Person", r.person(), "Part", r.part())
}

func sayInviteAnswered(r row) string {
	if r.text("state") == node.ShareDeclined {
		return words.L("You declined {{.Part}} of {{.Person}}", "Person", r.person(), "Part", r.part())
	}
	return words.L("You accepted {{.Part}} of {{.Person}}", "Person", r.person(), "Part", r.part())
}

func sayInviteEnded(r row) string {
	return words.L("{{.Person}} took {{.Part}} back; what is here stays", "Person", r.person(), "Part", r.part())
}

func sayInviteExpired(r row) string {
	return words.L("What {{.Person}} shares of {{.Part}} came to its end; what is here stays", "Person", r.person(), "Part", r.part())
}

func sayInviteSoon(r row) string {
	return words.L("What {{.Person}} shares of {{.Part}} ends within a day", "Person", r.person(), "Part", r.part())
}
