package tree_test

import (
	"context"
	"sync"

	"meadow/core/blob"
)

// memBlobs is the blobs that a device holds, all in one scope.
type memBlobs struct {
	mu    sync.Mutex
	blobs map[blob.Hash][]byte
}

func newMemBlobs() *memBlobs { return &memBlobs{blobs: map[blob.Hash][]byte{}} }

func (b *memBlobs) put(h blob.Hash, bytes []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.blobs[h] = bytes
}

func (b *memBlobs) get(h blob.Hash) ([]byte, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	bytes, ok := b.blobs[h]
	return bytes, ok
}

func (b *memBlobs) PutInlineBatch(_ context.Context, puts []blob.InlinePut) error {
	for _, p := range puts {
		b.put(p.Hash, p.Bytes)
	}
	return nil
}

func (b *memBlobs) Has(_ context.Context, _ blob.Scope, h blob.Hash) (bool, error) {
	_, ok := b.get(h)
	return ok, nil
}

func (b *memBlobs) ReadAll(_ context.Context, h blob.Hash, _ int64) ([]byte, error) {
	bytes, _ := b.get(h)
	return bytes, nil
}
