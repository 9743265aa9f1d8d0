package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"meadow/core/node"
	"meadow/ui/words"
)

const exportRows = 1000

// save writes what is asked for now where the person chooses.
func (p *Panel) save() {
	d := dialog.NewFileSave(func(out fyne.URIWriteCloser, err error) {
		if err != nil {
			p.frame.Fail(err)
		}
		if err != nil || out == nil {
			return
		}
		name, q, rows := out.URI().Name(), p.query, 0
		p.frame.Worker.Go(func(ctx context.Context) (err error) {
			rows, err = export(ctx, p.node, q, out)
			return errors.Join(err, out.Close())
		}, func(err error) {
			if err != nil {
				p.frame.Fail(err)
				return
			}
			p.frame.Say(words.N("{{.Count}} line is in {{.File}}", "{{.Count}} lines are in {{.File}}", int64(rows), "File", words.Shown(name)), nil)
		})
	}, p.frame.Window)
	d.SetFileName("meadow-access-log.jsonl")
	d.Show()
}

// export writes all rows that are asked for, the newest first, one JSON object a
// line.
func export(ctx context.Context, n Node, q node.AuditQuery, to io.Writer) (rows int, err error) {
	out := bufio.NewWriter(to)
	lines := json.NewEncoder(out)
	q.Limit = exportRows
	for {
		page, err := n.Audit(ctx, q)
		if err != nil {
			return rows, err
		}
		for _, r := range page.Rows {
			if err := lines.Encode(r); err != nil {
				return rows, err
			}
			rows++
		}
		if q.Before = int64(page.Next); q.Before == 0 {
			return rows, out.Flush()
		}
	}
}
