package first

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/core/node"
	"meadow/ui/scene"
)

func TestQuiz(t *testing.T) {
	q := newQuiz(strings.Fields(scene.Words), func(n int) []int {
		if n != 24 {
			t.Errorf("%d words", n)
		}
		return []int{22, 0, 7, 5}
	})
	if q.asked != [askedBack]int{0, 7, 22} {
		t.Errorf("asked %v", q.asked)
	}
	for i, answer := range []string{"abandon", " Abstract ", "ACTRESS."} {
		if !q.right(i, answer) || q.right(i, answer+"x") || q.right(i, "") || q.right(i, answer+" "+answer) {
			t.Errorf("%d: %s", i, answer)
		}
	}
	for range 100 {
		if q := newQuiz(strings.Fields(scene.Words), anyOrder); q.asked[0] >= q.asked[1] || q.asked[1] >= q.asked[2] {
			t.Fatalf("asked %v", q.asked)
		}
	}
}

func TestSuggestions(t *testing.T) {
	for typed, want := range map[string]string{
		"": "", "a": "", "ac": "access accident account accuse", "ACT": "act action actor actress", "acti": "action", "action": "", "act": "act action actor actress",
		"xyz": "", " aban ": "abandon",
	} {
		if got := strings.Join(suggestions(typed), " "); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if only("aban") != "abandon" || only("ac") != "" || only("abandon") != "" {
		t.Error("only")
	}
}

func TestNames(t *testing.T) {
	for name, good := range map[string]bool{"Anna": true, " Anna ": true, "": false, "  ": false, "a/b": false, "a,b": false, strings.Repeat("x", 200): false} {
		if nameGood(name) != good || good && nameProblem(name) != "" {
			t.Errorf("%q: %q", name, nameProblem(name))
		}
	}
	if nameProblem("a/b") == "" || nameProblem("") != "" {
		t.Error("what is wrong is said, and nothing before something is typed")
	}
}

// TestPrintPage: the page stands by itself, and a name can do nothing in it.
func TestPrintPage(t *testing.T) {
	b, err := PrintPage(`<script>alert("Anna")</script>`, strings.Fields(scene.Words), scene.At)
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, want := range append(strings.Fields(scene.Words), "&lt;script&gt;", "23 Nov 2026", "become you") {
		if !strings.Contains(page, want) {
			t.Errorf("%q isn't on it", want)
		}
	}
	for _, no := range []string{"<script", "http:", "https:", "src=", "@import", "url("} {
		if strings.Contains(page, no) {
			t.Errorf("%q is on it", no)
		}
	}
	if n := strings.Count(page, "<li>"); n != 24 {
		t.Errorf("%d words", n)
	}
}

func TestSavePrivately(t *testing.T) {
	file := filepath.Join(t.TempDir(), "words.html")
	if err := os.WriteFile(file, []byte("an old and longer page"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := savePrivately(file, []byte("words")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if b, _ := os.ReadFile(file); err != nil || info.Mode().Perm() != 0o600 || string(b) != "words" {
		t.Errorf("%v, %q, %v", info.Mode(), b, err)
	}
	for range 2 { // one that is gone is gone
		if err := removePrivate(file); err != nil {
			t.Error(err)
		}
	}
	if err := savePrivately(filepath.Join(file, "no", "such"), nil); node.AsError(err).Code != node.CodeIO {
		t.Error(err)
	}
}

func TestJoining(t *testing.T) {
	n := scene.New(scene.Few)
	j := new(joining)
	hear := func(until string) {
		for _, e := range n.Shows(until) {
			j.heard(e)
		}
	}
	hear("")
	if share, left := j.left(scene.At); j.phase != showing || left != "New code in 43 seconds" || share < 0.71 || share > 0.72 {
		t.Errorf("%+v: %q, %v", j, left, share)
	}
	if share, left := j.left(scene.At.Add(time.Hour)); share != 0 || left != "New code in 0 seconds" {
		t.Errorf("%q, %v", left, share)
	}
	hear("confirm")
	title, body := j.question()
	if j.phase != asked || title != "Join Anna's account?" || !strings.Contains(body, "Desk wants to add this device as a full device") || j.typingLeft(scene.At) != "1:42 left" {
		t.Errorf("%+v: %s %s", j, title, body)
	}
	hear("refused")
	if j.phase != showing || !strings.Contains(j.problem, "weren't the digits on Desk") {
		t.Errorf("%+v", j)
	}
	hear("confirm")
	j.declined = true // by "Don't join"
	hear("refused")
	hear("confirm")
	if j.declined {
		t.Error("the next attempt is declined already")
	}
	if why := (&joining{declined: true}).why("refused"); why != "You didn't join. Here is a new code." {
		t.Error(why)
	}
	j.ended(&node.Error{Code: node.CodeTooMany, Message: "three attempts to pair failed", Hint: "try again after 14:12:11"})
	if j.phase != resting || j.problem != "Three attempts to pair failed. Try again after 14:12:11." {
		t.Errorf("%+v", j)
	}
	hear("paired")
	if j.ended(nil); j.phase != joined || j.problem != "" || len(j.spaces) != 3 {
		t.Errorf("%+v", j)
	}
	for _, reason := range []string{"refused", "expired", "wrong_account", "wrong_code"} {
		if why := new(joining).why(reason); !strings.HasSuffix(why, ".") {
			t.Errorf("%s: %q", reason, why)
		}
	}
}
