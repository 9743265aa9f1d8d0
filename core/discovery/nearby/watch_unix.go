//go:build unix && !linux

package nearby

// heedJoinedOnly has nothing to do: sockets hear only what they joined.
func heedJoinedOnly(int, bool) {}
