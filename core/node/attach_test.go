package node

import "testing"

// TestDetachedSaysWhere: the log can say which folder was let go.
func TestDetachedSaysWhere(t *testing.T) {
	d, folder := attachedAt(t, t.TempDir())
	sp := d.spaces.all()[0]
	_, err := d.SpaceDetach(t.Context(), sp.id.String())
	must(t, err)
	events := d.told("detached")
	if len(events) != 1 || events[0].Fields["folder"] != folder {
		t.Errorf("told: %+v, want %s", events, folder)
	}
}
