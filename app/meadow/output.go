package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"meadow/core/node"
)

// output prints answers: results and events to standard output, failures to
// standard error and, in JSON, to standard output as well.
type output struct {
	streams
	json     bool
	help     string          // the command whose help says how it is used; "" if none was named
	streamed bool            // the command prints events: a failure is one more
	done     json.RawMessage // what was done before a failure, if there is something to tell
}

// result prints raw as it is in JSON; otherwise prose gets it decoded.
func result[R any](o *output, raw json.RawMessage, prose func(w *tabwriter.Writer, r R)) error {
	if o.json {
		_, err := fmt.Fprintf(o.out, "%s\n", raw)
		return err
	}
	var r R
	if err := json.Unmarshal(raw, &r); err != nil {
		return fmt.Errorf("read the node's answer: %w", err)
	}
	w := tabwriter.NewWriter(harmless{o.out}, 0, 0, 2, ' ', 0)
	prose(w, r)
	return w.Flush()
}

// event prints one event of a stream.
func (o *output) event(e node.Event, prose func(e node.Event) string) error {
	if !o.json {
		if text := prose(e); text != "" {
			_, err := fmt.Fprintln(harmless{o.out}, text)
			return err
		}
		return nil
	}
	return json.NewEncoder(o.out).Encode(e)
}

func (o *output) fail(e *node.Error) {
	text := "meadow: " + oneLine(e.Message)
	if e.Hint != "" {
		text += "; " + oneLine(e.Hint)
	}
	fmt.Fprintln(o.err, shown(text))
	if !o.json {
		return
	}
	if o.streamed {
		_ = o.event(node.Event{
			Name: "error", Time: node.Time{Time: time.Now()}, Fields: map[string]any{"error": e},
		}, nil)
		return
	}
	answer := map[string]any{"error": e}
	if o.done != nil {
		answer["result"] = o.done
	}
	_ = json.NewEncoder(o.out).Encode(answer)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// size writes a number of bytes for people.
func size(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	v, exp := float64(n)/unit, 0
	for ; v >= unit && exp < 4; exp++ {
		v /= unit
	}
	return fmt.Sprintf("%.1f %cB", v, "kMGTP"[exp])
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

func local(t node.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
