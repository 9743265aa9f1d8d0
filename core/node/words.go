package node

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"meadow/core/mdn"
)

// WordsCheck says whether words are the account's. It never holds any of them.
type WordsCheck struct {
	Right  bool   `json:"right"`
	Reason OrNull `json:"reason"`  // why they aren't, one of those below
	Word   Count  `json:"word"`    // the number of the word that can't be one, from 1
	Count  int    `json:"count"`   // how many were given
	Last   *Time  `json:"checked"` // when they were last right on this device
}

// Why words aren't the account's.
const (
	WordsUnknown = "word"    // one of them can't be one: see Word
	WordsCount   = "count"   // there aren't 24
	WordsOrder   = "order"   // one is another one, or in another's place
	WordsOther   = "account" // they are of another account
)

// keyWordsChecked is the name of Local's value for when the words were last right,
// RFC 3339.
const keyWordsChecked = "words-checked"

// CheckWords says whether words that somebody has typed are this account's, and
// notes when they were. Nothing else is changed, and the words are kept nowhere.
// SplitWords says what counts as a word.
func (n *Node) CheckWords(ctx context.Context, words string) (WordsCheck, error) {
	if !n.account.Paired() {
		return WordsCheck{}, notPaired()
	}
	c, err := n.judgeWords(SplitWords(words))
	if err != nil {
		return WordsCheck{}, err
	}
	if c.Right {
		now, err := n.cfg.Now().UTC().MarshalText()
		if err == nil {
			err = n.cfg.Local.PutValues(ctx, map[string][]byte{keyWordsChecked: now})
		}
		if err != nil {
			return WordsCheck{}, err
		}
		n.bus.emit("words_checked")
	}
	c.Last, err = n.wordsChecked(ctx)
	return c, err
}

func (n *Node) judgeWords(list []string) (WordsCheck, error) {
	c := WordsCheck{Count: len(list)}
	words, err := mdn.ParseWords(strings.Join(list, " "))
	var wrong *mdn.WordError
	switch {
	case errors.As(err, &wrong):
		c.Reason, c.Word = WordsUnknown, Count(wrong.Position)
		return c, nil
	case err != nil && len(list) != mdn.WordCount:
		c.Reason = WordsCount
		return c, nil
	case err != nil:
		c.Reason = WordsOrder
		return c, nil
	}
	if c.Right, err = n.account.WordsAre(words); err != nil {
		return WordsCheck{}, accountError(err)
	}
	if !c.Right {
		c.Reason = WordsOther
	}
	return c, nil
}

// wordsChecked returns when the words were last right here, nil if never.
func (n *Node) wordsChecked(ctx context.Context) (*Time, error) {
	text, ok, err := n.cfg.Local.Value(ctx, keyWordsChecked)
	if err != nil || !ok {
		return nil, err
	}
	var t time.Time
	if t.UnmarshalText(text) != nil {
		return nil, nil // they can be checked again
	}
	return &Time{t}, nil
}

// SplitWords returns the words of a text as somebody types or copies them: in small
// letters, without numbers and signs between them.
func SplitWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
}

// WordList returns all words that can be among an account's, sorted.
func WordList() []string { return mdn.WordList() }

// WordsLike returns those of WordList that begin so, all for "". Four letters leave
// one.
func WordsLike(prefix string) []string {
	list, prefix := mdn.WordList(), strings.ToLower(prefix)
	first, _ := slices.BinarySearch(list, prefix)
	last := first
	for last < len(list) && strings.HasPrefix(list[last], prefix) {
		last++
	}
	return list[first:last]
}
