package endpoint

import (
	"errors"

	"golang.org/x/sys/windows"
)

func isPortTaken(err error) bool { return errors.Is(err, windows.WSAEADDRINUSE) }
