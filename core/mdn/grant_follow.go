package mdn

import "time"

// How fast a grant follows what its receiver does to the list of their devices. The
// first change is followed at once, those after it by ever longer waits: each costs a
// statement, which stays for ever, and nothing keeps a person from changing the list
// all the time. Who isn't on it any more isn't served meanwhile.
const (
	followWait  = 10 * time.Minute   // after the first; doubles
	followMost  = 24 * time.Hour     // and no longer than that
	followQuiet = 7 * 24 * time.Hour // after so long without a change all is as at first
)

// followed is how often a grant was made again of late because its receiver had
// other devices, by any device of this account.
type followed struct {
	times uint64
	last  time.Time
}

// next returns from when on it may be made again for that; zero: from now on.
func (f followed) next() time.Time {
	if f.times == 0 {
		return time.Time{}
	}
	return f.last.Add(min(followWait<<min(f.times-1, 10), followMost))
}

// again counts one more.
func (f followed) again(now time.Time) followed {
	if now.Sub(f.last) >= followQuiet {
		f.times = 0
	}
	return followed{f.times + 1, now}
}
