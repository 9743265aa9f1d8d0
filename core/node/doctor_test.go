package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"meadow/core/endpoint"
)

// TestSilentDevice: what is known of addresses that all have failed decides what to
// do; what somebody can mend comes first.
func TestSilentDevice(t *testing.T) {
	yes, no := true, false
	silent := fmt.Errorf("no answer: %w", context.DeadlineExceeded)
	other, protocol := error(&endpoint.IdentityError{}), fmt.Errorf("dial: %w", endpoint.ErrProtocol)
	closed, noWay := error(&endpoint.CloseError{Remote: true}), errors.New("network is unreachable")
	for name, c := range map[string]struct {
		nearby *bool
		errs   []error
		want   string
	}{
		"away":               {&no, []error{silent, noWay}, CauseAway},
		"away, not looking":  {nil, []error{noWay}, CauseAway},
		"heard, but silent":  {&yes, []error{silent, silent}, CauseBlocked},
		"another device":     {&no, []error{noWay, other}, CauseOther},
		"another, or silent": {&no, []error{other, silent}, CauseAway},
		"too old":            {&yes, []error{silent, protocol}, CauseProtocol},
		"turned away":        {&yes, []error{silent, closed}, CauseThere},
	} {
		d := &doctor{Diagnosis: Diagnosis{Device: "desk", Nearby: c.nearby}}
		var failed []endpoint.Attempt
		for _, err := range c.errs {
			failed = append(failed, endpoint.Attempt{Err: err})
		}
		if cause, advice := d.silent(failed); cause != c.want || !strings.HasSuffix(advice, ".") {
			t.Errorf("%s: %s, %q", name, cause, advice)
		}
	}
}
