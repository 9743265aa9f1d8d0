package storage

import (
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t testing.TB) willow.Store { return openTest(t).Entries() })
}
