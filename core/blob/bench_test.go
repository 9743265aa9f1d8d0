package blob_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"meadow/core/blob"
)

const benchSize = 256 << 20

// BenchmarkCopy is the reference: bytes to a file, then fsync.
func BenchmarkCopy(b *testing.B) {
	data := bytesOf(benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		f, err := os.Create(filepath.Join(b.TempDir(), "copy"))
		must(b, err)
		_, err = io.CopyBuffer(struct{ io.Writer }{f}, struct{ io.Reader }{bytes.NewReader(data)}, make([]byte, 512<<10))
		must(b, err)
		must(b, f.Sync())
		must(b, f.Close())
		must(b, os.Remove(f.Name()))
	}
}

func BenchmarkDownload(b *testing.B) {
	from := newStore(b)
	h := from.put(bytesOf(benchSize))
	slice := from.slice(h, blob.All(blob.LastGroup))
	b.SetBytes(benchSize)
	for b.Loop() {
		to := newStore(b)
		d := to.fetch(mine, h, benchSize)
		must(b, d.ReadFrom(ctx, bytes.NewReader(slice), d.Ask()))
		must(b, d.Close())
		b.StopTimer()
		must(b, os.RemoveAll(to.dir))
		b.StartTimer()
	}
}

func BenchmarkProvide(b *testing.B) {
	s := newStore(b)
	h := s.put(bytesOf(benchSize))
	b.SetBytes(benchSize)
	for b.Loop() {
		must(b, s.Provide(ctx, io.Discard, h, blob.All(blob.LastGroup)))
	}
}

func BenchmarkProvideInPlace(b *testing.B) {
	s := newStore(b)
	h := s.add(user(b, "file", bytesOf(benchSize)))
	b.SetBytes(benchSize)
	for b.Loop() {
		must(b, s.Provide(ctx, io.Discard, h, blob.All(blob.LastGroup)))
	}
}

func BenchmarkHashFile(b *testing.B) {
	s := newStore(b)
	path := user(b, "file", bytesOf(benchSize))
	b.SetBytes(benchSize)
	for b.Loop() {
		_, _, err := s.HashFile(ctx, path)
		must(b, err)
	}
}
