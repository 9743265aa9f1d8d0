package folder_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

const (
	benchFiles = 10_000
	benchSize  = 4 << 10
)

func benchPath(i int) string { return fmt.Sprintf("d%02d/f%04d", i%20, i) }

func benchBytes(i int) []byte { return bytes.Repeat([]byte(fmt.Sprintf("%08x", i)), benchSize/8) }

// BenchmarkPlain is what Apply is compared with: each file written under a
// temporary name, fsynced and renamed, one after the other.
func BenchmarkPlain(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		for i := range 20 {
			if err := os.Mkdir(filepath.Join(dir, fmt.Sprintf("d%02d", i)), 0o777); err != nil {
				b.Fatal(err)
			}
		}
		for i := range benchFiles {
			p := filepath.Join(dir, benchPath(i))
			f, err := os.Create(p + ".tmp")
			if err != nil {
				b.Fatal(err)
			}
			if _, err := f.Write(benchBytes(i)); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
			if err := f.Close(); err != nil {
				b.Fatal(err)
			}
			if err := os.Rename(p+".tmp", p); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(benchFiles*float64(b.N)/b.Elapsed().Seconds(), "files/s")
}

// BenchmarkApply writes a tree of 10,000 files of 4 KiB to an empty directory.
func BenchmarkApply(b *testing.B) {
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		d := newDevice(b, "a")
		edits := make([]tree.Edit, benchFiles)
		puts := make([]blob.InlinePut, benchFiles)
		for i := range edits {
			text := benchBytes(i)
			h := blake3.Sum256(text)
			puts[i] = blob.InlinePut{Scope: scope, Hash: h, Bytes: text}
			edits[i] = tree.Edit{Path: benchPath(i), Kind: tree.File, Digest: willow.Digest(h), Length: benchSize}
		}
		d.must(d.blobs.PutInlineBatch(d.ctx(), puts))
		d.put(edits...)
		before := processorTime(b)
		b.StartTimer()
		d.start()
		b.StopTimer()
		used += processorTime(b) - before
		d.stop()
		b.StartTimer()
	}
	b.ReportMetric(benchFiles*float64(b.N)/b.Elapsed().Seconds(), "files/s")
	b.ReportMetric(used.Seconds()/float64(b.N), "cpu-s/op")
}

// processorTime is what this process has used, in user and in system mode.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkScan puts a directory of 10,000 files of 4 KiB into an empty tree, and
// then looks at it again.
func BenchmarkScan(b *testing.B) {
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			d := benchDevice(b)
			b.StartTimer()
			d.start()
			b.StopTimer()
			d.stop()
			b.StartTimer()
		}
		b.ReportMetric(benchFiles*float64(b.N)/b.Elapsed().Seconds(), "files/s")
	})
	b.Run("again", func(b *testing.B) {
		d := benchDevice(b).start()
		for b.Loop() {
			d.scan()
		}
	})
}

func benchDevice(b *testing.B) *device {
	d := newDevice(b, "a")
	for i := range benchFiles {
		d.write(benchPath(i), string(benchBytes(i)))
	}
	return d
}
