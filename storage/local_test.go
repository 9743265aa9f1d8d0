package storage

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"meadow/core/key"
)

var testEndpoint = key.Endpoint{1, 2, 3}

func TestAddresses(t *testing.T) {
	d := openTest(t)
	l := d.Local()
	ctx := context.Background()
	if _, ok, err := l.LastSeen(ctx, testEndpoint); ok || err != nil {
		t.Errorf("LastSeen of an unknown endpoint = %v, %v", ok, err)
	}
	start := time.UnixMicro(1_800_000_000_000_000).UTC()
	addr := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 4000)
	}
	put := func(i, second int) {
		t.Helper()
		if err := l.PutAddress(ctx, testEndpoint, addr(i), start.Add(time.Duration(second)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		put(i, i)
	}
	put(10, 30)
	put(19, 1) // older than what is known
	got, err := l.Addresses(ctx, testEndpoint)
	if err != nil {
		t.Fatal(err)
	}
	want := []netip.AddrPort{addr(10), addr(19), addr(18), addr(17)}
	if len(got) != maxAddresses || !slices.Equal(got[:4], want) {
		t.Errorf("Addresses = %v; want %d from %v", got, maxAddresses, want)
	}
	if at, ok, err := l.LastSeen(ctx, testEndpoint); err != nil || !ok || !at.Equal(start.Add(30*time.Second)) {
		t.Errorf("LastSeen = %v, %v, %v", at, ok, err)
	}
}

func TestValues(t *testing.T) {
	d := openTest(t)
	l := d.Local()
	ctx := context.Background()
	if err := l.PutValues(ctx, map[string][]byte{"a": {1}, "b": {}}); err != nil {
		t.Fatal(err)
	}
	if err := l.PutValues(ctx, map[string][]byte{"a": nil, "c": {3}}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"a": false, "b": true, "c": true} {
		if _, ok, err := l.Value(ctx, name); ok != want || err != nil {
			t.Errorf("value %s: %v, %v; want %v", name, ok, err, want)
		}
	}
}
