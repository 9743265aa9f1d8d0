package node

import "strings"

// named returns what is meant by a name or, if nothing is called that, by a prefix
// of an id, which is hex.
func named[T any](all []T, name string, nameOf, idOf func(T) string) []T {
	var byName, byID []T
	for _, x := range all {
		if nameOf(x) == name {
			byName = append(byName, x)
		}
		if len(name) >= minPrefix && strings.HasPrefix(idOf(x), strings.ToLower(name)) {
			byID = append(byID, x)
		}
	}
	if len(byName) > 0 {
		return byName
	}
	return byID
}
