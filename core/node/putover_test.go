package node

import (
	"io"
	"strings"
	"testing"
)

// meanwhile is content during which something else happens.
type meanwhile struct {
	io.Reader
	do func()
}

func (m *meanwhile) Read(b []byte) (int, error) {
	m.do()
	m.do = func() {}
	return m.Reader.Read(b)
}

// TestPutOver replaces only what it was meant to replace, also where that changes
// while the content is read.
func TestPutOver(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	over := func(path, over, text string) (Written, error) {
		return d.PutOver(t.Context(), "Notes", path, over, strings.NewReader(text))
	}
	first, err := over("a", "", "one")
	must(t, err)
	_, err = d.PutOver(t.Context(), "Notes", "a", "", untouched{t})
	fails(t, err, CodeExists)
	second, err := over("a", *first.Version, "two")
	must(t, err)
	_, err = d.PutOver(t.Context(), "Notes", "a", *first.Version, untouched{t})
	fails(t, err, CodeExists)
	for path, version := range map[string]string{"a": *second.Version, "b": ""} {
		_, err = d.PutOver(t.Context(), "Notes", path, version, &meanwhile{strings.NewReader("mine"), func() { d.put("Notes", path, "theirs") }})
		fails(t, err, CodeExists)
		if text := d.get("Notes", path); text != "theirs" {
			t.Errorf("%s reads %q", path, text)
		}
	}
	_, err = d.Remove(t.Context(), "Notes", "a")
	must(t, err)
	_, err = over("a", *second.Version, "three")
	fails(t, err, CodeExists)
	_, err = over("a", "", "three")
	must(t, err)
	if text := d.get("Notes", "a"); text != "three" {
		t.Errorf("a reads %q", text)
	}
}
