package logs_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"meadow/app/internal/logs"
)

// TestMain plays a program that ends by a fault, when it is told to.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LOGS_FAULT_IN"); dir != "" {
		l := logs.Open(dir, os.Stderr)
		_ = l.Close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			panic("a fault of its own")
		}()
		<-done
	}
	os.Exit(m.Run())
}

// TestFaultIsKept: what the runtime says at a fault is there at the next start, once.
func TestFaultIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	for range 2 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "LOGS_FAULT_IN="+dir)
		if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "a fault of its own") {
			t.Fatalf("it ended with %v: %s", err, out)
		}
		l := logs.Open(dir, new(bytes.Buffer))
		said, err := os.ReadFile(l.Crash)
		if err != nil || !strings.Contains(string(said), "a fault of its own") {
			t.Errorf("kept in %q: %v\n%s", l.Crash, err, said)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if l := logs.Open(dir, new(bytes.Buffer)); l.Crash != "" {
		t.Errorf("a fault is told twice: %q", l.Crash)
	} else if err := l.Close(); err != nil {
		t.Error(err)
	}
	if old, err := filepath.Glob(filepath.Join(dir, "crash.log.*")); err != nil || len(old) != 2 {
		t.Errorf("of two faults %q are kept, %v", old, err)
	}
}

// TestLogIsBounded: a log that has grown is begun anew, and the one before is kept.
func TestLogIsBounded(t *testing.T) {
	var also bytes.Buffer
	l := logs.Open(t.TempDir(), &also)
	line := []byte(strings.Repeat("x", 1<<16))
	for range 40 {
		if _, err := l.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	var total int64
	for _, f := range []string{l.File, l.File + ".1"} {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > 2<<20+1<<17 || also.Len() != 40<<16 {
		t.Errorf("%d bytes are kept, %d were said", total, also.Len())
	}
}

// TestNowhereToKeep: without a place for it a log is said all the same.
func TestNowhereToKeep(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var also bytes.Buffer
	l := logs.Open(filepath.Join(file, "logs"), &also)
	if _, err := l.Write([]byte("said")); err != nil || also.String() != "said" {
		t.Errorf("said %q, %v", also.String(), err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
