package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
	"time"
)

// syncthing is one Syncthing with one folder, in a process of its own, which
// talks to one other over loopback and to nobody else.
type syncthing struct {
	program      string
	home, folder string
	id           string
	listen, gui  string // addresses
	run          *exec.Cmd
}

// syncthingVersion returns the version of the program, or why there is none.
func syncthingVersion(ctx context.Context) (program, version string, err error) {
	if program, err = exec.LookPath("syncthing"); err != nil {
		return "", "", errors.New("syncthing isn't installed: on Debian, apt-get install syncthing")
	}
	out, err := exec.CommandContext(ctx, program, "--version").Output()
	if err != nil {
		return "", "", fmt.Errorf("syncthing --version: %w", err)
	}
	if words := strings.Fields(string(out)); len(words) > 1 {
		version, _, _ = strings.Cut(strings.TrimPrefix(words[1], "v"), "-")
	}
	return program, version, nil
}

const syncthingKey = "bench" // of its REST interface

var syncthingConfig = template.Must(template.New("").Parse(`<configuration version="35">
  <folder id="bench" path="{{.Self.Folder}}" type="sendreceive" rescanIntervalS="86400" fsWatcherEnabled="true" fsWatcherDelayS="10">
    <device id="{{.Self.ID}}"></device><device id="{{.Other.ID}}"></device>
  </folder>
  <device id="{{.Self.ID}}" name="self"><address>dynamic</address></device>
  <device id="{{.Other.ID}}" name="other"><address>{{.Address}}</address><paused>{{.Paused}}</paused></device>
  <gui enabled="true" tls="false"><address>{{.Self.GUI}}</address><apikey>{{.Key}}</apikey></gui>
  <options>
    <listenAddress>tcp://{{.Self.Listen}}</listenAddress>
    <globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled>
    <relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><urAccepted>-1</urAccepted>
    <crashReportingEnabled>false</crashReportingEnabled><stunKeepaliveStartS>0</stunKeepaliveStartS>
    <autoUpgradeIntervalH>0</autoUpgradeIntervalH><startBrowser>false</startBrowser>
    <reconnectionIntervalS>5</reconnectionIntervalS><setLowPriority>false</setLowPriority>
  </options>
</configuration>
`))

// newSyncthing makes a home with a key.
func newSyncthing(ctx context.Context, program, dir string) (*syncthing, error) {
	s := &syncthing{program: program, home: filepath.Join(dir, "home"), folder: filepath.Join(dir, "folder")}
	for _, d := range []string{s.home, filepath.Join(s.folder, ".stfolder")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	if out, err := s.command(ctx, "generate", "--home="+s.home).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("syncthing generate: %w: %s", err, out)
	}
	id, err := s.command(ctx, "--home="+s.home, "--device-id").Output()
	if err != nil {
		return nil, fmt.Errorf("syncthing --device-id: %w", err)
	}
	s.id = strings.TrimSpace(string(id))
	if s.listen, err = freeAddress(); err != nil {
		return nil, err
	}
	s.gui, err = freeAddress()
	return s, err
}

func (s *syncthing) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, s.program, args...)
	c.Env = append(os.Environ(), "HOME="+s.home, "STNOUPGRADE=1", "STNODEFAULTFOLDER=1")
	return c
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// configure lets s know other, at an address or "dynamic" for one that dials.
func (s *syncthing) configure(other *syncthing, address string, paused bool) error {
	type side struct{ ID, Folder, GUI, Listen string }
	var b bytes.Buffer
	err := syncthingConfig.Execute(&b, map[string]any{
		"Self": side{s.id, s.folder, s.gui, s.listen}, "Other": side{ID: other.id},
		"Address": address, "Paused": paused, "Key": syncthingKey,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.home, "config.xml"), b.Bytes(), 0o600)
}

func (s *syncthing) start(ctx context.Context) error {
	s.run = s.command(ctx, "serve", "--home="+s.home, "--no-browser")
	log, err := os.Create(filepath.Join(s.home, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	s.run.Stdout, s.run.Stderr = log, log
	if err := s.run.Start(); err != nil {
		return err
	}
	return poll(ctx, 10*time.Millisecond, func() (bool, error) {
		return s.call(ctx, http.MethodGet, "/rest/system/ping", nil, nil) == nil, nil
	})
}

// stop ends the process and the one that it watches over.
func (s *syncthing) stop() {
	if s.run == nil {
		return
	}
	_ = s.run.Process.Signal(os.Interrupt)
	_ = s.run.Wait()
	s.run = nil
}

// pids are the monitor's process and the engine's.
func (s *syncthing) pids() []int {
	return append([]int{s.run.Process.Pid}, children(s.run.Process.Pid)...)
}

// call makes a call of the REST interface.
func (s *syncthing) call(ctx context.Context, method, path string, body, answer any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.gui+path, bytes.NewReader(content))
	if err != nil {
		return err
	}
	r.Header.Set("X-API-Key", syncthingKey)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	said, err := io.ReadAll(a.Body)
	if err != nil {
		return err
	}
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("syncthing: %s %s: %s: %s", method, path, a.Status, said)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(said, answer)
}

// pause ends the connection to other, resume dials it.
func (s *syncthing) pause(ctx context.Context, other *syncthing) error {
	return s.call(ctx, http.MethodPost, "/rest/system/pause?device="+url.QueryEscape(other.id), nil, nil)
}

func (s *syncthing) resume(ctx context.Context, other *syncthing) error {
	return s.call(ctx, http.MethodPost, "/rest/system/resume?device="+url.QueryEscape(other.id), nil, nil)
}

// connection returns whether other is connected, and the bytes of that connection.
func (s *syncthing) connection(ctx context.Context, other *syncthing) (connected bool, bytes int64, err error) {
	var a struct {
		Connections map[string]struct {
			Connected                   bool
			InBytesTotal, OutBytesTotal int64
		}
	}
	err = s.call(ctx, http.MethodGet, "/rest/system/connections", nil, &a)
	c := a.Connections[other.id]
	return c.Connected, c.InBytesTotal + c.OutBytesTotal, err
}

// settled reports whether the folder has as many files as said and lacks none.
func (s *syncthing) settled(ctx context.Context, files int) (bool, error) {
	var a struct {
		State                       string
		LocalFiles, GlobalFiles     int
		NeedTotalItems, NeedDeletes int
	}
	err := s.call(ctx, http.MethodGet, "/rest/db/status?folder=bench", nil, &a)
	return a.State == "idle" && a.LocalFiles >= files && a.GlobalFiles >= files && a.NeedTotalItems == 0, err
}

// setDelay sets how long the folder must be quiet before changes are looked at.
func (s *syncthing) setDelay(ctx context.Context, seconds int) error {
	return s.call(ctx, http.MethodPatch, "/rest/config/folders/bench", map[string]int{"fsWatcherDelayS": seconds}, nil)
}

// poll waits until done says so.
func poll(ctx context.Context, every time.Duration, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	look := time.NewTicker(every)
	defer look.Stop()
	for {
		if ok, err := done(); err != nil || ok {
			return err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
