package devices

import "meadow/core/node"

// ToGo returns how many bytes are known to be on their way between this device and
// others, or next to be, by endpoint.
func ToGo(t node.Transfers) map[string]int64 {
	toGo := make(map[string]int64)
	for _, rows := range [][]node.Transfer{t.In, t.Out} {
		for _, r := range rows {
			if !r.Since.IsZero() { // else it is in Queued
				toGo[r.Endpoint] += r.Total - r.Bytes
			}
		}
	}
	for _, q := range t.Queued {
		toGo[string(q.Endpoint)] += q.Bytes
	}
	return toGo
}
