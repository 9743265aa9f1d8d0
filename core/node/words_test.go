package node

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/key"
)

// wordy is a new account at work that logs into a buffer, and its words.
func wordy(t *testing.T, log *bytes.Buffer) (*device, string) {
	t.Helper()
	d := at(t, Home{t.TempDir() + "/laptop"})
	var words string
	must(t, d.home.Setup(func(staged Home, k key.Device) (err error) {
		cfg, db := d.config(staged, k)
		defer db.Close()
		words, err = Create(t.Context(), cfg, "Ada", "laptop")
		return err
	}, nothing))
	d.log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return d.start(), words
}

func TestCheckWords(t *testing.T) {
	var log bytes.Buffer
	d, right := wordy(t, &log)
	list := strings.Fields(right)
	_, foreign := wordy(t, new(bytes.Buffer))
	swapped := slices.Clone(list)
	i := slices.IndexFunc(list, func(w string) bool { return w != list[0] })
	swapped[0], swapped[i] = swapped[i], swapped[0]
	misspelt := slices.Clone(list)
	misspelt[6] += "x"
	for name, c := range map[string]struct {
		words string
		want  WordsCheck
	}{
		"one wrong": {strings.Join(misspelt, " "), WordsCheck{Reason: WordsUnknown, Word: 7, Count: 24}},
		"too few":   {strings.Join(list[:23], " "), WordsCheck{Reason: WordsCount, Count: 23}},
		"none":      {" ", WordsCheck{Reason: WordsCount}},
		"foreign":   {foreign, WordsCheck{Reason: WordsOther, Count: 24}},
	} {
		if got, err := d.CheckWords(t.Context(), c.words); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// One order in 256 has a right checksum too.
	if got, err := d.CheckWords(t.Context(), strings.Join(swapped, " ")); err != nil || got.Right || got.Reason != WordsOrder && got.Reason != WordsOther {
		t.Errorf("swapped: %+v, %v", got, err)
	}
	if s, err := d.Status(t.Context()); err != nil || s.WordsChecked != nil {
		t.Errorf("never right, and checked %v, %v", s.WordsChecked, err)
	}

	var printed strings.Builder // as a printed page numbers them
	for i, w := range list {
		printed.WriteString(strings.Repeat("\n", i%2) + string(rune('0'+i%10)) + ". " + strings.ToUpper(w) + ",")
	}
	got, err := d.CheckWords(t.Context(), printed.String())
	if err != nil || !got.Right || got.Last == nil || time.Since(got.Last.Time) > time.Minute {
		t.Errorf("right: %+v, %v", got, err)
	}
	d.again()
	if s, err := d.Status(t.Context()); err != nil || s.WordsChecked == nil || !s.WordsChecked.Equal(got.Last.Time) {
		t.Errorf("after a restart: %v, %v", s.WordsChecked, err)
	}
	d.close()
	for _, w := range append(list, misspelt[6]) {
		if strings.Contains(log.String(), " "+w+" ") || strings.Contains(log.String(), w+" "+w) {
			t.Errorf("the log has %q", w)
		}
	}
	if strings.Contains(log.String(), list[0]+" "+list[1]) {
		t.Error("the log has the words")
	}
}

func TestCheckWordsUnpaired(t *testing.T) {
	d := fresh(t, "", "desk").start()
	_, err := d.CheckWords(context.Background(), "abandon")
	fails(t, err, CodeNotPaired)
}

func TestWordsLike(t *testing.T) {
	if all := WordList(); len(all) != 2048 || len(WordsLike("")) != 2048 {
		t.Errorf("%d words", len(all))
	}
	for prefix, want := range map[string][]string{
		"aband": {"abandon"}, "ZOO": {"zoo"}, "act": {"act", "action", "actor", "actress", "actual"}, "q0": {}, "zzz": {},
	} {
		if got := WordsLike(prefix); !slices.Equal(got, want) {
			t.Errorf("%q: %q", prefix, got)
		}
	}
	four := map[string]bool{}
	for _, w := range WordList() {
		four[w[:min(4, len(w))]] = true
	}
	if len(four) != 2048 {
		t.Errorf("four letters leave %d words apart", len(four))
	}
}
