package carry

import "meadow/core/willow/drop"

// Params are the parameters of the drop in a file.
func Params() drop.Params { return params() }

// AppendHeader and DecodeHeader are those of the header.
func AppendHeader(r Report) ([]byte, error) { return appendHeader(nil, r) }
func DecodeHeader(b []byte) (Report, error) { return decodeHeader(b) }

// HeaderAt is where the header's map begins.
const HeaderAt = len(magic) + 4
