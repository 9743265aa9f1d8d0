package control_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"meadow/core/control"
	"meadow/core/node"
)

func TestPutAndGet(t *testing.T) {
	s := account(t)
	s.ask("space create", control.Args{Name: "Notes"})
	odd := "F\u00fc\u00dfe \xff\x7f\n\"'"
	big := bytes.Repeat([]byte("meadow 0123456789\n"), 2<<20)
	for path, content := range map[string][]byte{odd: []byte("odd"), "empty": {}, "big": big} {
		_, err := s.put(path, bytes.NewReader(content))
		must(t, err)
		r, size, err := s.Get(t.Context(), control.Args{Space: "Notes", Path: []byte(path)})
		must(t, err)
		got, err := io.ReadAll(r)
		must(t, errors.Join(err, r.Close()))
		if size != int64(len(content)) || !bytes.Equal(got, content) {
			t.Errorf("%q: got %d bytes of %d, size %d", path, len(got), len(content), size)
		}
	}
	// What is refused before the content was read is told all the same.
	for _, a := range []control.Args{
		{Space: "N\u00f6 \U0001F404\x7f", Path: []byte("a")}, {Space: "Notes", Path: []byte("big/below")}, {Space: "Notes", Path: []byte("..")},
	} {
		_, err := s.Put(t.Context(), a, bytes.NewReader(big))
		var e *node.Error
		if !errors.As(err, &e) || e.Code == node.CodeNotRunning || e.Code == node.CodeInternal {
			t.Errorf("put to %q %q: %v", a.Space, a.Path, err)
		}
		if _, _, err := s.Get(t.Context(), a); !errors.As(err, &e) || e.Code == node.CodeNotRunning {
			t.Errorf("get of %q %q: %v", a.Space, a.Path, err)
		}
	}
	// A source that fails leaves nothing and isn't the node's fault.
	_, err := s.put("cut", io.MultiReader(bytes.NewReader(big), broken{}))
	fails(t, err, node.CodeIO)
	_, _, err = s.Get(t.Context(), control.Args{Space: "Notes", Path: []byte("cut")})
	fails(t, err, node.CodeNotFound)
	// A caller that goes away in the middle leaves nothing either.
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	go func() {
		_, _ = out.Write(big[:1<<20])
		cancel()
		_ = out.CloseWithError(io.ErrClosedPipe)
	}()
	if _, err := s.Put(ctx, control.Args{Space: "Notes", Path: []byte("left")}, in); !errors.Is(err, context.Canceled) {
		t.Errorf("a put that was broken off: %v", err)
	}
	_ = in.Close()
	_, _, err = s.Get(t.Context(), control.Args{Space: "Notes", Path: []byte("left")})
	fails(t, err, node.CodeNotFound)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the disk is on fire") }

// TestAnswersCutShort has a server that dies in the middle of its answers.
func TestAnswersCutShort(t *testing.T) {
	h := node.Home{Dir: t.TempDir()}
	socket, err := control.Path(h)
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(socket), 0o700))
	for _, answer := range []string{
		"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"event\"", "HTTP/1.1 403 Forbidden\r\n\r\nno",
		"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 9\r\n\r\nhalf",
		"HTTP/1.1 200 OK\r\n\r\n{\"event\":{\"event\":\"ticket\",\"time\":null}}\n",
	} {
		l, err := net.Listen("unix", socket)
		must(t, err)
		var server sync.WaitGroup
		server.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, answer)
				_ = c.Close()
			}
		})
		c, err := control.NewClient(h)
		must(t, err)
		_, err = c.Do(t.Context(), "status", control.Args{}, nil)
		fails(t, err, node.CodeNotRunning)
		r, _, err := c.Get(t.Context(), control.Args{})
		if err != nil {
			fails(t, err, node.CodeNotRunning)
		} else {
			if _, err := io.ReadAll(r); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("half a file ended with %v", err)
			}
			_ = r.Close()
		}
		must(t, l.Close())
		server.Wait()
	}
}

func TestConcurrentCalls(t *testing.T) {
	s := account(t)
	s.ask("space create", control.Args{Name: "Notes"})
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			for j := range 10 {
				path := fmt.Sprintf("%d/%d", i, j)
				if _, err := s.put(path, strings.NewReader(path)); err != nil {
					t.Error(err)
				}
				for _, call := range []string{"status", "conflicts", "events"} {
					if _, err := s.Do(t.Context(), call, control.Args{}, nil); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	work.Wait()
	var files []node.File
	must(t, json.Unmarshal(s.ask("ls", control.Args{Space: "Notes"}), &files))
	if len(files) != 80 {
		t.Errorf("%d files", len(files))
	}
}

// TestStoppedCall: a call that is stopped tells what it did, and one that isn't ended by
// that is like any.
func TestStoppedCall(t *testing.T) {
	defer control.AddStopped("stopped")()
	s := account(t)
	ctx, stop := context.WithCancel(t.Context())
	raw, err := s.DoToEnd(ctx, "stopped", control.Args{}, func(e node.Event) error {
		if e.Name == "begun" {
			stop()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || string(raw) != `"what was done"` {
		t.Errorf("%s, %v", raw, err)
	}
	raw, err = s.DoToEnd(t.Context(), "status", control.Args{}, nil)
	if err != nil || len(raw) == 0 {
		t.Errorf("%s, %v", raw, err)
	}
	fails(t, second(s.DoToEnd(t.Context(), "drop show", control.Args{To: []byte("/nowhere")}, nil)), node.CodeNotFound)
	s.stop()
	if _, err := s.DoToEnd(ctx, "status", control.Args{}, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }
