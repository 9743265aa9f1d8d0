package storetest_test

import (
	"testing"

	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(testing.TB) willow.Store { return new(storetest.Memory) })
}
