package node

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"meadow/core/activity"
	"meadow/core/mdn"
)

// erasure is paths that the log is to forget.
type erasure struct {
	in    *space
	paths map[string]bool // as they are, and as text can have them
	count int
	by    mdn.DeviceInfo
}

// erase has paths erased for good, takes them out of the log, and notes that. Nothing
// else is written meanwhile: it would find them erased, and note that too.
func (j *journal) erase(ctx context.Context, sp *space, do func() (paths []string, err error)) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	paths, err := do()
	if err != nil {
		return err
	}
	j.eraseLater(sp, paths, j.self())
	if err := j.forget(ctx); err != nil {
		j.n.log.Warn("The log of activity still has what was erased, trying again", "error", err)
	}
	return nil
}

func (j *journal) self() mdn.DeviceInfo {
	id := j.n.cfg.Device.Endpoint()
	return mdn.DeviceInfo{Name: j.n.deviceName(id), Endpoint: id}
}

// eraseLater has paths taken out of the log at the next occasion. The caller holds
// writing.
func (j *journal) eraseLater(sp *space, paths []string, by mdn.DeviceInfo) {
	j.n.auditor.erased(sp.id, paths)
	e := erasure{in: sp, paths: make(map[string]bool, len(paths)), count: len(paths), by: by}
	for _, path := range paths {
		e.paths[path], e.paths[inText(path)] = true, true
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.erasing = append(j.erasing, e)
	for k, b := range j.batches {
		if k.space != sp.id {
			continue
		}
		maps.DeleteFunc(b.paths, func(path string, _ touch) bool { return e.paths[pathOnly(path)] })
		maps.DeleteFunc(b.known, func(_ string, r activity.Row) bool { return e.edit(j, &r) == activity.Gone })
		b.order = slices.DeleteFunc(b.order, func(path string) bool { return e.paths[pathOnly(path)] })
	}
	j.rows = slices.DeleteFunc(j.rows, func(r activity.Row) bool { return r.SpaceID == sp.id && e.edit(j, &r) == activity.Gone })
	j.wake.kick()
}

// forget takes out of the log what is to be erased, and then out of the files that
// it is kept in. What fails stays to be done. The caller holds writing.
func (j *journal) forget(ctx context.Context) error {
	for {
		j.mu.Lock()
		if len(j.erasing) == 0 {
			j.mu.Unlock()
			break
		}
		e := j.erasing[0]
		j.mu.Unlock()
		if err := j.n.cfg.Activity.Rewrite(ctx, e.in.id, func(r *activity.Row) activity.Edited { return e.edit(j, r) }); err != nil {
			return err
		}
		j.mu.Lock()
		j.erasing = j.erasing[1:]
		j.mu.Unlock()
		j.unclean = true
		j.note(activity.Row{
			Kind: ActivityErased, Device: e.by.Name, Endpoint: e.by.Endpoint, Space: e.in.name(), SpaceID: e.in.id, Count: int64(e.count),
		})
	}
	if !j.unclean {
		return nil
	}
	if err := j.n.cfg.History.Scrub(ctx); err != nil {
		return err // somebody reads
	}
	j.unclean = false
	return nil
}

// edit takes the paths out of a row.
func (e erasure) edit(j *journal, r *activity.Row) activity.Edited {
	if e.paths[r.Path] {
		return activity.Gone
	}
	if len(r.Details) == 0 {
		return activity.Same
	}
	var all map[string]any
	if json.Unmarshal(r.Details, &all) != nil {
		return activity.Gone // nobody can tell
	}
	listed, many := all["paths"].([]any)
	if !many {
		if e.told(all) {
			return activity.Gone
		}
		return activity.Same
	}
	left := slices.DeleteFunc(slices.Clone(listed), func(v any) bool {
		path, _ := v.(string)
		return e.paths[path]
	})
	if len(left) == len(listed) {
		return activity.Same
	}
	all["paths"] = left
	b, err := json.Marshal(all)
	if err != nil {
		return activity.Gone
	}
	r.Details = b
	j.finish(r)
	return activity.Changed
}

// told reports whether details of one thing say one of the paths: a former name, a
// copy, or a sentence about a file.
func (e erasure) told(all map[string]any) bool {
	for name, v := range all {
		text, _ := v.(string)
		switch name {
		case "from", "copy":
			if e.paths[text] {
				return true
			}
		case "what", "where", "error":
			for path := range e.paths {
				if strings.Contains(text, path) {
					return true
				}
			}
		}
	}
	return false
}
