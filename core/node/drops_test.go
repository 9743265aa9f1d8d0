package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"meadow/core/carry"
	"meadow/core/willow"
)

// TestDropStopped: an export that is stopped leaves nothing, and says progress as long
// as it goes; an import that is stopped goes on when it is done again.
func TestDropStopped(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	d.put("Notes", "large", strings.Repeat("0123456789abcdef", 300_000))
	dir := t.TempDir()
	file := filepath.Join(dir, "x"+DropExt)
	stopping := func(stop func()) func(DropProgress) {
		return func(p DropProgress) {
			if p.Total <= 0 {
				t.Errorf("no total: %+v", p)
			}
			stop()
		}
	}
	over, stop := context.WithCancel(t.Context())
	stop()
	_, err = d.DropExport(over, DropWhat{Space: "Notes"}, file, nil)
	if left, _ := os.ReadDir(dir); !errors.Is(err, context.Canceled) || len(left) > 0 {
		t.Fatalf("a stopped export: %v, %v", err, left)
	}
	told := false
	wrote, err := d.DropExport(t.Context(), DropWhat{Space: "Notes"}, file, stopping(func() { told = true }))
	if must(t, err); !told || wrote.Size < 4_800_000 {
		t.Errorf("told %v of %+v", told, wrote)
	}
	d.taking <- struct{}{} // as an import that is under way has
	if r, err := d.DropImport(over, file, nil); !errors.Is(err, context.Canceled) || r.File != "" {
		t.Errorf("it doesn't wait for another: %+v, %v", r, err)
	}
	<-d.taking
	if _, err = d.DropImport(over, file, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped import: %v", err)
	}
	again, err := d.DropImport(t.Context(), file, nil)
	if must(t, err); len(again.Spaces) != 1 || again.Spaces[0].Known != again.Spaces[0].Entries || again.Spaces[0].Files != 0 {
		t.Errorf("one's own drop: %+v", again)
	}
}

// TestDropEndsSpace: what a drop itself takes back is told as that.
func TestDropEndsSpace(t *testing.T) {
	laptop := alone(t)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	laptop.put("Notes", "a", "one")
	phone := laptop.joined("phone", PairAcceptOptions{})
	phone.inStep("laptop")
	_, err = phone.Pause(t.Context(), 0)
	must(t, err)
	_, err = laptop.DeviceRemove(t.Context(), "phone", DeviceRemoveOptions{})
	must(t, err)
	laptop.put("Notes", "b", "two")
	file := filepath.Join(t.TempDir(), "x"+DropExt)
	_, err = laptop.DropExport(t.Context(), DropWhat{Space: "Notes"}, file, nil)
	must(t, err)
	r, err := phone.DropImport(t.Context(), file, nil)
	must(t, err)
	if s := r.Spaces[0]; s.Refused != s.Entries || len(s.Reasons) != 1 || s.Reasons[0].Reason != string(reasonEnded) || s.Files != 0 {
		t.Errorf("%+v", s)
	}
}

// TestDropCountsFiles: empty files are files, and folders, deletions and details aren't.
func TestDropCountsFiles(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	d.put("Notes", "a", "12345")
	d.put("Notes", "sub/empty", "")
	d.put("Notes", "gone", "")
	_, err = d.Remove(t.Context(), "Notes", "gone")
	must(t, err)
	_, err = d.MakeFolder(t.Context(), "Notes", "folder")
	must(t, err)
	for path, want := range map[string][2]int64{"": {2, 5}, "sub/empty": {1, 0}, "folder": {0, 0}} {
		file := filepath.Join(t.TempDir(), "x"+DropExt)
		wrote, err := d.DropExport(t.Context(), DropWhat{Space: "Notes", Path: path}, file, nil)
		must(t, err)
		shown, err := d.DropShow(t.Context(), file)
		must(t, err)
		for _, s := range []DropSpace{wrote.Spaces[0], shown.Spaces[0]} {
			if s.Files != want[0] || s.Bytes != want[1] || s.Missing != 0 {
				t.Errorf("%q: %+v", path, s)
			}
		}
	}
}

// TestDropMaxSize: a drop has no more bytes than it may, what doesn't fit alone is passed
// over, and what is left out is said.
func TestDropMaxSize(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	for i := range 100 {
		d.put("Notes", fmt.Sprintf("a folder/%d", i), strings.Repeat("x", i))
	}
	d.put("Notes", "huge", strings.Repeat("x", 300_000))
	for size, most := range map[int64]int64{2_000: 3, 30_000: 75, 200_000: 100, 310_000: 23, 10_000_000: 101} {
		r, err := d.DropExport(t.Context(), DropWhat{Space: "Notes", MaxSize: size}, filepath.Join(t.TempDir(), "x"), nil)
		must(t, err)
		if s := r.Spaces[0]; r.Size > size || s.Files == 0 || s.Files > most || s.Files < most/2 || s.Files+s.LeftOut != 101 || s.Path != "" {
			t.Errorf("with %d bytes: %d bytes, %+v", size, r.Size, s)
		}
	}
	var e *Error
	file := filepath.Join(t.TempDir(), "x")
	if _, err := d.DropExport(t.Context(), DropWhat{Space: "Notes", Path: "huge", MaxSize: 200_000}, file, nil); !errors.As(err, &e) || e.Code != CodeNotFound {
		t.Errorf("a drop without anything: %v", err)
	}
	for _, what := range []DropWhat{{Space: "Notes", Newest: -1}, {Space: "Notes", MaxSize: -1}} {
		if _, err := d.DropExport(t.Context(), what, file, nil); !errors.As(err, &e) || e.Code != CodeUsage {
			t.Errorf("%+v: %v", what, err)
		}
	}
	if _, err := d.DropExport(t.Context(), DropWhat{Space: "Notes"}, "", nil); !errors.As(err, &e) || e.Code != CodeUsage {
		t.Errorf("without a file: %v", err)
	}
}

// TestDropFails: what the file can't do is told as the file's, and what was written is
// still there.
func TestDropFails(t *testing.T) {
	cause := &fs.PathError{Op: "read", Path: "/media/x", Err: syscall.EIO}
	var e *Error
	err := dropError("/media/x", fmt.Errorf("read a drop: %w", &carry.PlaceError{Offset: 7, Err: cause}), carry.Report{}, "all is well")
	if !errors.As(err, &e) || e.Code != CodeIO || !strings.HasPrefix(e.Message, "x can't be read, at byte 7: input/output error") {
		t.Error(err)
	}
	if _, _, err := openDrop(""); !errors.As(err, &e) || e.Code != CodeUsage {
		t.Error(err)
	}
}

// TestDropOfMany: a header that names a space again and again, and lengths that can't
// be, are told in bounded time and numbers.
func TestDropOfMany(t *testing.T) {
	d := alone(t)
	r := carry.Report{Spaces: make([]carry.SpaceReport, 1<<14)}
	for i := range r.Spaces {
		r.Spaces[i].Namespace = willow.NamespaceID{1, byte(i), byte(i >> 8 & 0x1f)}
	}
	ns, p := willow.NamespaceID{1}, willow.MustPath("files", "a")
	count := fileCounts{}
	for range 3 {
		count.add(willow.Entry{Namespace: ns, Path: p, PayloadLength: math.MaxUint64}, true, math.MaxUint64, nil)
	}
	got := d.dropReport(r, "x", count)
	if len(got.Spaces) != 1<<13 || got.Spaces[0].Files != 3 || got.Spaces[0].Bytes != math.MaxInt64 {
		t.Errorf("%d spaces, the first one %+v", len(got.Spaces), got.Spaces[0])
	}
}
