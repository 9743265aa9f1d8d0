//go:build headless

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"meadow/core/node"
)

// TestEveryEventInWords: no event of the node is shown as JSON.
func TestEveryEventInWords(t *testing.T) {
	sources, err := filepath.Glob("../../core/node/*.go")
	if err != nil {
		t.Fatal(err)
	}
	emits := regexp.MustCompile(`emit\("(\w+)", `)
	found := 0
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range emits.FindAllStringSubmatch(string(text), -1) {
			found++
			if eventLines[m[1]] == nil {
				t.Errorf("%s has no words", m[1])
			}
		}
	}
	if found < 30 {
		t.Errorf("found %d events", found)
	}
}

func TestEventLines(t *testing.T) {
	for raw, want := range map[string]string{
		`{"event":"in_step","device":"desk","in_step":true,"namespace":"` + strings.Repeat("8b", 32) + `"}`:                          "in step with desk: the account",
		`{"event":"in_step","device":"desk","in_step":false,"namespace":"Notes"}`:                                                    "Notes of desk and this device differ; syncing",
		`{"event":"synced","device":"desk","space":"Notes","added":1200,"renamed":2,"conflicts":1,"bytes":12000000,"complete":true}`: "desk brought to Notes: 1,200 added, 2 renamed, 1 conflict (12.0 MB)",
		`{"event":"conflict","space":"No\u202etes","copies":2}`:                                                                      `2 conflicts in No\u202etes: see ` + "`meadow conflicts`",
		`{"event":"trouble","space":null,"what":"the disk is full"}`:                                                                 "the disk is full",
		`{"event":"settings","copy_limit":67108864}`:                                                                                 "the copy limit is 64 MiB",
		`{"event":"hold_ended","how":"kept","removes":30,"space":"Notes"}`:                                                           "30 files of Notes are held no longer: they stay",
		`{"event":"unheard","of":"x\u001b"}`:                                                                                         `unheard  {"of":"x\u001b"}`,
	} {
		var e node.Event
		if err := json.Unmarshal([]byte(raw), &e); err != nil {
			t.Fatal(err)
		}
		if got := eventLine(e); !strings.HasSuffix(got, "  "+want) {
			t.Errorf("%s: %q", raw, got)
		}
	}
	for name, line := range eventLines { // of an event without anything too
		if line(nil) == "" && name != "trouble" {
			t.Errorf("%s says nothing", name)
		}
	}
}

// TestPeopleLines: all that is told of people and what is shared is told in words.
func TestPeopleLines(t *testing.T) {
	for _, kind := range node.ActivityKinds() {
		if people := strings.HasPrefix(kind, "person_") || strings.HasPrefix(kind, "share") || strings.HasPrefix(kind, "invite"); people != (peopleLines[kind] != nil) {
			t.Errorf("%s: words for people %v", kind, peopleLines[kind] != nil)
		}
	}
	for raw, want := range map[string]string{
		`{"event":"shared","person":"Ana","space":"Photos","path":"2026","level":"contribute","until":null}`: "Photos/2026 was shared with Ana to read and add to",
		`{"event":"share_answered","person":"Ana\u202e","space":"Photos","path":"","state":"declined"}`:      `Ana\u202e declined Photos`,
		`{"event":"share_ended"}`: "somebody's access to something was taken back; what they downloaded stays with them",
	} {
		var e node.Event
		if err := json.Unmarshal([]byte(raw), &e); err != nil {
			t.Fatal(err)
		}
		if got := eventLine(e); !strings.HasSuffix(got, "  "+want) {
			t.Errorf("%s: %q", raw, got)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"64MiB": 64 << 20, "64M": 64 << 20, "64MB": 64e6, "64 mb": 64e6, "1k": 1 << 10, "1kB": 1000, "4096": 4096, "7B": 7, "0": 0, "1TiB": 1 << 40,
		"": -1, "M": -1, "x": -1, "-1": -1, "1.5M": -1, "99999999999999T": -1, "64MiBs": -1,
	} {
		var c byteCount = -1
		if err := c.UnmarshalText([]byte(text)); (err != nil) != (want < 0) || int64(c) != want {
			t.Errorf("%q is %d, %v", text, c, err)
		}
	}
	for n, want := range map[int64]string{64 << 20: "64 MiB", 1 << 30: "1 GiB", 64e6: "64.0 MB", 3 << 19: "1.6 MB", 100: "100 B", 0: "0 B", 1000 << 20: "1000 MiB"} {
		if got := limit(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
