// Package ignore tells which paths of a folder aren't synced: those that match
// the rules of .meadowignore files, or the defaults.
//
// Rules are those of gitignore, and mean what `git check-ignore` says they mean,
// its oddities included; the tests ask it. Files of rules may lie in any folder
// and are about what is in that. The last rule of the innermost file that
// matches decides, defaults come last of all, and a rule that begins with `!`
// brings back what others ignore. What is in an ignored folder can't be brought
// back, so that nobody need look into one. Names are bytes, and capitals count.
//
// The matcher is our own. Of the libraries that could be had none agrees with
// git: go-git v5.19's differs in a fifth of the cases of our table ([!a] is one),
// and so does sabhiram/go-gitignore; the latter and monochromegane/go-gitignore
// have seen no release in five years; none bounds the time that a pattern takes.
// Here that is at most the product of the lengths of pattern and path, and both
// are bounded.
//
// Most readers need [NewSet] and [Set.Match].
package ignore
