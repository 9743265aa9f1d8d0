package consync

import (
	"meadow/core/blob"
	"meadow/core/willow"
)

// decoders has one function for each type of message but Entries.
var decoders = [256]func(*decoder) message{
	typeHello:     func(d *decoder) message { return decodeHello(d) },
	typeInterests: func(d *decoder) message { return interests{d.hashes()} },
	typeRead:      func(d *decoder) message { return readShown{d.handle(), d.rest()} },
	typeSetHash:   func(d *decoder) message { return setHash{d.handle(), d.hash()} },
	typeSetIDs:    func(d *decoder) message { return setIDs{d.handle(), d.flag(), d.hashes()} },
	typeStatements: func(d *decoder) message {
		return statements{d.handle(), d.flag(), d.lists()}
	},
	typeState: func(d *decoder) message {
		return state{d.handle(), d.flag(), willow.Fingerprint(d.hash()), d.number()}
	},
	typeStop:       func(d *decoder) message { return stop{d.handle()} },
	typeSplit:      func(d *decoder) message { return split{d.handle(), d.question(), d.boxes()} },
	typeEqual:      func(d *decoder) message { return equal{d.questions()} },
	typeHave:       func(d *decoder) message { return have{d.handle(), d.question(), d.ids()} },
	typeWant:       func(d *decoder) message { return want{d.question(), d.indexes()} },
	typeEnd:        func(d *decoder) message { return end{d.question()} },
	typeCapability: func(d *decoder) message { return capability{d.byte(), d.rest()} },
	typeAvailable: func(d *decoder) message {
		return available{d.handle(), d.flag(), d.availableItems()}
	},
	typeKeepAlive: func(*decoder) message { return keepAlive{} },
}

func decodeHello(d *decoder) hello {
	if len(d.b) > HelloLimit {
		d.fail("hello of %d bytes", len(d.b))
	}
	return hello{d.rest()}
}

func (d *decoder) handle() handle     { return handle(d.uint(NamespaceLimit - 1)) }
func (d *decoder) question() question { return question(d.number()) }
func (d *decoder) flag() bool         { return d.flags(1) == 1 }

func (d *decoder) hashes() [][32]byte {
	if len(d.b)%32 != 0 {
		d.fail("hashes in %d bytes", len(d.b))
	}
	hs := make([][32]byte, 0, len(d.b)/32)
	for len(d.b) > 0 {
		hs = append(hs, d.hash())
	}
	return hs
}

func (d *decoder) lists() [][]byte {
	n := d.count(1)
	raw := make([][]byte, 0, n)
	for range n {
		raw = append(raw, d.bytes(d.number()))
	}
	return raw
}

// boxes reads ranges; a Split with none would say nothing. Boxes never cut
// times: ranges that do would be slow to answer, and nobody needs them.
func (d *decoder) boxes() []box {
	n := d.count(33)
	if n == 0 {
		d.fail("split in nothing")
	}
	xs := make([]box, 0, n)
	for range n {
		r := sub(d, decodeRange, appendRange)
		if d.err == nil && r.Times != willow.AllTimes {
			d.fail("range cuts times")
		}
		xs = append(xs, box{r, willow.Fingerprint(d.hash())})
	}
	return xs
}

func decodeRange(b []byte) (willow.Range3D, []byte, error) {
	return willow.DecodeRange3D(b, willow.FullRange)
}

func (d *decoder) questions() []question {
	n := d.count(1)
	qs := make([]question, 0, n)
	for range n {
		qs = append(qs, d.question())
	}
	return qs
}

func (d *decoder) ids() []entryID {
	n := d.count(len(entryID{}))
	ids := make([]entryID, n)
	for i := range ids {
		copy(ids[i][:], d.bytes(uint64(len(ids[i]))))
	}
	return ids
}

// indexes reads ascending indexes, each below the number of ids that a Have can
// hold.
func (d *decoder) indexes() []int {
	n := d.count(1)
	index, next := make([]int, 0, n), 0
	for range n {
		i := next + int(d.uint(frameLimit))
		if i > frameLimit {
			d.fail("index %d", i)
		}
		index, next = append(index, i), i+1
	}
	return index
}

func (d *decoder) availableItems() []availableItem {
	n := d.count(66)
	items := make([]availableItem, 0, n)
	for range n {
		it := availableItem{subspace: d.hash(), path: d.path(), digest: d.hash()}
		if it.inline = d.flag(); it.inline {
			it.bytes = d.bytes(d.uint(blob.InlineLimit))
		}
		items = append(items, it)
	}
	return items
}

func (d *decoder) path() willow.Path { return sub(d, willow.DecodePath, willow.AppendPath) }
