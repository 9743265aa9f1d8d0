package node_test

import (
	"errors"
	"fmt"
	"testing"

	"meadow/core/node"
)

func TestAsError(t *testing.T) {
	if e := node.AsError(nil); e != nil {
		t.Errorf("no error is %v", e)
	}
	known := &node.Error{Code: node.CodeNotFound, Message: "m"}
	if e := node.AsError(fmt.Errorf("around it: %w", known)); e != known {
		t.Errorf("%v", e)
	}
	if e := node.AsError(errors.New("odd")); e.Code != node.CodeInternal || e.Message != "odd" || e.Hint == "" {
		t.Errorf("%v", e)
	}
}
