package storage

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// The layout of SQLite's write-ahead log (its file format, section 4): a header,
// then frames, each a header and a page. Numbers are big-endian; the words that
// are summed up have the order that the magic number says.
const (
	walMagicLittle = 0x377f0682
	walMagicBig    = 0x377f0683
	walHeader      = 32
	walFrame       = 24
	minPage        = 512
	maxPage        = 64 << 10
)

// walVersion returns the schema version that the commits in a write-ahead log
// leave; ok is false if they don't write it, or if there are none. It only reads,
// where asking SQLite would make it take up the log, and its index, as its own.
func walVersion(r io.Reader) (version int, ok bool, err error) {
	in := bufio.NewReaderSize(r, maxPage)
	var head [walHeader]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, false, cutShort(err)
	}
	w, valid := newWAL(head)
	if !valid {
		return 0, false, nil
	}
	frame := make([]byte, walFrame+w.pageSize)
	pending, touched := 0, false // of the transaction that is being read
	for {
		if _, err := io.ReadFull(in, frame); err != nil {
			return version, ok, cutShort(err)
		}
		if !w.next(frame) {
			return version, ok, nil
		}
		if binary.BigEndian.Uint32(frame) == 1 { // the page number
			pending = int(int32(binary.BigEndian.Uint32(frame[walFrame+userVersionOffset:])))
			touched = true
		}
		if commit := binary.BigEndian.Uint32(frame[4:]) != 0; commit && touched {
			version, ok, touched = pending, true, false
		}
	}
}

// cutShort turns the end of a log into success: what a crash cut off was never
// committed.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// wal is how far a log has been read.
type wal struct {
	pageSize int
	salt     [8]byte
	order    binary.ByteOrder
	sum      [2]uint32
}

// newWAL reads a header; ok is false if SQLite would ignore the log.
func newWAL(head [walHeader]byte) (w wal, ok bool) {
	switch binary.BigEndian.Uint32(head[:]) {
	case walMagicLittle:
		w.order = binary.LittleEndian
	case walMagicBig:
		w.order = binary.BigEndian
	default:
		return w, false
	}
	size := binary.BigEndian.Uint32(head[8:])
	if size < minPage || size > maxPage || size&(size-1) != 0 {
		return w, false
	}
	w.pageSize = int(size)
	copy(w.salt[:], head[16:24])
	w.add(head[:24])
	return w, w.is(head[24:])
}

// next takes a frame, and reports whether it is one of this log: not left over
// from before, nor cut short.
func (w *wal) next(frame []byte) bool {
	if [8]byte(frame[8:16]) != w.salt {
		return false
	}
	w.add(frame[:8])
	w.add(frame[walFrame:])
	return w.is(frame[16:24])
}

func (w *wal) is(sum []byte) bool {
	return w.sum == [2]uint32{binary.BigEndian.Uint32(sum), binary.BigEndian.Uint32(sum[4:])}
}

func (w *wal) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		w.sum[0] += w.order.Uint32(b) + w.sum[1]
		w.sum[1] += w.order.Uint32(b[4:]) + w.sum[0]
	}
}
