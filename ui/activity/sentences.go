package activity

import (
	"strings"
	"time"

	"meadow/ui/words"
)

func sayAdded(r row) string {
	return words.L("{{.Device}} added {{.File}}", "Device", r.device(), "File", r.file())
}

func sayChanged(r row) string {
	return words.L("{{.Device}} changed {{.File}}", "Device", r.device(), "File", r.file())
}

func sayRemoved(r row) string {
	return words.L("{{.Device}} removed {{.File}}", "Device", r.device(), "File", r.file())
}

// sayRenamed says the new name, and the old one in full if the folder differs too.
func sayRenamed(r row) string {
	from := r.text("from")
	i, j := strings.LastIndex(from, "/"), strings.LastIndex(string(r.Path), "/")
	if from[:i+1] == string(r.Path)[:j+1] {
		return words.L("{{.Device}} renamed {{.From}} to {{.File}}", "Device", r.device(), "From", from[i+1:], "File", r.file())
	}
	return words.L("{{.Device}} moved {{.From}} to {{.File}}", "Device", r.device(), "From", from, "File", words.Shown(string(r.Path)))
}

func sayFiles(r row) string {
	added, changed, removed := r.number("added"), r.number("changed"), r.number("removed")
	switch r.Count {
	case added:
		return words.N("{{.Device}} added {{.Count}} file", "{{.Device}} added {{.Count}} files", r.Count, "Device", r.device())
	case changed:
		return words.N("{{.Device}} changed {{.Count}} file", "{{.Device}} changed {{.Count}} files", r.Count, "Device", r.device())
	case removed:
		return words.N("{{.Device}} removed {{.Count}} file", "{{.Device}} removed {{.Count}} files", r.Count, "Device", r.device())
	}
	return words.N("{{.Count}} file changed on {{.Device}}", "{{.Count}} files changed on {{.Device}}", r.Count, "Device", r.device())
}

func sayConflict(r row) string {
	return words.L("{{.File}} was changed on two devices at once", "File", r.file())
}

func sayResolved(r row) string {
	switch r.text("keep") {
	case "this":
		return words.L("You settled {{.File}}: what was at its place stays", "File", r.file())
	case "copy":
		return words.L("You settled {{.File}}: the other version takes its place", "File", r.file())
	case "both":
		return words.L("You settled {{.File}}: both versions stay", "File", r.file())
	}
	return words.L("You settled {{.File}}", "File", r.file())
}

func sayUnresolved(r row) string {
	return words.L("You took back how {{.File}} was settled: both versions are there again", "File", r.file())
}

func sayErased(r row) string {
	return words.N("{{.Count}} file was erased with its history", "{{.Count}} files were erased with their history", r.Count)
}

func sayHold(r row) string {
	if r.text("kind") == "missing" {
		return words.N("A disk with {{.Count}} file is gone; nothing is removed before you say so",
			"A disk with {{.Count}} files is gone; nothing is removed before you say so", r.Count)
	}
	return words.N("{{.Device}} wants to remove {{.Count}} file; it waits for you",
		"{{.Device}} wants to remove {{.Count}} files; it waits for you", r.Count, "Device", r.device())
}

func sayHoldEnded(r row) string {
	switch r.text("how") {
	case "allowed":
		return words.N("You let {{.Count}} file be removed", "You let {{.Count}} files be removed", r.Count)
	case "kept":
		return words.N("You kept {{.Count}} file that was to be removed", "You kept {{.Count}} files that were to be removed", r.Count)
	}
	return words.N("{{.Count}} file that was to be removed is back by itself", "{{.Count}} files that were to be removed are back by themselves", r.Count)
}

func sayJoined(r row) string {
	if account := r.text("account"); account != "" {
		return words.L("This device joined {{.Account}}", "Account", account)
	}
	return words.L("This device joined the account")
}

func sayDeviceAdded(r row) string {
	if r.text("kind") == "limited" {
		return words.L("{{.Device}} was added as a limited device", "Device", r.device())
	}
	return words.L("{{.Device}} was added", "Device", r.device())
}

func sayDeviceRenamed(r row) string {
	return words.L("{{.Before}} is called {{.Device}} now", "Before", r.text("before"), "Device", words.Shown(string(r.Device)))
}

