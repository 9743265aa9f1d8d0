//go:build !linux

package eye

import (
	"context"
	"image"
)

// camera is nothing: elsewhere cameras need a C compiler.
var camera func(ctx context.Context) (<-chan image.Image, error)
