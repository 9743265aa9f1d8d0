package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"meadow/core/endpoint"
	"meadow/core/key"
)

// bigFile measures one big file beside a bare stream that reads the same file
// and writes and fsyncs one.
func (r *rig) bigFile() error {
	file := filepath.Join(r.dir, "big.bin")
	if err := writeRandom(file, r.mib); err != nil {
		return err
	}
	var ours, bare, ratio, cpu sample
	for i := range r.rounds {
		s, c, err := r.oneBig(i, file)
		if err != nil {
			return err
		}
		b, err := r.bareStream(file)
		if err != nil {
			return err
		}
		ours, cpu, bare = append(ours, s), append(cpu, c), append(bare, b)
		ratio = append(ratio, 100*b/s)
	}
	what := fmt.Sprintf("one file of %d MiB", r.mib)
	row(what+", of a bare stream's rate", "85 %", "%v %%", ratio)
	row(what+", Meadow", "-", "%v s", ours)
	row(what+", bare stream, written and fsynced", "-", "%v s", bare)
	row(what+", receiver's CPU", "-", "%v s", cpu)
	return nil
}

func (r *rig) oneBig(i int, file string) (seconds, cpu float64, err error) {
	name := fmt.Sprint("big", i)
	p, err := r.newPair(name)
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(filepath.Join(r.dir, name))
	defer p.close()
	err = r.indexed(p, 1, func(dir string) error {
		return os.Link(file, filepath.Join(dir, "big.bin"))
	})
	if err != nil {
		return 0, 0, err
	}
	return r.transfer(p)
}

func writeRandom(file string, mib int) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	rng := rand.NewChaCha8([32]byte{7})
	chunk := make([]byte, 1<<20)
	for range mib {
		_, _ = rng.Read(chunk) // never fails
		if _, err := f.Write(chunk); err != nil {
			_ = f.Close()
			return err
		}
	}
	return f.Close()
}

// bareStream sends a file over one QUIC stream, in this process.
func (r *rig) bareStream(file string) (seconds float64, err error) {
	const alpn = "bench"
	var ends [2]*endpoint.Endpoint
	var keys [2]key.Device
	for i := range ends {
		keys[i] = key.NewDevice()
		ends[i], err = endpoint.Bind(r.ctx, endpoint.Config{
			Device: keys[i], Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, ALPNs: []string{alpn},
		})
		if err != nil {
			return 0, err
		}
		defer ends[i].Close()
	}
	c, err := ends[0].Dial(r.ctx, keys[1].Endpoint(), alpn, ends[1].Addrs()...)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	sent := make(chan error, 1)
	go func() { sent <- send(r.ctx, c, file) }()
	if err := receive(r.ctx, ends[1], filepath.Join(r.dir, "bare.bin")); err != nil {
		return 0, err
	}
	seconds = time.Since(start).Seconds()
	return seconds, <-sent
}

func send(ctx context.Context, c *endpoint.Conn, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := c.OpenStream(ctx)
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{s}, struct{ io.Reader }{f}, make([]byte, 256<<10)); err != nil {
		return err
	}
	return s.Close()
}

func receive(ctx context.Context, e *endpoint.Endpoint, file string) error {
	c, err := e.Accept(ctx)
	if err != nil {
		return err
	}
	s, err := c.AcceptStream(ctx)
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer os.Remove(file)
	defer f.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{f}, struct{ io.Reader }{s}, make([]byte, 256<<10)); err != nil {
		return err
	}
	return f.Sync()
}