func sayDeviceRemoved(r row) string {
	return words.L("{{.Device}} was removed from the account", "Device", r.device())
}

func sayExpelled(row) string {
	return words.L("This device was removed from the account; its files stay here")
}

func saySpaceAdded(r row) string {
	switch r.text("how") {
	case "created":
		return words.L("You made the space {{.Space}}", "Space", r.space())
	case "back":
		return words.L("The space {{.Space}} was brought back", "Space", r.space())
	}
	return words.L("The space {{.Space}} came to this device", "Space", r.space())
}

func saySpaceRenamed(r row) string {
	return words.L("The space {{.Before}} is called {{.Space}} now", "Before", r.text("before"), "Space", r.space())
}

func saySpaceDeleted(r row) string {
	return words.L("The space {{.Space}} was deleted", "Space", r.space())
}

func saySpaceDropped(r row) string {
	return words.L("The space {{.Space}} is gone for good", "Space", r.space())
}

func saySpaceGiven(r row) string {
	return words.L("{{.Device}} got the space {{.Space}}", "Device", r.device(), "Space", r.space())
}

func saySpaceWithdrawn(r row) string {
	return words.L("The space {{.Space}} was taken from {{.Device}}", "Device", words.Shown(string(r.Device)), "Space", r.space())
}

func saySpaceEnded(r row) string {
	return words.L("The space {{.Space}} is no longer shared with this device; its files stay here", "Space", r.space())
}

func sayAttached(r row) string {
	return words.L("{{.Space}} is in the folder {{.Folder}} now", "Space", r.space(), "Folder", r.text("folder"))
}

func sayDetached(r row) string {
	if folder := r.text("folder"); folder != "" {
		return words.L("{{.Space}} is no longer in the folder {{.Folder}}; its files stay there", "Space", r.space(), "Folder", folder)
	}
	return words.L("{{.Space}} is no longer in a folder; its files stay there", "Space", r.space())
}

func sayPaused(r row) string {
	until, err := time.Parse(time.RFC3339, r.text("until"))
	if err != nil {
		return words.L("You paused syncing until you resume")
	}
	return words.L("You paused syncing until {{.Time}}", "Time", words.When(until, r.now))
}

func sayResumed(row) string { return words.L("Syncing went on") }

func sayTrouble(r row) string {
	return words.L("Something is in the way: {{.What}}", "What", r.text("what"))
}

func sayTroubleEnded(r row) string {
	return words.L("Solved after {{.Time}}: {{.What}}", "Time", words.Left(time.Duration(r.number("seconds"))*time.Second), "What", r.text("what"))
}

func sayFolderFailed(r row) string {
	return words.L("The folder {{.Folder}} can't be used: {{.Why}}", "Folder", r.text("folder"), "Why", r.text("error"))
}

func sayClone(r row) string {
	if stopped, _ := r.Details["stopped"].(bool); stopped {
		return words.L("A copy of this device is at work elsewhere; this one stopped syncing")
	}
	return words.L("A copy of {{.Device}} was met and turned away", "Device", words.Shown(string(r.Device)))
}

func sayDrop(r row) string {
	what := r.space()
	if r.Path != "" {
		what = r.file()
	}
	if r.text("what") == "taken" {
		return words.L("{{.What}} was taken in from the file {{.File}}", "What", what, "File", r.text("file"))
	}
	return words.L("{{.What}} was written to the file {{.File}}", "What", what, "File", r.text("file"))
}

func sayFreed(r row) string {
	return words.L("{{.Size}} of old history was cleared away", "Size", words.Size(r.Bytes))
}

func saySettings(r row) string {
	if days := r.number("history_days"); days > 0 {
		return words.N("History is kept for {{.Count}} day now", "History is kept for {{.Count}} days now", days)
	}
	if _, ok := r.Details["copy_limit"]; ok {
		return words.L("Files of up to {{.Size}} are kept in history now", "Size", words.Size(r.number("copy_limit")))
	}
	return words.L("Settings were changed")
}

func sayMigrated(row) string { return words.L("Meadow was updated and has put its database in order") }

func sayOther(row) string {
	return words.L("Something happened that a later Meadow knows the words for")
}
