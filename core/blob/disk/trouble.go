package disk

import (
	"errors"
	"fmt"
	"os"
)

// Trouble is an error whose cause somebody can take away. As text it is a
// sentence for people, without an end.
type Trouble struct {
	Cause Cause
	Where string // where the disk is mounted, or the file or folder
	Needs uint64 // if Full: bytes to be freed, 0 if unknown
	Free  uint64 // if Full: bytes that are free
	Keeps uint64 // if Full: bytes of them that are the database's
	Err   error  // what the system said; may be nil
}

// About makes a Trouble of an error that came of using a path: nil if it has no
// cause that this package knows. An error that is one already is returned.
func About(err error, path string) *Trouble {
	var t *Trouble
	if errors.As(err, &t) {
		return t
	}
	if c := CauseOf(err); c != None {
		return New(c, path, err)
	}
	return nil
}

// New makes a Trouble of a cause that was met at a path.
func New(c Cause, path string, err error) *Trouble {
	t := &Trouble{Cause: c, Where: path, Err: err}
	switch c {
	case Full, Quota, ReadOnly:
		t.Where = Mount(path)
	}
	if c == Full {
		if s, err := Of(path); err == nil {
			t.Free = s.Free
		}
	}
	return t
}

func (t *Trouble) Error() string {
	if t.Cause == Full && t.Needs > 0 {
		return fmt.Sprintf("%s more %s needed on %s%s", Bytes(t.Needs), is(t.Needs), t.Where, t.Rest())
	}
	switch t.Cause {
	case Full:
		return fmt.Sprintf("the disk is full on %s%s", t.Where, t.Rest())
	case Quota:
		return fmt.Sprintf("your share (quota) of the disk is used up on %s", t.Where)
	case ReadOnly:
		return fmt.Sprintf("%s can only be read: it is mounted read-only", t.Where)
	case Denied:
		return fmt.Sprintf("permission denied for %s", t.Where)
	case Files:
		return "too many files are open: close programs, or raise the limit (ulimit -n)"
	case Gone:
		return fmt.Sprintf("%s is gone", t.Where)
	case Damaged:
		return fmt.Sprintf("%s is damaged", t.Where)
	default:
		return t.Cause.Reason()
	}
}

// Needing is the sentence about who needs the space: a space's name.
func (t *Trouble) Needing(who string) string {
	if t.Cause == Full && t.Needs > 0 {
		return fmt.Sprintf("%s needs %s more on %s%s", who, Bytes(t.Needs), t.Where, t.Rest())
	}
	return who + ": " + t.Error()
}

// Rest is the end of a sentence about a full disk: what is free of it.
func (t *Trouble) Rest() string {
	text := fmt.Sprintf(": %s %s free", Bytes(t.Free), is(t.Free))
	switch {
	case t.Keeps == 0 || t.Free == 0:
	case t.Free < t.Keeps:
		text += ", and Meadow keeps that for itself"
	default:
		text += fmt.Sprintf(", of which Meadow keeps %s for itself", Bytes(t.Keeps))
	}
	return text
}

// Passed reports whether a look at the place shows that the trouble may be over.
// Of some causes nothing shows it but trying.
func (t *Trouble) Passed() bool {
	switch t.Cause {
	case Full:
		s, err := Of(t.Where)
		return err == nil && s.Free > t.Free && s.Free > max(t.Keeps, t.Free+t.Needs/2)
	case ReadOnly:
		s, err := Of(t.Where)
		return err == nil && !s.ReadOnly
	case Denied:
		return Writable(t.Where) == nil
	case Gone:
		_, err := os.Stat(t.Where)
		return err == nil
	}
	return false
}

// Unwrap returns what the system said.
func (t *Trouble) Unwrap() error { return t.Err }

// Reason is a cause in words for people, about one file.
func (c Cause) Reason() string {
	switch c {
	case Full:
		return "the disk is full"
	case Quota:
		return "your share (quota) of the disk is used up"
	case ReadOnly:
		return "the disk can only be read"
	case Denied:
		return "permission denied"
	case Files:
		return "too many files are open"
	case Long:
		return "the path is too long for this system"
	case Large:
		return "the file is too large for this file system (FAT holds less than 4 GiB)"
	case Broken:
		return "the disk fails (input/output error): check it, and what was written last"
	case Gone:
		return "it is gone"
	case Damaged:
		return "it is damaged"
	default:
		return "it failed"
	}
}

// Hint says what to do about a cause.
func (c Cause) Hint() string {
	switch c {
	case Full, Quota:
		return "free some space there; Meadow goes on by itself"
	case ReadOnly:
		return "make it writable again; Meadow goes on by itself"
	case Denied:
		return "check the permissions"
	case Files:
		return "raise the limit of open files (ulimit -n)"
	case Gone:
		return "put it back; Meadow goes on by itself"
	case Damaged:
		return "check the disk, then put it back from a backup"
	default:
		return "check the disk"
	}
}

// Bytes writes a number of bytes for people.
func Bytes(n uint64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	v, exp := float64(n)/unit, 0
	for ; v >= unit-0.05 && exp < 4; exp++ {
		v /= unit
	}
	if v >= 10 {
		return fmt.Sprintf("%.0f %cB", v, "kMGTP"[exp])
	}
	return fmt.Sprintf("%.1f %cB", v, "kMGTP"[exp])
}

func is(n uint64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
