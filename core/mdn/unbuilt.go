package mdn

import "errors"

// errUnbuilt is for what is being built.
var errUnbuilt = errors.New("not built yet")
