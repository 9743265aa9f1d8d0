package control

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"meadow/core/node"
)

const (
	prefix     = "/v1/"
	argsHeader = "X-Meadow-Args"
	maxArgs    = 1 << 20 // bytes of one Args object
)

// line is one line of an answer.
type line struct {
	Event  *node.Event     `json:"event,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *node.Error     `json:"error,omitempty"`
}

// Server answers the calls of one home.
type Server struct {
	listener *net.UnixListener
	home     node.Home
	log      *slog.Logger
	program  Program
	node     atomic.Pointer[node.Node]  // nil as long as there is none
	lacks    atomic.Pointer[node.Error] // why there is none, if that is known
}

// Listen opens a home's socket; calls wait until Serve. The caller holds the
// home's lock, so a socket that is there already is a dead process's. Serve must
// be called in the end, it closes the socket.
func Listen(h node.Home, log *slog.Logger, p Program) (*Server, error) {
	path, err := Path(h)
	if err != nil {
		return nil, err
	}
	if err := private(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("make the control socket's folder: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the old control socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	return &Server{listener: l, home: h, log: log, program: p}, nil
}

// Serve answers calls for n until ctx ends, then ends the calls that are under
// way and removes the socket. A nil n is a program that has no node yet: until Use
// it answers the calls that are about the program, and refuses all others.
func (s *Server) Serve(ctx context.Context, n *node.Node) error {
	if n != nil {
		s.Use(n)
	}
	return s.serve(ctx, &handler{Server: s, ending: ctx})
}

// Use has calls answered by n from now on. It may be called while Serve is at work.
func (s *Server) Use(n *node.Node) { s.node.Store(n) }

// Lacks has calls that need a node answered with why as long as there is none; nil
// is that no account has been made yet. It may be called while Serve is at work.
func (s *Server) Lacks(why *node.Error) { s.lacks.Store(why) }

// Refuse answers every call that needs a node with why, until ctx ends: a node that
// can't be opened yet says so. Then it removes the socket.
func (s *Server) Refuse(ctx context.Context, why func() *node.Error) error {
	return s.serve(ctx, &handler{Server: s, refuse: why, ending: ctx})
}

func (s *Server) serve(ctx context.Context, h *handler) error {
	server := &http.Server{
		Handler:           h,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 5 * time.Second,
		MaxHeaderBytes:    2 * maxArgs,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	var stopped sync.WaitGroup
	stopped.Go(func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
	})
	err := server.Serve(guarded{s.listener})
	if !errors.Is(err, http.ErrServerClosed) {
		_ = server.Close()
		h.calls.Wait()
		return err
	}
	stopped.Wait()
	h.calls.Wait() // their connections are closed by now, so that they end
	return nil
}

// guarded accepts only connections of this user.
type guarded struct{ *net.UnixListener }

// Accept implements net.Listener.
func (g guarded) Accept() (net.Conn, error) {
	for {
		c, err := g.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if checkPeer(c) == nil {
			return c, nil
		}
		_ = c.Close()
	}
}

type handler struct {
	*Server
	refuse func() *node.Error // answers in the node's place, if there is one
	ending context.Context    // of Serve
	calls  sync.WaitGroup     // those under way
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.calls.Add(1)
	defer h.calls.Done()
	if r.Header.Get("Origin") != "" || r.Method != http.MethodPost {
		http.Error(w, "not for browsers", http.StatusForbidden)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, prefix)
	read := func() (a Args, err error) {
		return a, json.NewDecoder(io.LimitReader(r.Body, maxArgs)).Decode(&a)
	}
	if h.program.answer(name, read, lines(w)) {
		return
	}
	n, why := h.at()
	if why != nil {
		_ = lines(w)(line{Error: why})
		return
	}
	switch name {
	case "put":
		h.put(w, r, n)
	case "get":
		h.get(w, r, n)
	default:
		h.call(w, r, n, name, read)
	}
}

func unreadable() *node.Error {
	return &node.Error{Code: node.CodeUsage, Message: "unreadable arguments"}
}

// at returns the node that calls are for, or why there is none.
func (h *handler) at() (*node.Node, *node.Error) {
	if h.refuse != nil {
		return nil, h.refuse()
	}
	if n := h.node.Load(); n != nil {
		return n, nil
	}
	if why := h.lacks.Load(); why != nil {
		return nil, why
	}
	return nil, &node.Error{
		Code: node.CodeNotRunning, Message: fmt.Sprintf("Meadow is open on %s, but no account is at work there yet", h.home.Dir),
		Hint: "finish the first steps in its window",
	}
}

func (h *handler) call(w http.ResponseWriter, r *http.Request, n *node.Node, name string, read func() (Args, error)) {
	out := lines(w)
	args, err := read()
	if err != nil {
		_ = out(line{Error: unreadable()})
		return
	}
	do, ok := calls[strings.ReplaceAll(name, "-", " ")]
	if !ok {
		_ = out(line{Error: &node.Error{
			Code: node.CodeUsage, Message: fmt.Sprintf("the running Meadow doesn't know %q", name),
			Hint: "restart it: it is of another version than this command",
		}})
		return
	}
	result, err := do(r.Context(), n, args, func(e node.Event) error { return out(line{Event: &e}) })
	if status, ok := result.(node.Status); ok {
		status.Window = h.program.Raise != nil
		result = status
	}
	h.finish(r.Context(), out, result, err)
}

// finish writes the last line of an answer.
func (h *handler) finish(ctx context.Context, out func(line) error, result any, err error) {
	var last line
	if result != nil || err == nil {
		var failed error
		last.Result, failed = json.Marshal(result)
		err = errors.Join(err, failed)
	}
	if err != nil {
		last.Error = h.failure(ctx, err)
	}
	_ = out(last)
}

// failure is what a caller is told of an error.
func (h *handler) failure(ctx context.Context, err error) *node.Error {
	e := node.AsError(err)
	switch {
	case e.Code != node.CodeInternal:
	case h.ending.Err() != nil:
		return &node.Error{
			Code: node.CodeNotRunning, Message: "Meadow was stopped before it was done",
			Hint: "start it again and look at what is there",
		}
	case ctx.Err() == nil: // else the caller is gone
		h.log.Error("Call failed", "error", err)
	}
	return e
}

// lines returns a function that writes and flushes one line at a time.
func lines(w http.ResponseWriter) func(line) error {
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc, flush := json.NewEncoder(w), http.NewResponseController(w)
	return func(l line) error {
		if err := enc.Encode(l); err != nil {
			return err
		}
		return flush.Flush()
	}
}

func (h *handler) put(w http.ResponseWriter, r *http.Request, n *node.Node) {
	out := lines(w)
	args, err := headerArgs(r)
	if err != nil {
		_ = out(line{Error: node.AsError(err)})
		return
	}
	var result any
	written, err := n.Put(r.Context(), args.Space, string(args.Path), r.Body)
	if err == nil {
		result = written
	}
	h.finish(r.Context(), out, result, err)
}

func (h *handler) get(w http.ResponseWriter, r *http.Request, n *node.Node) {
	args, err := headerArgs(r)
	if err != nil {
		_ = lines(w)(line{Error: node.AsError(err)})
		return
	}
	content, size, err := open(r.Context(), n, args)
	if err != nil {
		_ = lines(w)(line{Error: h.failure(r.Context(), err)})
		return
	}
	defer content.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	_, _ = io.Copy(w, content) // a short body is an error at the client
}

// open opens a file, or a version of it.
func open(ctx context.Context, n *node.Node, a Args) (io.ReadCloser, int64, error) {
	if a.Version != "" {
		return n.GetVersion(ctx, a.Space, string(a.Path), a.Version)
	}
	return n.Get(ctx, a.Space, string(a.Path))
}

func headerArgs(r *http.Request) (a Args, err error) {
	text, err := base64.StdEncoding.DecodeString(r.Header.Get(argsHeader))
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		return a, unreadable()
	}
	return a, nil
}
