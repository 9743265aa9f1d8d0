// Package logs keeps what a program says that is started by a desktop, where nobody
// reads what it prints: its log and, if it ends by a fault of its own, what is known
// of that.
package logs

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
)

// The files, in the folder that Open is given.
const (
	logFile   = "meadow.log"
	crashFile = "crash.log"
	logMost   = 1 << 20 // bytes; then a new one is begun and the one before is kept
	crashKept = 5
)

// Log is a log that is kept, and that is said on another writer as well.
type Log struct {
	File  string // where it is
	Crash string // the file that says how the last run ended; "" if as it should

	also io.Writer

	mu   sync.Mutex // guards all below
	out  *os.File   // nil if nothing can be kept
	size int64
}

// Open opens the log in a folder, and has the runtime write there what it says at a
// fault. What can't be kept, as on a full disk, isn't: that doesn't keep a program
// from starting.
func Open(dir string, also io.Writer) *Log {
	l := &Log{File: filepath.Join(dir, logFile), also: also}
	if os.MkdirAll(dir, 0o700) != nil {
		return l
	}
	l.openLocked()
	l.Crash = catchCrash(dir)
	return l
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	if l.out != nil && l.size > logMost {
		_ = l.out.Close()
		_ = os.Rename(l.File, l.File+".1")
		l.openLocked()
	}
	if l.out != nil {
		n, _ := l.out.Write(p)
		l.size += int64(n)
	}
	l.mu.Unlock()
	return l.also.Write(p)
}

func (l *Log) openLocked() {
	l.out, l.size = nil, 0
	f, err := os.OpenFile(l.File, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	if info, err := f.Stat(); err == nil {
		l.size = info.Size()
	}
	l.out = f
}

// Close closes the file; the runtime has its own of crashes.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out == nil {
		return nil
	}
	return l.out.Close()
}

// catchCrash has the runtime write what it says at a fault into a file of dir. It
// returns the file of the last run's fault, "" if there was none.
func catchCrash(dir string) (last string) {
	file := filepath.Join(dir, crashFile)
	if info, err := os.Stat(file); err == nil && info.Size() > 0 {
		last = aside(file)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return last
	}
	defer f.Close() // the runtime keeps a copy of it
	_ = debug.SetCrashOutput(f, debug.CrashOptions{})
	return last
}

// aside moves a file out of the way, the newest to FILE.1, and returns its name.
func aside(file string) string {
	for i := crashKept; i > 1; i-- {
		_ = os.Rename(fmt.Sprintf("%s.%d", file, i-1), fmt.Sprintf("%s.%d", file, i))
	}
	if os.Rename(file, file+".1") != nil {
		return file
	}
	return file + ".1"
}
