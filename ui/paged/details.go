package paged

import "meadow/ui/words"

// Details are what a row of a log says beside its fields.
type Details map[string]any

// Text is one of them, as it is safe to show; "" if there is none.
func (d Details) Text(name string) string {
	s, _ := d[name].(string)
	return words.Shown(s)
}

// Number is one of them, as it was recorded or as it came through JSON.
func (d Details) Number(name string) int64 {
	switch v := d[name].(type) {
	case float64:
		return int64(v)
	case int64:
		return v
	case int:
		return int64(v)
	}
	return 0
}
