package control_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"meadow/core/control"
	"meadow/core/key"
	"meadow/core/node"
	"meadow/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// served is a node with its control server.
type served struct {
	*control.Client
	t    *testing.T
	home node.Home
	node *node.Node
	stop func() // ends both, once
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func config(t *testing.T, h node.Home, k key.Device) (node.Config, *storage.DB) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	db, err := storage.Open(t.Context(), h.Database(), log)
	must(t, err)
	return node.Config{
		Home: h, Device: k, Version: "test", Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")},
		Log: log, Now: time.Now,
		Entries: db.Entries(), Blobs: db.Blobs(), MDN: db.MDN(), Folders: db.Folders(), Local: db.Local(), History: db.History(),
		Activity: db.Activity(), Audit: db.Audit(),
	}, db
}

// serve makes a home at dir, of an account unless that is empty, and serves it.
func serve(t *testing.T, dir, account string) *served {
	t.Helper()
	h := node.Home{Dir: dir}
	must(t, h.Setup(func(staged node.Home, k key.Device) error {
		cfg, db := config(t, staged, k)
		defer db.Close()
		if account == "" {
			return node.CreateJoining(t.Context(), cfg, "desk")
		}
		_, err := node.Create(t.Context(), cfg, account, "laptop")
		return err
	}, func() error { return nil }))
	k, err := h.Device()
	must(t, err)
	cfg, db := config(t, h, k)
	n, err := node.Open(t.Context(), cfg)
	must(t, err)
	server, err := control.Listen(h, cfg.Log, control.Program{})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		if err := n.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	must(t, n.Started(t.Context()))
	work.Go(func() {
		if err := server.Serve(ctx, n); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	client, err := control.NewClient(h)
	must(t, err)
	s := &served{Client: client, t: t, home: h, node: n}
	s.stop = sync.OnceFunc(func() {
		cancel()
		work.Wait()
		if err := errors.Join(n.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

func account(t *testing.T) *served {
	t.Helper()
	return serve(t, filepath.Join(t.TempDir(), "home"), "Ada")
}

func (s *served) ask(name string, a control.Args) json.RawMessage {
	s.t.Helper()
	raw, err := s.Do(s.t.Context(), name, a, nil)
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	return raw
}

func (s *served) put(path string, content io.Reader) (json.RawMessage, error) {
	return s.Put(s.t.Context(), control.Args{Space: "Notes", Path: []byte(path)}, content)
}

func fails(t *testing.T, err error, code string) {
	t.Helper()
	var e *node.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("failed with %v, want %s", err, code)
	}
}

// has checks an object's fields against a list such as "id name folder=null":
// exactly these, null where it says so, and else not.
func has(t *testing.T, what string, raw json.RawMessage, fields string) map[string]json.RawMessage {
	t.Helper()
	var got map[string]json.RawMessage
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatalf("%s is %s", what, raw)
	}
	var names []string
	for _, f := range strings.Fields(fields) {
		name, null := strings.CutSuffix(f, "=null")
		names = append(names, name)
		if v, ok := got[name]; !ok || (string(v) == "null") != null {
			t.Errorf("%s has %s %s, want %s", what, name, v, f)
		}
	}
	for name := range got {
		if !slices.Contains(names, name) {
			t.Errorf("%s has %s too", what, name)
		}
	}
	return got
}

func only(t *testing.T, what string, raw json.RawMessage) json.RawMessage {
	t.Helper()
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || len(list) != 1 {
		t.Fatalf("%s is %s, want one", what, raw)
	}
	return list[0]
}

const (
	deviceFields  = "name endpoint self kind spaces platform online in_step path=null address=null rtt_ms=null last_seen=null version notice=null"
	spaceFields   = "id name entries files bytes missing_bytes folder=null conflicts holds unwritable warning=null fingerprint trouble=null history_bytes only_there=null ended ended_since=null shared=null owner=null level until=null"
	writtenFields = "path version digest bytes time"
)

// TestShapes checks every answer against the command line's contract.
func TestShapes(t *testing.T) {
	s := account(t)
	for call, a := range map[string]control.Args{"space list": {}, "conflicts": {}} {
		if got := s.ask(call, a); string(got) != "[]" {
			t.Errorf("%s of nothing is %s", call, got)
		}
	}
	has(t, "space create", s.ask("space create", control.Args{Name: "Notes"}), spaceFields)
	has(t, "space list", only(t, "space list", s.ask("space list", control.Args{})), spaceFields)
	if got := s.ask("ls", control.Args{Space: "Notes", Path: []byte("no/such")}); string(got) != "[]" {
		t.Errorf("ls of nothing is %s", got)
	}
	w, err := s.put("a", strings.NewReader("one"))
	must(t, err)
	written := has(t, "put", w, writtenFields)
	if string(written["bytes"]) != "3" || !isTime(written["time"]) || len(written["version"]) != 18 || len(written["digest"]) != 66 {
		t.Errorf("put: %s", w)
	}
	_, err = s.put("a", strings.NewReader("two"))
	must(t, err)
	file := has(t, "ls", only(t, "ls", s.ask("ls", control.Args{Space: "Notes"})),
		"path kind bytes digest version time mtime author present executable kept")
	if string(file["author"]) != `"laptop"` || string(file["kind"]) != `"file"` || !isTime(file["mtime"]) {
		t.Errorf("ls: %s", file)
	}
	ignored := has(t, "ignore", s.ask("ignore", control.Args{Space: "Notes", Test: true, Rules: []byte("a\n")}),
		"space folder=null test rules skipped more count bytes partial")
	has(t, "skipped", only(t, "ignore", ignored["skipped"]), "path kind pattern source line count bytes")
	a := control.Args{Space: "Notes", Path: []byte("a")}
	var history []json.RawMessage
	must(t, json.Unmarshal(s.ask("history", a), &history))
	if len(history) != 2 {
		t.Fatalf("history: %s", history)
	}
	has(t, "history", history[0], "version time author bytes digest op restorable erased reason=null")
	must(t, json.Unmarshal(written["version"], &a.Version))
	has(t, "restore", s.ask("restore", a), writtenFields)
	a.To = []byte("b")
	has(t, "mv", s.ask("mv", a), writtenFields)
	has(t, "rm", s.ask("rm", control.Args{Space: "Notes", Path: []byte("b")}), "path removed erased elsewhere")
	has(t, "device list", only(t, "device list", s.ask("device list", control.Args{})), deviceFields)
	has(t, "device rename", s.ask("device rename", control.Args{Device: "laptop", Name: "table"}), deviceFields)
	const status = "version name device custodian endpoint listen nearby state devices spaces trouble notices window words_checked=null recovery=null paused_until"
	has(t, "status", s.ask("status", control.Args{}), status+"=null")
	has(t, "pause", s.ask("pause", control.Args{Duration: time.Hour}), status)
	has(t, "pause", s.ask("pause", control.Args{}), status+"=null")
	has(t, "resume", s.ask("resume", control.Args{}), status+"=null")
	has(t, "words check", s.ask("words check", control.Args{Words: "abandon abandon"}), "right reason word=null count checked=null")
	if got := s.ask("conflicts resolved", control.Args{}); string(got) != "[]" {
		t.Errorf("conflicts resolved of nothing is %s", got)
	}
	has(t, "settings", s.ask("settings", control.Args{}), "history_days copy_limit limit_in limit_out limit_lan history_bytes frees")
	dir := filepath.Join(t.TempDir(), "notes")
	has(t, "attach", s.ask("space attach", control.Args{Space: "Notes", Dir: dir}), strings.Replace(spaceFields, "folder=null", "folder", 1))
	has(t, "detach", s.ask("space detach", control.Args{Space: "Notes"}), spaceFields)
	const deletedFields = "id name entries files bytes deleted until folder=null"
	has(t, "space delete", s.ask("space delete", control.Args{Space: "Notes", Sure: true}), deletedFields)
	has(t, "space deleted", only(t, "space deleted", s.ask("space deleted", control.Args{})), deletedFields)
	has(t, "space undelete", s.ask("space undelete", control.Args{Space: "Notes"}), spaceFields)
	events := 0
	raw, err := s.Do(t.Context(), "events", control.Args{}, func(e node.Event) error {
		events++
		if e.Name == "" || e.Time.IsZero() {
			t.Errorf("event %+v", e)
		}
		return nil
	})
	if err != nil || events == 0 || string(raw) != "null" {
		t.Errorf("%d events, then %s, %v", events, raw, err)
	}
}

func isTime(raw json.RawMessage) bool {
	_, err := time.Parse(`"2006-01-02T15:04:05.000000Z"`, string(raw))
	return err == nil
}

func TestShapesUnpaired(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "home"), "")
	got := has(t, "status", s.ask("status", control.Args{}),
		"version name=null device custodian=null endpoint listen nearby state paused_until=null devices spaces trouble notices window words_checked=null recovery=null")
	if string(got["devices"]) != "[]" || string(got["spaces"]) != "[]" || string(got["state"]) != `"unpaired"` {
		t.Errorf("status: %s", got)
	}
	enough := errors.New("enough")
	_, err := s.Do(t.Context(), "pair show", control.Args{}, func(e node.Event) error {
		raw, err := json.Marshal(e)
		must(t, err)
		has(t, "ticket", raw, "event time ticket expires qr=null")
		return enough
	})
	if !errors.Is(err, enough) {
		t.Error(err)
	}
	_, err = s.Do(t.Context(), "pair confirm", control.Args{Code: "123456"}, nil)
	fails(t, err, node.CodeNotFound)
}

// raw makes a request as it isn't made by the client.
func (s *served) raw(method, path, origin, body string) (int, string) {
	s.t.Helper()
	socket, err := control.Path(s.home)
	must(s.t, err)
	c := http.Client{Transport: &http.Transport{
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) },
		DisableKeepAlives: true,
	}}
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://meadow"+path, strings.NewReader(body))
	must(s.t, err)
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	answer, err := c.Do(r)
	must(s.t, err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	must(s.t, err)
	return answer.StatusCode, string(b)
}

func TestRequestsRefused(t *testing.T) {
	s := account(t)
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT", "DELETE"} {
		if code, _ := s.raw(method, "/v1/status", "", "{}"); code != http.StatusForbidden {
			t.Errorf("%s: %d", method, code)
		}
	}
	for _, origin := range []string{"null", "http://meadow", "https://example.org"} {
		if code, body := s.raw("POST", "/v1/status", origin, "{}"); code != http.StatusForbidden || strings.Contains(body, "endpoint") {
			t.Errorf("origin %s: %d, %s", origin, code, body)
		}
	}
	for path, body := range map[string]string{
		"/v1/nonsense": "{}", "/": "{}", "/v1/": "{}", "/v2/status": "{}", "/v1/status": "", "/v1/pause": "[]", "/v1/put": "{}", "/v1/get": "{}",
	} {
		_, said := s.raw("POST", path, "", body)
		var l struct{ Error *node.Error }
		if err := json.Unmarshal([]byte(said), &l); err != nil || l.Error == nil || l.Error.Code != node.CodeUsage {
			t.Errorf("%s with %q: %s", path, body, said)
		}
	}
	_, err := s.Do(t.Context(), "non sense", control.Args{}, nil)
	fails(t, err, node.CodeUsage)
}

