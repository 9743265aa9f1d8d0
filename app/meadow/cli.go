package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"meadow/core/node"
)

// Exit codes, the same for every command.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitTimeout = 3
)

type streams struct {
	in       io.Reader
	out, err io.Writer
}

// cli is the whole command line. Kong fills it; the commands' Run methods are
// beside what they do.
type cli struct {
	Home string `help:"The node's folder." env:"MEADOW_HOME" placeholder:"DIR"`
	JSON bool   `help:"Answer in JSON: one object, or one a line."`

	Window windowCmd `cmd:"" default:"withargs" help:"Open the window; what is done without a command."`

	Init      initCmd      `cmd:"" help:"Make a new account, or a device that will join one."`
	Recover   recoverCmd   `cmd:"" help:"Bring an account back on this device, with its 24 words."`
	Run       runCmd       `cmd:"" help:"Run the node in the foreground."`
	Stop      stopCmd      `cmd:"" help:"Stop the running Meadow, with or without a window, and wait until it has ended."`
	Status    statusCmd    `cmd:"" help:"Show this node, its devices and its spaces."`
	Autostart autostartCmd `cmd:"" help:"Show and set whether Meadow starts when you log in."`
	Version   versionCmd   `cmd:"" help:"Show the version."`

	Pair    pairCmd    `cmd:"" help:"Add a device to the account."`
	Device  deviceCmd  `cmd:"" help:"See and name the account's devices."`
	Contact contactCmd `cmd:"" help:"Add people, see whom you know, and block or forget them."`
	Space   spaceCmd   `cmd:"" help:"Make spaces and attach folders to them."`

	Share  shareCmd  `cmd:"" help:"Let a person read, add to or change a space, or a folder of one."`
	Shares sharesCmd `cmd:"" help:"List what is shared with whom, and what became of it."`
	Invite inviteCmd `cmd:"" help:"See and answer what others offer."`
	Revoke revokeCmd `cmd:"" help:"Take back what was shared."`

	Put       putCmd       `cmd:"" help:"Store a file in a space."`
	Get       getCmd       `cmd:"" help:"Read a file of a space."`
	Ls        lsCmd        `cmd:"" help:"List what is in a space."`
	Rm        rmCmd        `cmd:"" help:"Remove a file, or a folder with all in it."`
	Mkdir     mkdirCmd     `cmd:"" help:"Make an empty folder in a space."`
	Mv        mvCmd        `cmd:"" help:"Move a file or a folder within a space."`
	Where     whereCmd     `cmd:"" help:"Say where on this disk a file or folder of a space is."`
	Link      linkCmd      `cmd:"" help:"Print the link of a space, or of a file or folder of one. It gives nobody access."`
	Drop      dropCmd      `cmd:"" help:"Carry a space, or a part of one, in a file: on a stick, by letter."`
	Open      openCmd      `cmd:"" help:"Find what a willow:// link is to, and show it in the window if that is open."`
	History   historyCmd   `cmd:"" help:"List the versions of a file."`
	Restore   restoreCmd   `cmd:"" help:"Bring a version back."`
	Conflicts conflictsCmd `cmd:"" help:"List conflict copies, and decide what stays."`
	Ignore    ignoreCmd    `cmd:"" help:"Show what .meadowignore keeps from being synced, or would."`
	Settings  settingsCmd  `cmd:"" help:"Show and change settings."`
	Words     wordsCmd     `cmd:"" help:"Check the words that bring the account back."`
	Names     namesCmd     `cmd:"" help:"List names that some system can't hold, and what to call them."`

	Setaside setasideCmd `cmd:"" help:"See what devices and people wrote that have no access any more, and decide about it."`

	Hold holdCmd `cmd:"" help:"Decide about removals that wait for you."`

	Map mapCmd `cmd:"" help:"Show who may do what, until when, and through whom."`

	Transfers transfersCmd `cmd:"" help:"Show what moves between devices, and what waits and why."`
	Audit     auditCmd     `cmd:"" help:"Show and search who was given what, what went to whom, and what was refused."`
	Flows     flowsCmd     `cmd:"" help:"Show what goes between this device and others, over which way."`
	Activity  activityCmd  `cmd:"" help:"Show and search what happened."`

	Wait   waitCmd   `cmd:"" help:"Wait until other devices hold what this one holds."`
	Events eventsCmd `cmd:"" help:"Show what happened, and with --follow what happens."`
	Pause  pauseCmd  `cmd:"" help:"Stop syncing, for a while or until resumed."`
	Resume resumeCmd `cmd:"" help:"Sync again."`
}

