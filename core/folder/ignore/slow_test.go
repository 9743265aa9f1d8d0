package ignore_test

import "strings"

// slow reports whether a glob without brackets and slashes matches a name, in
// the plainest way: it tries all that a star could take.
func slow(glob, name string) bool {
	switch {
	case glob == "":
		return name == ""
	case glob[0] == '*':
		return slow(glob[1:], name) || name != "" && slow(glob, name[1:])
	case name == "":
		return false
	case glob[0] == '?':
		return slow(glob[1:], name[1:])
	case glob[0] == '\\':
		return len(glob) > 1 && slow(glob[2:], name[1:]) && glob[1] == name[0]
	}
	return glob[0] == name[0] && slow(glob[1:], name[1:])
}

// plain reports whether slow can tell what a pattern of a rule matches.
func plain(pattern string) bool {
	return pattern != "" && len(pattern) <= 12 && !strings.ContainsAny(pattern, "[/!\r\x00")
}
