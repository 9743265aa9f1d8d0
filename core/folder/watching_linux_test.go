package folder_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/core/folder"
)

// TestWatchesRunOut has the kernel refuse watches, which it counts for each user
// namespace, and then allow them.
func TestWatchesRunOut(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{"watches": "max_inotify_watches", "instances": "max_inotify_instances"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !inNamespace(t) {
				return
			}
			allow := func(n string) {
				t.Helper()
				if err := os.WriteFile("/proc/sys/user/"+file, []byte(n), 0o644); err != nil {
					t.Skipf("this system doesn't let a namespace limit itself: %v", err)
				}
			}
			d := newDevice(t, "a")
			for _, dir := range []string{"a", "b", "c/d"} {
				d.write(dir+"/f", "one")
			}
			allow(map[string]string{"watches": "3", "instances": "0"}[name])
			d.wrap = func(c folder.Config) folder.Config {
				c.Rescan = 300 * time.Millisecond
				return c
			}
			d.start()
			want := map[string]string{"watches": "2 of 5 folders can't be watched", "instances": "all 5 folders can't be watched"}[name]
			if w := d.folder.State().Warning; !strings.Contains(w, want) || !strings.Contains(w, "sudo sysctl fs.inotify.max_user_"+name+"=") {
				t.Errorf("the warning is %q", w)
			}
			for _, dir := range []string{"a", "b", "c/d"} { // by watching or by looking
				d.write(dir+"/f", "two")
				d.until("sees "+dir, func() bool { return d.shown()[dir+"/f"] == "two" })
			}
			allow("1000")
			d.until("watches", func() bool { return d.folder.State().Warning == "" })
			d.stop()
			d.start()
			for _, dir := range []string{"a", "b", "c/d"} {
				d.write(dir+"/f", "three")
				d.until("sees "+dir, func() bool { return d.shown()[dir+"/f"] == "three" })
			}
		})
	}
}

// TestNetworkFileSystem has others change files without this system being told.
func TestNetworkFileSystem(t *testing.T) {
	t.Parallel()
	if !inNamespace(t) {
		return
	}
	d := newDevice(t, "a")
	o := &oddFS{}
	o.mount(t, d.dir)
	d.wrap = func(c folder.Config) folder.Config {
		c.Rescan = 300 * time.Millisecond
		return c
	}
	d.write("mine", "one")
	d.start()
	if w := d.folder.State().Warning; !strings.Contains(w, "other computers may write to (fuse.odd)") {
		t.Errorf("the warning is %q", w)
	}
	for _, text := range []string{"one", "two"} {
		d.must(os.WriteFile(filepath.Join(o.backing, "theirs"), []byte(text), 0o666))
		d.until("sees theirs", func() bool { return d.shown()["theirs"] == text })
	}
	d.must(os.Remove(filepath.Join(o.backing, "mine")))
	d.until("sees that mine is gone", func() bool { _, ok := d.shown()["mine"]; return !ok })
	d.same()
}