func TestNotRunning(t *testing.T) {
	h := node.Home{Dir: filepath.Join(t.TempDir(), "none")}
	c, err := control.NewClient(h)
	must(t, err)
	_, err = c.Do(t.Context(), "status", control.Args{}, nil)
	fails(t, err, node.CodeNotRunning)
	_, err = c.Put(t.Context(), control.Args{}, strings.NewReader("x"))
	fails(t, err, node.CodeNotRunning)
	_, _, err = c.Get(t.Context(), control.Args{})
	fails(t, err, node.CodeNotRunning)
	s := account(t)
	s.stop()
	_, err = s.Do(t.Context(), "status", control.Args{}, nil)
	fails(t, err, node.CodeNotRunning)
	socket, err := control.Path(s.home)
	must(t, err)
	if _, err := os.Lstat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is left: %v", err)
	}
}

// TestStop ends the server under calls of every kind.
func TestStop(t *testing.T) {
	s := account(t)
	s.ask("space create", control.Args{Name: "Notes"})
	var work sync.WaitGroup
	going := make(chan struct{}, 3)
	work.Go(func() {
		_, err := s.Do(t.Context(), "wait", control.Args{Wait: node.WaitOptions{Timeout: time.Minute}}, nil)
		fails(t, err, node.CodeNotRunning)
	})
	work.Go(func() {
		_, err := s.Do(t.Context(), "events", control.Args{Follow: true}, func(node.Event) error {
			select {
			case going <- struct{}{}:
			default:
			}
			return nil
		})
		if err != nil {
			fails(t, err, node.CodeNotRunning)
		}
	})
	in, out := io.Pipe() // content that never ends
	work.Go(func() {
		_, err := s.put("endless", in)
		_ = in.CloseWithError(io.ErrClosedPipe)
		if err == nil {
			t.Error("an endless put was done")
		}
	})
	<-going
	_, err := out.Write(make([]byte, 1<<20))
	must(t, err)
	began := time.Now()
	s.stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopping took %v", took)
	}
	_ = out.Close()
	work.Wait()
}
