package node

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Notice is something to say about a device that doesn't stop it. Codes are those
// below; like those of Error they never change meaning.
type Notice struct {
	Code    string `json:"code"`
	Message string `json:"message"` // what is so
	Hint    string `json:"hint"`    // what can be done
}

// Codes of notices.
const (
	NoticeRemoved  = "removed"     // the device was removed from its account
	NoticeEnded    = "space_ended" // an attached space is no longer shared with the device
	NoticeEndsSoon = "ends_soon"   // something that is shared ends within a day
	NoticeMigrated = "migrated"    // the database was migrated, and a copy of the old one is kept
)

// Migrated is what became of the database when it was opened: schema versions,
// From being 0 in a new home.
type Migrated struct{ From, To int }

// copiesKept is for how long the copy of a migrated database stays.
const copiesKept = 30 * 24 * time.Hour

// copies returns the files that keep the database as it was before a migration.
func (h Home) copies() []string {
	names, err := filepath.Glob(h.Database() + ".v*")
	if err != nil {
		return nil // the pattern is right
	}
	kept := names[:0]
	for _, name := range names {
		if !strings.HasSuffix(name, ".tmp") {
			kept = append(kept, name)
		}
	}
	return kept
}

// notices returns what is to be said about this device.
func (n *Node) notices(ctx context.Context) []Notice {
	list := []Notice{}
	if n.account.Removed() {
		e := AsError(removedHere(n.account.Name()))
		list = append(list, Notice{Code: NoticeRemoved, Message: e.Message, Hint: e.Hint})
	} else {
		list = append(list, n.endedNotices(ctx)...)
		list = append(list, n.dealingNotices()...)
	}
	list = append(list, n.recoveryNotices(ctx)...)
	if twin := n.twins.notice(); twin != nil {
		list = append(list, *twin)
	}
	for _, name := range n.cfg.Home.copies() {
		info, err := os.Stat(name)
		if err != nil {
			continue // just removed
		}
		list = append(list, Notice{
			Code: NoticeMigrated,
			Message: fmt.Sprintf("this version of Meadow changed how the database is kept; a copy of it as it was is in %s (%d bytes) until %s",
				name, info.Size(), info.ModTime().Add(copiesKept).UTC().Format(time.DateOnly)),
			Hint: "nothing needs to be done; the copy can be deleted if its room is needed",
		})
	}
	return list
}

// tellMigrated tells of a migration that there was.
func (n *Node) tellMigrated() {
	if m := n.cfg.Migrated; m.From > 0 && m.From != m.To {
		n.bus.emit("migrated", "from", m.From, "to", m.To, "copies", append([]string{}, n.cfg.Home.copies()...))
	}
}

// dropCopies removes copies of the database that are over their time.
func (n *Node) dropCopies() {
	for _, name := range n.cfg.Home.copies() {
		info, err := os.Stat(name)
		if err != nil || n.cfg.Now().Sub(info.ModTime()) < copiesKept {
			continue
		}
		if err := os.Remove(name); err != nil {
			n.log.Warn("An old copy of the database wasn't removed", "error", err)
		}
	}
}
