package drop_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/drop"
)

// TestWriterRefuses writes what isn't a drop.
func TestWriterRefuses(t *testing.T) {
	a := willow.MDN1.Default()
	a.Entry.PayloadLength = 40
	short := func(io.Writer) error { return nil }
	long := func(w io.Writer) error { _, err := w.Write(make([]byte, 100)); return err }
	exactly := func(n int) func(io.Writer) error {
		return func(w io.Writer) error { _, err := w.Write(make([]byte, n)); return err }
	}
	none := params
	none.Slices = nil
	for name, write := range map[string]func() error{
		"slices without any":       func() error { return drop.NewWriter(io.Discard, none).Begin(a) },
		"a payload that ends":      func() error { return drop.NewWriter(io.Discard, params).Whole(a, strings.NewReader("short")) },
		"a slice without an entry": func() error { return drop.NewWriter(io.Discard, params).Slice(drop.Run{End: 1}, short) },
		"a slice of nothing": func() error {
			w := drop.NewWriter(io.Discard, params)
			return errors.Join(w.Begin(a), w.Slice(drop.Run{}, short))
		},
		"a slice of nothing, as long as it should be": func() error {
			w := drop.NewWriter(io.Discard, params)
			return errors.Join(w.Begin(a), w.Slice(drop.Run{Start: 1, End: 1}, exactly(8)))
		},
		"a slice before the last": func() error {
			w := drop.NewWriter(io.Discard, params)
			return errors.Join(w.Begin(a), w.Slice(drop.Run{Start: 1, End: 2}, exactly(28)), w.Slice(drop.Run{End: 1}, exactly(20)))
		},
		"a slice again": func() error {
			w := drop.NewWriter(io.Discard, params)
			return errors.Join(w.Begin(a), w.Slice(drop.Run{End: 1}, exactly(28)), w.Slice(drop.Run{End: 1}, exactly(28)))
		},
		"a slice of no group there is": func() error {
			w := drop.NewWriter(io.Discard, params)
			return errors.Join(w.Begin(a), w.Slice(drop.Run{End: 4}, exactly(88)))
		},
		"a slice that is too short": func() error {
			w := drop.NewWriter(io.Discard, params)
			return errors.Join(w.Begin(a), w.Slice(drop.Run{End: 1}, short))
		},
		"a slice that is too long": func() error {
			w := drop.NewWriter(io.Discard, params)
			return errors.Join(w.Begin(a), w.Slice(drop.Run{End: 1}, long))
		},
		"after the end": func() error {
			w := drop.NewWriter(io.Discard, params)
			return errors.Join(w.Close(), w.Entry(a))
		},
	} {
		if err := write(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
