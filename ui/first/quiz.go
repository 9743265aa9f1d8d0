package first

import (
	"math/rand/v2"
	"slices"
	"strings"

	"meadow/core/node"
)

// askedBack is how many of the words have to be typed.
const askedBack = 3

// quiz asks some of an account's words back, to see that they were written down.
type quiz struct {
	words []string
	asked [askedBack]int // positions, from 0, in order
}

// newQuiz asks at random positions: shuffle returns them all in any order.
func newQuiz(words []string, shuffle func(n int) []int) quiz {
	q := quiz{words: words}
	copy(q.asked[:], shuffle(len(words)))
	slices.Sort(q.asked[:])
	return q
}

// anyOrder is the shuffle of a person's quiz. It keeps no secret: whoever guesses the
// positions still has to know the words.
func anyOrder(n int) []int { return rand.Perm(n) }

// right reports whether the i-th answer is the word that is asked for.
func (q quiz) right(i int, answer string) bool {
	typed := node.SplitWords(answer)
	return len(typed) == 1 && typed[0] == q.words[q.asked[i]]
}

// suggested is how many words are offered at most.
const suggested = 4

// suggestions are the words that a beginning may become: none for less than two
// letters, and none once it is a whole word that no other begins with.
func suggestions(typed string) []string {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if len(typed) < 2 {
		return nil
	}
	like := node.WordsLike(typed)
	if len(like) == 1 && like[0] == typed {
		return nil
	}
	return like[:min(len(like), suggested)]
}

// only is the one word that a beginning can become, or "".
func only(typed string) string {
	if like := suggestions(typed); len(like) == 1 {
		return like[0]
	}
	return ""
}
