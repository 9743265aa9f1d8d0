package mdn

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"meadow/core/willow"
)

// TestEndVectors: how a space's end and the account's settings are written.
func TestEndVectors(t *testing.T) {
	at := time.UnixMicro(1_800_000_000_000_001)
	space, about := spaceRecord("notes", at), aboutRecord("notes")
	about.set("look", "kept")
	for _, f := range []fields{space, about} {
		deletion{true, at}.write(f)
	}
	golden(t, "ends", map[string]string{
		"setting path":  hexOf(willow.AppendPath(nil, settingPath(historySetting))),
		"history":       hexOf(historyRecord(nil, 30).encode()),
		"deleted space": hexOf(space.encode()),
		"deleted about": hexOf(about.encode()),
	})
	_, d, err := parseSpace(willow.NamespaceID{}, space.encode())
	if err != nil || !d.deleted || !d.at.Equal(at) {
		t.Errorf("read as %+v, %v", d, err)
	}
	d.deleted = false
	d.write(space)
	if !bytes.Equal(space.encode(), spaceRecord("notes", at).encode()) {
		t.Error("what was undeleted isn't as it was before")
	}
}

func TestHistoryRecord(t *testing.T) {
	more := fields{}
	more.set("later", true)
	b := historyRecord(more, 365).encode()
	days, f, err := parseHistory(b)
	if err != nil || days != 365 || !bytes.Equal(historyRecord(f, days).encode(), b) {
		t.Errorf("read %d, %v, %v", days, f, err)
	}
	for name, v := range map[string]any{"none": uint64(0), "too many": uint64(366), "text": "30", "less": -1} {
		f := fields{}
		f.set("days", v)
		if _, _, err := parseHistory(f.encode()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzEnds(f *testing.F) {
	at := time.UnixMicro(1_800_000_000_000_001)
	space := spaceRecord("notes", at)
	deletion{true, at}.write(space)
	f.Add(space.encode())
	f.Add(historyRecord(nil, 30).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if days, kept, err := parseHistory(b); err == nil && !bytes.Equal(historyRecord(kept, days).encode(), b) {
			t.Errorf("%x was read and is written differently", b)
		}
		s, d, err := parseSpace(willow.NamespaceID{}, b)
		if err != nil || d.at.UnixMicro() >= 1<<62 {
			return
		}
		again := spaceRecord(s.Name, s.Created)
		d.write(again)
		if _, e, err := parseSpace(willow.NamespaceID{}, again.encode()); err != nil || e != d || !slices.Equal(again["name"], encode(s.Name)) {
			t.Errorf("%+v is written and read as %+v, %v", d, e, err)
		}
	})
}
