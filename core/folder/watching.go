package folder

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Times between full scans where not every change is told. They grow with the
// time that a scan takes, so that looking costs little, up to Config.Rescan.
const (
	pollUnwatched = time.Minute      // where folders can't be watched
	pollRemote    = 30 * time.Second // where others write without telling this system
	pollCost      = 50               // at least so many times what the last scan took
)

// blind is what a watcher isn't told of.
type blind struct {
	failed    error               // why nothing is watched
	full      error               // the limit that was met since all folders were last added
	other     error               // why some folder isn't watched that no limit keeps from it
	unwatched map[string]struct{} // folders that should be watched and aren't
	remote    map[string]string   // kinds of file systems that others write to, with where they begin
}

func newBlind() blind {
	return blind{unwatched: map[string]struct{}{}, remote: map[string]string{}}
}

// missed notes why a folder can't be watched. After a limit was met the others
// needn't be tried.
func (b *blind) missed(p string, err error) {
	b.unwatched[p] = struct{}{}
	if isWatchLimit(err) {
		b.full = err
	} else {
		b.other = err
	}
}

// sees notes what kind of file system a folder is on.
func (b *blind) sees(d *dir) {
	if _, known := b.remote[d.kind.name]; d.kind.remote && !known {
		b.remote[d.kind.name] = d.path
	}
}

// every returns the time between full scans.
func (f *Folder) every() time.Duration {
	poll := f.cfg.Rescan
	if len(f.watch.unwatched) > 0 {
		poll = min(poll, pollUnwatched)
	}
	if len(f.watch.remote) > 0 {
		poll = min(poll, pollRemote)
	}
	if poll < f.cfg.Rescan {
		poll = min(max(poll, pollCost*f.scanTook), f.cfg.Rescan)
	}
	return poll
}

// warning says in plain words which changes are noticed late, how late, and what
// helps; "" if none are.
func (w *watcher) warning(every time.Duration) string {
	var says []string
	if n := len(w.unwatched); n > 0 {
		all := n + len(w.inodes)
		which := fmt.Sprintf("%d of %d folders", n, all)
		if n == all {
			which = "the folder"
			if n > 1 {
				which = fmt.Sprintf("all %d folders", n)
			}
		}
		says = append(says, fmt.Sprintf("%s can't be watched, because %s: changes there are found %s instead of at once",
			which, w.why(), inWords(every)))
	}
	for _, name := range slices.Sorted(maps.Keys(w.remote)) {
		where := "this folder"
		if p := w.remote[name]; p != "" {
			where = strconv.Quote(p)
		}
		says = append(says, fmt.Sprintf("%s is on a file system that other computers may write to (%s): what they change there is found %s",
			where, name, inWords(every)))
	}
	return strings.Join(says, "; ")
}

// why says why folders can't be watched, and what helps.
func (w *watcher) why() string {
	switch {
	case w.failed != nil && isWatchLimit(w.failed):
		return limit("watching programs", "fs.inotify.max_user_instances", 1024)
	case w.failed != nil:
		return w.failed.Error()
	case w.full != nil:
		return limit("watched folders", "fs.inotify.max_user_watches", 524288)
	case w.other != nil:
		return w.other.Error()
	}
	return "of a limit"
}

// limit says that a limit of the system is used up, and how to raise it.
func limit(of, setting string, least int) string {
	says := "this system's limit of " + of + " is used up"
	b, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(setting, ".", "/"))
	if n, bad := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && bad == nil {
		says = fmt.Sprintf("this system's limit of %d %s is used up", n, of)
		least = max(least, 2*n)
	} else if err != nil {
		return says
	}
	return fmt.Sprintf("%s (to raise it: sudo sysctl %s=%d)", says, setting, least)
}

// inWords is a time in which something will have been found, for people.
func inWords(d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	n, word := up(time.Second), "second"
	switch {
	case n > 90*60:
		n, word = up(time.Hour), "hour"
	case n > 90 || n == 60:
		n, word = up(time.Minute), "minute"
	}
	switch {
	case n > 1:
		return fmt.Sprintf("within %d %ss", n, word)
	case word == "hour":
		return "within an hour"
	default:
		return "within a " + word
	}
}
