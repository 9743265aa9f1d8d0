package willow

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// TestURIEveryByte: which bytes stand for themselves, in a path and in a fragment.
func TestURIEveryByte(t *testing.T) {
	const inPaths = "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_~"
	const inFragments = inPaths + "!$&'()*+,;=" + "/?:@"
	place := uriNames.Replace("willow://FAMILY.ALFIE")
	for c := range 256 {
		s, encoded := string([]byte{byte(c)}), fmt.Sprintf("%%%02X", c)
		u := entryURI(func(u *URI) { u.Fragment = &s }, s+"x")
		path, fragment := encoded, encoded
		if strings.Contains(inPaths, s) {
			path = s
		}
		if strings.Contains(inFragments, s) {
			fragment = s
		}
		if got, want := u.String(), place+"/"+path+"x#"+fragment; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		for text, want := range map[string]bool{
			"/" + path + "x#" + fragment:                                     true,
			"/" + encoded + "x#" + encoded:                                   true,
			"/" + strings.ToLower(encoded) + "x#" + strings.ToLower(encoded): true,
			"/" + s + "x#" + encoded:                                         path == s,
			"/" + encoded + "x#" + s:                                         fragment == s,
		} {
			got, err := ParseURI(place + text)
			if same := err == nil && reflect.DeepEqual(got, u); same != want || !want && s != "/" && err == nil {
				t.Errorf("%q is %+v, %v", text, got, err)
			}
		}
	}
}

// TestURILongest: as long as can be, and one byte more.
func TestURILongest(t *testing.T) {
	place := uriNames.Replace("willow://FAMILY.ALFIE#")
	fragment := strings.Repeat("x", MaxURI-len(place))
	for _, more := range []string{"", "x"} {
		u := entryURI(func(u *URI) { u.Fragment = new(fragment + more) })
		if text := u.String(); (text != "") != (more == "") {
			t.Errorf("%d bytes are written", len(text))
		}
		if got, err := ParseURI(place + fragment + more); (err == nil) != (more == "") || err == nil && !reflect.DeepEqual(got, u) {
			t.Errorf("%d bytes: %v", MaxURI+len(more), err)
		}
	}
}
