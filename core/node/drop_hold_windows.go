package node

import "os"

// hold has nothing to do here: a file that is open can't be removed.
func hold(*os.File, bool) (release func(), err error) { return func() {}, nil }
