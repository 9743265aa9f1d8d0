package storage

import (
	"time"

	"meadow/core/willow"
)

// steady returns a clock that starts at the time of now and then goes on evenly,
// whatever becomes of the system's clock: when bytes were put, and whether that is
// long ago, is counted by it.
func steady() func() time.Time {
	start := time.Now()
	return func() time.Time { return start.Add(time.Since(start)) }
}

// pastNow is when what goes into history now does so, by the clock that
// History.SetClock gave, or by the database's own.
func (d *DB) pastNow() willow.Timestamp {
	if clock := d.pastClock.Load(); clock != nil {
		return (*clock)()
	}
	return willow.TimestampOf(d.now())
}
