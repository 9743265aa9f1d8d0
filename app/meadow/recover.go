package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type recoverCmd struct {
	WordsFile string    `placeholder:"F" help:"Read the 24 words from this file; typed, or from standard input, if left out or -."`
	Words     bool      `help:"Read the words from standard input."`
	Name      string    `placeholder:"NAME" help:"This device's name; the machine's if left out."`
	From      string    `placeholder:"IP:PORT" help:"Where a device of the account is, if it isn't on this network."`
	Keep      []string  `placeholder:"DEVICE,…" help:"The account's devices that stay; all others are out."`
	Since     sinceTime `placeholder:"TIME" help:"What the other devices wrote from then on isn't kept: one of them was stolen."`
	Finish    bool      `help:"Of a recovery that is under way: don't wait for what other devices still have."`
}

// recovering is the answer to recover: a home was made, and it goes on once it runs.
type recovering struct {
	Custodian string `json:"custodian"`
	Device    string `json:"device"`
	Home      string `json:"home"`
	State     string `json:"state"`
	Says      string `json:"says"`
}

// Run makes a home, or changes nothing. On a home that is being recovered already
// it gives the words again, or ends the waiting.
func (c *recoverCmd) Run(ctx context.Context, h node.Home, o *output) error {
	if c.Finish {
		return ask(ctx, h, o, "recover finish", control.Args{}, printRecovery)
	}
	if c.Name == "" {
		c.Name = hostName()
	}
	if err := node.CheckName(c.Name); err != nil {
		return usageError{err}
	}
	file := c.WordsFile
	if c.Words {
		if file != "" {
			return usagef("give either --words-file or --words")
		}
		file = "-"
	}
	words, err := (&wordsCheckCmd{WordsFile: file}).read(ctx, o)
	if err != nil {
		return err
	}
	keep := []string{}
	for _, name := range c.Keep {
		if name = strings.TrimSpace(name); name != "" {
			keep = append(keep, name)
		}
	}
	options := recoverOptions{Words: words, Device: c.Name, RecoverOptions: node.RecoverOptions{From: c.From, Keep: keep, Since: orNilTime(c.Since.Time)}}
	if h.Initialised() {
		return c.again(ctx, h, o, options)
	}
	custodian, err := maker{home: h, log: newLog(o.err, false)}.recover(ctx, options)
	if err != nil {
		return err
	}
	return c.tell(h, o, custodian)
}

func (c *recoverCmd) again(ctx context.Context, h node.Home, o *output, options recoverOptions) error {
	if _, err := node.ReadWords(options.Words); err != nil {
		return err
	}
	return ask(ctx, h, o, "recover words", control.Args{Words: options.Words, Recover: options.RecoverOptions}, printRecovery)
}

func (c *recoverCmd) tell(h node.Home, o *output, custodian string) error {
	raw, err := json.Marshal(recovering{
		Custodian: custodian, Device: c.Name, Home: h.Dir, State: node.RecoverySearching,
		Says: "your account is back; meadow run looks for its data",
	})
	if err != nil {
		return err
	}
	return result(o, raw, func(w *tabwriter.Writer, r recovering) {
		fmt.Fprintf(w, "Your account is back on %s. Its data isn't yet: `meadow run` looks for devices that have it, on this network", shown(r.Device))
		if c.From != "" {
			fmt.Fprintf(w, " and at %s", shown(c.From))
		}
		fmt.Fprintln(w, ".")
		fmt.Fprintf(w, "Until it is back, for at most 30 days, what the words are worth is kept in %s.\n", shown(h.Dir+"/recovery.key"))
		if len(c.Keep) == 0 {
			fmt.Fprintln(w, "All devices that the account had are out then, since none is to be kept (--keep); they can be paired again.")
		}
	})
}

func printRecovery(w *tabwriter.Writer, r node.Recovery) {
	fmt.Fprintln(w, shown(r.Says))
	if len(r.LeftOut) > 0 {
		fmt.Fprintf(w, "no longer of the account: %s; pair them again\n", names(r.LeftOut))
	}
	if len(r.NotFound) > 0 {
		fmt.Fprintf(w, "to be kept, but not found: %s\n", names(r.NotFound))
	}
}
