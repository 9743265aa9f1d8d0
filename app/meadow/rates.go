package main

import (
	"fmt"
	"strings"
)

// rate is a number of bytes per second such as 2MiB/s or 500KB; off, or 0, is none.
type rate int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *rate) UnmarshalText(b []byte) error {
	text := strings.TrimSpace(string(b))
	if strings.EqualFold(text, "off") {
		*r = 0
		return nil
	}
	var c byteCount
	if err := c.UnmarshalText([]byte(strings.TrimSuffix(strings.TrimSuffix(text, "/s"), "/S"))); err != nil {
		return fmt.Errorf("%q isn't a rate such as 2MiB/s, 500KB/s or off", text)
	}
	*r = rate(c)
	return nil
}

// onOff is on or off.
type onOff bool

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *onOff) UnmarshalText(b []byte) error {
	switch text := strings.ToLower(strings.TrimSpace(string(b))); text {
	case "on", "off":
		*o = text == "on"
		return nil
	default:
		return fmt.Errorf("%q isn't on or off", text)
	}
}

// speed says how fast may be sent or received.
func speed(bytes int64, lan bool) string {
	switch {
	case bytes == 0:
		return "as fast as it goes"
	case lan:
		return limit(bytes) + "/s at most, on the local network too"
	}
	return limit(bytes) + "/s at most, but as fast as it goes on the local network"
}
