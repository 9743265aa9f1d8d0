package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"

	"meadow/app/internal/autostart"
	"meadow/core/node"
)

type autostartCmd struct {
	State string `arg:"" optional:"" default:"" enum:"on,off," help:"on or off; left out, it is only shown."`
}

// Run sets and shows whether Meadow starts at login.
func (c *autostartCmd) Run(h node.Home, o *output) error {
	e, err := atLogin(h)
	if err == nil && c.State != "" {
		err = setAtLogin(e, c.State == "on")
	}
	if err != nil {
		return err
	}
	on, err := e.Enabled()
	if err != nil {
		return err
	}
	where, err := e.Where()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]any{"autostart": on, "where": where})
	if err != nil {
		return err
	}
	return result(o, raw, func(w *tabwriter.Writer, r struct {
		Autostart bool
		Where     string
	},
	) {
		if r.Autostart {
			fmt.Fprintf(w, "Meadow starts when you log in: %s\n", shown(r.Where))
		} else {
			fmt.Fprintln(w, "Meadow doesn't start by itself.")
		}
	})
}

// atLogin is this program on a home as it is started at login. Homes don't share one.
func atLogin(h node.Home) (autostart.Entry, error) {
	exe := os.Getenv("APPIMAGE") // what is to be started, where the program is a mounted image
	if exe == "" {
		var err error
		if exe, err = os.Executable(); err != nil {
			return autostart.Entry{}, fmt.Errorf("find this program: %w", err)
		}
	}
	e := autostart.Entry{ID: "org.mee.meadow", Name: "Meadow", Exec: []string{exe}}
	usual, err := new(cli).home()
	if err != nil || usual != h {
		sum := sha256.Sum256([]byte(h.Dir))
		e.ID += "-" + hex.EncodeToString(sum[:4])
		e.Exec = append(e.Exec, "--home", h.Dir)
	}
	e.Exec = append(e.Exec, loginArgs...)
	return e, nil
}

func setAtLogin(e autostart.Entry, on bool) error {
	if err := e.Set(on); err != nil {
		where, _ := e.Where()
		return &node.Error{
			Code: node.CodeIO, Message: fmt.Sprintf("can't change what starts at login: %v; it is as it was", err),
			Hint: fmt.Sprintf("check that %s can be written", where),
		}
	}
	return nil
}
