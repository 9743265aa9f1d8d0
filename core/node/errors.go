package node

import (
	"errors"
	"fmt"
)

// Codes of Error. They are part of the command line's contract: a code never
// changes its meaning, and one that is no longer used is not given again.
const (
	CodeUsage              = "usage"               // the call is wrong, whatever the state
	CodeInternal           = "internal"            // a failure that no user can mend
	CodeNotRunning         = "not_running"         // no node runs on this home
	CodeAlreadyRunning     = "already_running"     // a node runs on this home
	CodeAlreadyInitialised = "already_initialised" // the home is in use
	CodeNotInitialised     = "not_initialised"     // the home hasn't been made
	CodeNotPaired          = "not_paired"          // the device belongs to no account yet
	CodeAlreadyPaired      = "already_paired"      // the device belongs to an account
	CodeNameTaken          = "name_taken"          // something here has that name
	CodeNotFound           = "not_found"           // nothing has that name, id or path
	CodeAmbiguous          = "ambiguous"           // more than one thing has that id prefix
	CodeExists             = "exists"              // the target path is in use
	CodeNotAllowed         = "not_allowed"         // this device may not do that
	CodeNotHere            = "not_here"            // known, but its bytes haven't arrived
	CodeExpired            = "expired"             // the ticket's minute is over
	CodeRefused            = "refused"             // the other side, or the user, said no
	CodeTooMany            = "too_many"            // too many failed attempts, wait
	CodeUnanswered         = "unanswered"          // done here, but the other side didn't say that it has it
	CodeUnreachable        = "unreachable"         // the device doesn't answer
	CodeTimeout            = "timeout"             // it took longer than allowed
	CodeFolder             = "folder"              // a folder can't be used that way
	CodeNewer              = "newer"               // the database is of a newer Meadow
	CodeRemoved            = "removed"             // this device was removed from its account
	CodeIO                 = "io"                  // disk or file system trouble
	CodeClone              = "clone"               // this home is one of two with one device key
	CodeFull               = "full"                // the disk is full
	CodeDamaged            = "damaged"             // the database can't be read, or not all of it
	CodeWrongWords         = "wrong_words"         // the words aren't the account's
	CodeNotAttached        = "not_attached"        // the space has no folder on this device
	CodeNotDrop            = "not_drop"            // the file isn't a drop, is of a later Meadow, or is damaged
	CodeNoWindow           = "no_window"           // the running Meadow has no window
)

func fail(code, hint, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// AsError returns err as a failure for a user: itself if it is one already, and nil
// if there is none.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if e := diskError(err); e != nil {
		return e
	}
	return &Error{Code: CodeInternal, Message: err.Error(), Hint: "this is a fault of Meadow: see its log for what came before"}
}

func notPaired() error {
	return fail(CodeNotPaired, "join an account with `meadow pair show`", "this device belongs to no account yet")
}
