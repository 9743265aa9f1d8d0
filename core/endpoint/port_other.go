//go:build !windows

package endpoint

import (
	"errors"
	"syscall"
)

func isPortTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