// usageError is a call that is wrong whatever the state: exit code 2.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// program runs one command and returns the exit code.
func program(ctx context.Context, args []string, std streams) int {
	var c cli
	out := &output{streams: std, json: wantsJSON(args)}
	helped := false
	parser, err := kong.New(&c,
		kong.Name("meadow"),
		kong.Description("Your data on your own devices, in step, under your own hand."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(out),
	)
	if err != nil {
		return out.failed(err)
	}
	for _, a := range args {
		if !utf8.ValidString(a) {
			return out.failed(usagef("%q isn't UTF-8: give such a path in base64, with --b64, and such a file as - or by another name", a))
		}
	}
	parsed, err := parser.Parse(asFlag(args))
	if helped {
		return exitDone
	}
	var wrong *kong.ParseError
	if errors.As(err, &wrong) {
		parsed = wrong.Context
	}
	if of := parsed.Selected(); of != nil && len(args) > 0 && of.Name != "window" {
		out.help = of.FullPath()
	}
	if err != nil {
		return out.failed(usageError{err})
	}
	out.json = c.JSON
	home, err := c.home()
	if err != nil {
		return out.failed(err)
	}
	return out.failed(parsed.Run(home))
}

// asFlag makes "help COMMAND" what kong understands.
func asFlag(args []string) []string {
	if len(args) == 0 || args[0] != "help" {
		return args
	}
	return append(slices.Clone(args[1:]), "--help")
}

// wantsJSON finds --json before the command line has been understood, so that a
// usage error is told in the form that was asked for.
func wantsJSON(args []string) bool {
	for _, a := range args {
		if a == "--json" {
			return true
		}
		if a == "--" {
			break
		}
	}
	return false
}

func (c *cli) home() (node.Home, error) {
	if c.Home != "" {
		dir, err := filepath.Abs(c.Home)
		return node.Home{Dir: dir}, err
	}
	base := os.Getenv("XDG_DATA_HOME")
	if base == "" || !filepath.IsAbs(base) {
		user, err := os.UserHomeDir()
		if err != nil {
			return node.Home{}, &node.Error{
				Code: node.CodeUsage, Message: "there is no home folder for this user", Hint: "give one with --home DIR",
			}
		}
		base = filepath.Join(user, ".local", "share")
	}
	return node.Home{Dir: filepath.Join(base, "meadow")}, nil
}

// failed tells what went wrong, if anything, and returns the exit code.
func (o *output) failed(err error) int {
	if err == nil {
		return exitDone
	}
	var usage usageError
	var e *node.Error
	var at *fs.PathError
	out, isFile := o.out.(*os.File)
	switch {
	case errors.As(err, &usage):
		e = &node.Error{Code: node.CodeUsage, Message: usage.Error(), Hint: "see `" + cmp.Or(o.help, "meadow") + " --help`"}
	case errors.Is(err, context.Canceled):
		e = &node.Error{Code: node.CodeRefused, Message: "stopped before it was done", Hint: "what was done is kept; start it again"}
	case errors.As(err, &at) && isFile && at.Path == out.Name():
		e = &node.Error{Code: node.CodeIO, Message: fmt.Sprintf("the answer can't be written: %v", at.Err), Hint: "give it another place"}
	default:
		e = node.AsError(err)
	}
	o.fail(e)
	switch e.Code {
	case node.CodeUsage:
		return exitUsage
	case node.CodeTimeout:
		return exitTimeout
	}
	return exitFailed
}

// duration is a Go duration that must be positive.
type duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(strings.TrimSpace(string(b)))
	if err != nil || v <= 0 {
		return fmt.Errorf("%q isn't a duration such as 90s, 5m or 1h30m", b)
	}
	*d = duration(v)
	return nil
}
