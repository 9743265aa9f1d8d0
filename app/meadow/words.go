package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"meadow/core/control"
	"meadow/core/node"
)

type wordsCmd struct {
	Check wordsCheckCmd `cmd:"" help:"Say whether the words that you have kept are this account's. Nothing is changed."`
}

type wordsCheckCmd struct {
	WordsFile string `placeholder:"F" help:"Read them from this file; typed, or from standard input, if left out."`
}

// Run fails if the words aren't the account's, so that a script doesn't throw away
// the right ones.
func (c *wordsCheckCmd) Run(ctx context.Context, h node.Home, o *output) error {
	words, err := c.read(ctx, o)
	if err != nil {
		return err
	}
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	raw, err := client.Do(ctx, "words check", control.Args{Words: words}, nil)
	if err != nil {
		return err
	}
	var check node.WordsCheck
	if err := json.Unmarshal(raw, &check); err != nil {
		return fmt.Errorf("read the node's answer: %w", err)
	}
	if !check.Right {
		return wrongWords(check)
	}
	return result(o, raw, func(w *tabwriter.Writer, _ node.WordsCheck) {
		fmt.Fprintln(w, "These are the words of this account. Keep them safe.")
	})
}

const maxWords = 64 << 10 // bytes that are read; 24 words are 220 or fewer

// read reads the words, from a terminal without showing them.
func (c *wordsCheckCmd) read(ctx context.Context, o *output) (string, error) {
	in := o.in
	if c.WordsFile != "" && c.WordsFile != "-" {
		f, err := os.Open(c.WordsFile)
		if err != nil {
			return "", unreadable(c.WordsFile, err)
		}
		defer f.Close()
		in = f
	} else if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return unseen(ctx, o, int(f.Fd()))
	}
	b, err := io.ReadAll(bufio.NewReader(io.LimitReader(in, maxWords)))
	if err != nil {
		return "", unreadable(c.WordsFile, err)
	}
	return string(b), nil
}

// unseen reads words from a terminal without showing them.
func unseen(ctx context.Context, o *output, fd int) (words string, err error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", unreadable("the terminal", err)
	}
	fmt.Fprintln(o.err, "Type the 24 words, in one line or several. They aren't shown. An empty line ends them.")
	done := make(chan struct{})
	go func() { // ends with the process if ctx ends first: a read can't be stopped
		defer close(done)
		words, err = typed(func() (string, error) {
			b, err := term.ReadPassword(fd)
			return string(b), err
		})
	}()
	select {
	case <-done:
		return words, err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(fd, before))
	}
}

// typed reads lines until there are 24 words, or an empty line.
func typed(line func() (string, error)) (string, error) {
	var words []string
	for len(words) < 24 {
		text, err := line()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", unreadable("what is typed", err)
		}
		more := node.SplitWords(text)
		if len(more) == 0 {
			break
		}
		words = append(words, more...)
	}
	return strings.Join(words, " "), nil
}

func wrongWords(c node.WordsCheck) error {
	e := &node.Error{Code: node.CodeWrongWords, Hint: "look at them again; nothing was changed"}
	switch c.Reason {
	case node.WordsUnknown:
		e.Message = fmt.Sprintf("word %d can't be one of an account's words", c.Word)
	case node.WordsCount:
		e.Message = fmt.Sprintf("an account has 24 words, and these are %d", c.Count)
	case node.WordsOrder:
		e.Message = "these aren't the words of any account: one is wrong, or in another's place"
	default:
		e.Message = "these are words of another account"
		e.Hint = "see `meadow status` for which account this device belongs to; nothing was changed"
	}
	return e
}
