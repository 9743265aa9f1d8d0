package consync

import (
	"encoding/binary"
	"fmt"
	"io"

	"meadow/core/blob"
	"meadow/core/willow"
)

// requestLimit bounds a payload request: the largest set of groups has 64 KiB.
const requestLimit = 80 << 10

// request asks for a payload, or what is missing of it, on a stream of its own:
//
//	u8 streamPayload | u32 big-endian length of what follows
//	h | 32-byte subspace | path | 32-byte digest | n length | groups (blob.Groups)
//
// The answer is what blob.Provide writes, or a reset: the payload isn't here,
// not held in the entry's scope, or not for this peer. Which, isn't said.
type request struct {
	handle   handle
	subspace willow.SubspaceID
	path     willow.Path
	digest   willow.Digest
	length   uint64
	groups   blob.Groups
}

// entry is the entry that a request is about, with a time that the exchange's area
// includes: a request has none.
func (r request) entry(ex *exchange) willow.Entry {
	return willow.Entry{
		Namespace: ex.ns, Subspace: r.subspace, Path: r.path, Timestamp: ex.area.Times.Start,
		PayloadDigest: r.digest, PayloadLength: r.length,
	}
}

func (r request) append(b []byte) []byte {
	b = append(b, streamPayload, 0, 0, 0, 0)
	at := len(b)
	b = appendUint(b, r.handle)
	b = append(b, r.subspace[:]...)
	b = willow.AppendPath(b, r.path)
	b = append(b, r.digest[:]...)
	b = appendUint(b, r.length)
	b = append(b, r.groups.Encode()...)
	binary.BigEndian.PutUint32(b[at-4:], uint32(len(b)-at))
	return b
}

// decodeRequest decodes a request without its kind and length.
func decodeRequest(body []byte) (request, error) {
	d := &decoder{b: body}
	r := request{handle: d.handle(), subspace: d.hash(), path: d.path(), digest: d.hash(), length: d.number()}
	rest := d.rest()
	if d.err == nil {
		var err error
		if r.groups, err = blob.DecodeGroups(rest); err != nil {
			d.fail("%v", err)
		}
	}
	if err := d.end(); err != nil {
		return request{}, err
	}
	return r, nil
}

func readRequest(r io.Reader) (request, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return request{}, err
	}
	length := binary.BigEndian.Uint32(head[1:])
	if head[0] != streamPayload || length > requestLimit {
		return request{}, fmt.Errorf("%w: stream of kind %#x, request of %d bytes", errMalformed, head[0], length)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return request{}, err
	}
	return decodeRequest(body)
}
