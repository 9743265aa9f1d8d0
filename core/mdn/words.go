package mdn

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tyler-smith/go-bip39"

	"meadow/core/key"
)

// WordCount is the number of words that an account is recovered with.
const WordCount = 24

// ErrWords is wrapped by every error about words.
var ErrWords = errors.New("not the words of an account")

// WordError names a word that can't be one.
type WordError struct {
	Position int // counted from 1
}

func (e *WordError) Error() string {
	return fmt.Sprintf("word %d is not in the list of words", e.Position)
}

// Unwrap makes a WordError an [ErrWords].
func (e *WordError) Unwrap() error { return ErrWords }

// Words are the 24 words (BIP-39, English) from which the keys of an account
// derive. They are the account: whoever has them can take it back, and over.
// They are not kept on any device and don't print; Text is for the one place
// that shows them.
type Words struct{ text string }

// NewWords draws new words from the system's randomness.
func NewWords() (Words, error) {
	entropy, err := bip39.NewEntropy(256)
	if err != nil {
		return Words{}, fmt.Errorf("draw words: %w", err)
	}
	text, err := bip39.NewMnemonic(entropy)
	if err != nil {
		return Words{}, fmt.Errorf("draw words: %w", err)
	}
	return Words{text}, nil
}

// ParseWords reads words as a person types them: any case, any white space. The
// error says which word is wrong where that can be told ([WordError]).
func ParseWords(s string) (Words, error) {
	words := strings.Fields(strings.ToLower(s))
	for i, w := range words {
		if _, ok := bip39.GetWordIndex(w); !ok {
			return Words{}, &WordError{Position: i + 1}
		}
	}
	if len(words) != WordCount {
		return Words{}, fmt.Errorf("%w: want %d words, have %d", ErrWords, WordCount, len(words))
	}
	text := strings.Join(words, " ")
	if _, err := bip39.EntropyFromMnemonic(text); err != nil {
		return Words{}, fmt.Errorf("%w: a word is wrong or in the wrong place", ErrWords)
	}
	return Words{text}, nil
}

// WordList returns the 2048 words that may be among an account's, sorted. The first
// four letters tell a word from all others.
func WordList() []string { return slices.Clone(bip39.GetWordList()) }

// WordsAre reports whether the words are this account's. It takes some milliseconds.
func (a *Account) WordsAre(w Words) (bool, error) {
	v := a.now.Load()
	if !v.paired() {
		return false, ErrNotPaired
	}
	keys, err := w.Keys()
	if err != nil {
		return false, err
	}
	return keys.Identity.Namespace() == v.identity, nil
}

// Text returns the words on one line with single spaces.
func (w Words) Text() string { return w.text }

// Format hides the words from every verb of package fmt.
func (Words) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%d words", WordCount) }

// Keys are what the words derive. They exist only while an account is created
// or recovered.
type Keys struct {
	Identity key.NamespaceSecret
	Home     key.NamespaceSecret
	Recovery *ecdh.PrivateKey // X25519; the seeds of spaces are sealed to it
}

// Keys derives the keys by FORMATS, "Keys from words". It takes some
// milliseconds (PBKDF2).
func (w Words) Keys() (Keys, error) {
	seed := bip39.NewSeed(w.text, "")
	identity, err := deriveNamespace(seed, "mdn-identity/1")
	if err != nil {
		return Keys{}, err
	}
	home, err := deriveNamespace(seed, "mdn-home/1")
	if err != nil {
		return Keys{}, err
	}
	secret, err := hkdf.Key(sha256.New, seed, nil, "mdn-recovery/1", 32)
	if err != nil {
		return Keys{}, fmt.Errorf("derive recovery key: %w", err)
	}
	recovery, err := ecdh.X25519().NewPrivateKey(secret)
	if err != nil {
		return Keys{}, fmt.Errorf("derive recovery key: %w", err)
	}
	return Keys{Identity: identity, Home: home, Recovery: recovery}, nil
}

// deriveNamespace tries counter bytes from 0 until one gives a namespace that
// may be created; half of all keys do, so 256 tries don't run out.
func deriveNamespace(seed []byte, info string) (key.NamespaceSecret, error) {
	for counter := range 256 {
		b, err := hkdf.Key(sha256.New, seed, nil, info+string([]byte{byte(counter)}), key.Size)
		if err != nil {
			return key.NamespaceSecret{}, fmt.Errorf("derive namespace: %w", err)
		}
		if s := key.NamespaceFromSeed([key.Size]byte(b)); s.Namespace().Creatable() {
			return s, nil
		}
	}
	return key.NamespaceSecret{}, errors.New("derive namespace: no counter fits")
}
