package mdn

import (
	"crypto/ecdh"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

const testWords = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon " +
	"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art"

// TestVectorsKeysFromWords: the keys were computed by another implementation too.
func TestVectorsKeysFromWords(t *testing.T) {
	got := map[string]string{}
	for name, text := range map[string]string{
		"zero": testWords,
		"ones": strings.Repeat("zoo ", 23) + "vote",
	} {
		w, err := ParseWords(text)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := w.Keys()
		if err != nil {
			t.Fatal(err)
		}
		got[name+" identity"] = keys.Identity.Namespace().String()
		got[name+" home"] = keys.Home.Namespace().String()
		got[name+" recovery"] = hexOf(keys.Recovery.PublicKey().Bytes())
		if !keys.Identity.Namespace().Creatable() || !keys.Home.Namespace().Creatable() {
			t.Errorf("%s: a namespace that may not be created", name)
		}
	}
	golden(t, "words", got)
}

func TestParseWordsIsTolerant(t *testing.T) {
	sloppy := "\t" + strings.ReplaceAll(strings.ToUpper(testWords), " ", "\n  ") + "\r\n"
	w, err := ParseWords(sloppy)
	if err != nil {
		t.Fatal(err)
	}
	if w.Text() != testWords {
		t.Errorf("have %q", w.Text())
	}
}

func TestParseWordsNamesTheWrongWord(t *testing.T) {
	words := strings.Fields(testWords)
	words[6] = "abandom"
	_, err := ParseWords(strings.Join(words, " "))
	var wrong *WordError
	if !errors.As(err, &wrong) || wrong.Position != 7 || !errors.Is(err, ErrWords) {
		t.Errorf("have %v, want word 7", err)
	}
	for name, text := range map[string]string{
		"too few":    strings.Join(words[:5], " "),
		"empty":      "",
		"checksum":   strings.Repeat("abandon ", 24),
		"wrong word": strings.Repeat("zoo ", 24),
	} {
		if _, err := ParseWords(text); !errors.Is(err, ErrWords) {
			t.Errorf("%s: have %v", name, err)
		}
	}
}

func TestNewWords(t *testing.T) {
	w, err := NewWords()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseWords(w.Text())
	if err != nil || again != w {
		t.Errorf("new words don't parse: %v", err)
	}
	for _, verb := range []string{"%v", "%s", "%+v", "%#v", "%q", "%x"} {
		if s := fmt.Sprintf(verb, w); s != "24 words" {
			t.Errorf("%s prints %q", verb, s)
		}
	}
}

func TestSealedSeed(t *testing.T) {
	w, _ := ParseWords(testWords)
	keys, err := w.Keys()
	if err != nil {
		t.Fatal(err)
	}
	space := testNamespace(1)
	sealed, err := SealSeed(keys.Recovery.PublicKey(), space)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := sealed.Open(keys.Recovery); err != nil || s.Seed() != space.Seed() {
		t.Errorf("own seed doesn't open: %v", err)
	}
	other, _ := ecdh.X25519().NewPrivateKey(make([]byte, 32))
	if _, err := sealed.Open(other); !errors.Is(err, ErrSeed) {
		t.Errorf("opens with another key: %v", err)
	}
	moved := sealed
	moved.Space = testNamespace(2).Namespace()
	if _, err := moved.Open(keys.Recovery); !errors.Is(err, ErrSeed) {
		t.Errorf("opens as another space's: %v", err)
	}
}

// TestSealedSeedVector opens a seed that was sealed when the format was made.
func TestSealedSeedVector(t *testing.T) {
	const path = "testdata/sealed.json"
	w, _ := ParseWords(testWords)
	keys, err := w.Keys()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); os.IsNotExist(err) && *update {
		s, err := SealSeed(keys.Recovery.PublicKey(), testNamespace(1))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "sealed", map[string]string{"space": hex32(s.Space), "enc": hex32(s.Enc), "ciphertext": hexOf(s.Ciphertext[:])})
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]string
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	var s Seed
	for name, dst := range map[string][]byte{"space": s.Space[:], "enc": s.Enc[:], "ciphertext": s.Ciphertext[:]} {
		if n, err := hex.Decode(dst, []byte(v[name])); err != nil || n != len(dst) {
			t.Fatalf("%s: %v", name, err)
		}
	}
	secret, err := s.Open(keys.Recovery)
	if err != nil || secret.Namespace() != s.Space {
		t.Errorf("the vector doesn't open: %v", err)
	}
}
