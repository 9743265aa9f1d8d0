package control

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"meadow/core/node"
)

// Client calls the node that runs on a home. Its methods may be called
// concurrently; every error is a *node.Error or the context's.
type Client struct {
	home node.Home
	http *http.Client
}

// NewClient returns a client for a home. Nothing is dialled before a call.
func NewClient(h node.Home) (*Client, error) {
	path, err := Path(h)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	return &Client{home: h, http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			c, err := d.DialContext(ctx, "unix", path)
			if err != nil {
				return nil, err
			}
			if err := checkPeer(c.(*net.UnixConn)); err != nil {
				return nil, errors.Join(fmt.Errorf("%w: %s", errForeign, path), c.Close())
			}
			return c, nil
		},
		DisableCompression: true,
		DisableKeepAlives:  true,
	}}}, nil
}

// Do makes a call. Events go to emit, which may be nil; the result, as JSON, is
// returned: "null" for calls that only emit. Beside an error it is what was done until
// then, if the call tells that, else nil.
func (c *Client) Do(ctx context.Context, name string, a Args, emit func(node.Event) error) (json.RawMessage, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return nil, node.AsError(err)
	}
	answer, err := c.post(ctx, strings.ReplaceAll(name, " ", "-"), nil, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return read(ctx, answer.Body, emit)
}

// stopWait is how long a node may take to stop a call.
const stopWait = 10 * time.Second

// DoToEnd is Do for calls that tell what they did also when they are stopped: once ctx has
// ended the node is told so, and its answer waited for, a while. It is returned beside
// ctx's error.
func (c *Client) DoToEnd(ctx context.Context, name string, a Args, emit func(node.Event) error) (json.RawMessage, error) {
	free, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	conns := make(chan *net.UnixConn, 1)
	defer context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(stopWait, giveUp)
		context.AfterFunc(free, func() { timer.Stop() })
		select {
		case conn := <-conns:
			_ = conn.CloseWrite() // the answer can still come
		case <-free.Done():
		}
	})()
	traced := httptrace.WithClientTrace(free, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		conns <- i.Conn.(*net.UnixConn)
	}})
	raw, err := c.Do(traced, name, a, emit)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return raw, err
}

var errForeign = errors.New("another user answers at this home's control socket")

// Put stores content as a file of a space. If content fails nothing is stored.
func (c *Client) Put(ctx context.Context, a Args, content io.Reader) (json.RawMessage, error) {
	in := &source{r: content}
	answer, err := c.post(ctx, "put", &a, in)
	if failed := in.failure(); failed != nil && ctx.Err() == nil {
		if err == nil {
			_ = answer.Body.Close()
		}
		return nil, &node.Error{
			Code: node.CodeIO, Message: fmt.Sprintf("can't read the content: %v; nothing was changed", failed),
			Hint: "give a file that you may read",
		}
	}
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return read(ctx, answer.Body, nil)
}

// Get returns the content of a file, and its length. A content that ends early
// gives io.ErrUnexpectedEOF. The caller closes it.
func (c *Client) Get(ctx context.Context, a Args) (io.ReadCloser, int64, error) {
	answer, err := c.post(ctx, "get", &a, http.NoBody)
	if err != nil {
		return nil, 0, err
	}
	if answer.Header.Get("Content-Type") == "application/octet-stream" {
		return answer.Body, answer.ContentLength, nil
	}
	defer answer.Body.Close()
	_, err = read(ctx, answer.Body, nil)
	if err == nil {
		err = &node.Error{Code: node.CodeInternal, Message: "the node answered without content"}
	}
	return nil, 0, err
}

// source remembers why content couldn't be read: what the http package makes of
// it isn't told from a node that ended.
type source struct {
	r io.Reader

	mu  sync.Mutex // guards err
	err error
}

// Read implements io.Reader.
func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && err != io.EOF {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
	return n, err
}

func (s *source) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (c *Client) post(ctx context.Context, name string, a *Args, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://meadow"+prefix+name, body)
	if err != nil {
		return nil, node.AsError(err)
	}
	if a != nil {
		args, err := json.Marshal(a)
		if err != nil {
			return nil, node.AsError(err)
		}
		r.Header.Set(argsHeader, base64.StdEncoding.EncodeToString(args))
	}
	answer, err := c.http.Do(r)
	if err == nil {
		return answer, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if errors.Is(err, errForeign) {
		return nil, &node.Error{
			Code: node.CodeNotAllowed, Message: fmt.Sprintf("another user's process answers for %s", c.home.Dir),
			Hint: "ask who runs it; nothing was sent",
		}
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return nil, &node.Error{
			Code: node.CodeNotRunning, Message: fmt.Sprintf("Meadow isn't running on %s", c.home.Dir),
			Hint: "start it with `meadow run`",
		}
	}
	return nil, broken(err)
}

func broken(err error) error {
	return &node.Error{
		Code: node.CodeNotRunning, Message: fmt.Sprintf("the running Meadow ended before it answered: %v", err),
		Hint: "start it again and look at what is there",
	}
}

func read(ctx context.Context, r io.Reader, emit func(node.Event) error) (json.RawMessage, error) {
	for dec := json.NewDecoder(r); ; {
		var l line
		switch err := dec.Decode(&l); {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, broken(err)
		}
		switch {
		case l.Error != nil:
			return l.Result, l.Error
		case l.Event == nil:
			return l.Result, nil
		case emit != nil:
			if err := emit(*l.Event); err != nil {
				return nil, err
			}
		}
	}
}
