package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
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

const bareALPN = "bench"

// bareStream sends a file over one QUIC stream to a process of its own, as
// Meadow does, and times until that has written and fsynced it.
func (r *rig) bareStream(file string) (seconds float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	c := exec.CommandContext(r.ctx, self, "-receive", filepath.Join(r.dir, "bare.bin"))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := c.Start(); err != nil {
		return 0, err
	}
	lines := bufio.NewReader(out)
	var hexKey, addr string
	if _, err := fmt.Fscanln(lines, &hexKey, &addr); err != nil {
		return 0, fmt.Errorf("receiver: %w", err)
	}
	seconds, err = r.sendTo(hexKey, addr, file, lines)
	return seconds, errors.Join(err, c.Wait())
}

// sendTo sends file and returns when the receiver has said that it has it.
func (r *rig) sendTo(hexKey, addr, file string, lines *bufio.Reader) (seconds float64, err error) {
	id, err := key.ParseEndpoint(hexKey)
	if err != nil {
		return 0, err
	}
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return 0, err
	}
	e, err := endpoint.Bind(r.ctx, bareConfig())
	if err != nil {
		return 0, err
	}
	defer e.Close()
	c, err := e.Dial(r.ctx, id, bareALPN, to)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := send(r.ctx, c, file); err != nil {
		return 0, err
	}
	_, err = lines.ReadString('\n')
	return time.Since(start).Seconds(), err
}

func bareConfig() endpoint.Config {
	return endpoint.Config{
		Device: key.NewDevice(), ALPNs: []string{bareALPN},
		Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")},
	}
}

// serveBare is the receiver's process.
func serveBare(ctx context.Context, file string) error {
	e, err := endpoint.Bind(ctx, bareConfig())
	if err != nil {
		return err
	}
	defer e.Close()
	fmt.Println(e.ID(), e.Addrs()[0])
	if err := receive(ctx, e, file); err != nil {
		return err
	}
	_, err = fmt.Println("done")
	return err
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
