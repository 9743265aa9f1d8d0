package willow

import "strings"

// AppendPath appends the canonical encoding of p (Encodings, encode_path):
//
//	4 bits tag of total | 4 bits tag of count | total | count |
//	each component but the last: S(length) and its bytes | the last one's bytes
//
// where total is the number of bytes in all components.
func AppendPath(b []byte, p Path) []byte { return appendKey(b, p.key) }

// AppendPathExtends appends the canonical encoding of p relative to a prefix of
// it (path_extends_path): the rest, as AppendPath writes paths. It panics if rel
// is no prefix of p.
func AppendPathExtends(b []byte, p, rel Path) []byte {
	if !rel.IsPrefixOf(p) {
		panic("willow: AppendPathExtends with a path that is no prefix")
	}
	return appendKey(b, p.key[len(rel.key):])
}

// AppendPathRelative appends the canonical encoding of p relative to any path
// (path_rel_path): S(number of leading components in common), then the rest of
// p as AppendPath writes paths.
func AppendPathRelative(b []byte, p, rel Path) []byte {
	n, common := commonComponents(p, rel)
	return appendKey(AppendStandalone(b, uint64(n)), p.key[common:])
}

// DecodePath reads what AppendPath wrote, and nothing else, from the front of b.
func DecodePath(b []byte) (p Path, rest []byte, err error) {
	c := cursor{b: b, canonical: true}
	p = c.path(Path{})
	return decoded(&c, p)
}

// DecodePathAny reads any encoding of a path (EncodePath).
func DecodePathAny(b []byte) (p Path, rest []byte, err error) {
	c := cursor{b: b}
	p = c.path(Path{})
	return decoded(&c, p)
}

// DecodePathExtends reads what AppendPathExtends wrote, and nothing else, from the
// front of b.
func DecodePathExtends(b []byte, rel Path) (p Path, rest []byte, err error) {
	c := cursor{b: b, canonical: true}
	p = c.path(rel)
	return decoded(&c, p)
}

// DecodePathExtendsAny reads any encoding of a path relative to a prefix of it
// (EncodePathExtendsPath).
func DecodePathExtendsAny(b []byte, rel Path) (p Path, rest []byte, err error) {
	c := cursor{b: b}
	p = c.path(rel)
	return decoded(&c, p)
}

// DecodePathRelative reads what AppendPathRelative wrote, and nothing else, from
// the front of b.
func DecodePathRelative(b []byte, rel Path) (p Path, rest []byte, err error) {
	c := cursor{b: b, canonical: true}
	p = c.pathRelative(rel)
	return decoded(&c, p)
}

// DecodePathRelativeAny reads any encoding of a path relative to any path
// (EncodePathRelativePath): not all components in common need be left out.
func DecodePathRelativeAny(b []byte, rel Path) (p Path, rest []byte, err error) {
	c := cursor{b: b}
	p = c.pathRelative(rel)
	return decoded(&c, p)
}

// path reads EncodePath, and returns prefix extended by it.
func (c *cursor) path(prefix Path) Path {
	tags := c.byte()
	total := c.compact(tags>>4, 4)
	count := c.compact(tags&0xf, 4)
	if c.err != nil {
		return Path{}
	}
	length, components := measure(prefix.key)
	switch {
	case total > uint64(MaxPathLength-length) || count > uint64(MaxComponentCount-components):
		c.fail("path out of limits")
	case count == 0 && total > 0:
		c.fail("a path without components has bytes")
	}
	if c.err != nil || count == 0 {
		return prefix
	}
	var buf [256]byte
	key := append(buf[:0], prefix.key...)
	for ; count > 1; count-- {
		n := c.standalone()
		if n > total {
			c.fail("components are longer than their path")
		}
		if c.err != nil { // before a length is believed, or the next one read
			return Path{}
		}
		total -= n
		key = appendComponent(key, c.take(int(n)))
	}
	key = appendComponent(key, c.take(int(total)))
	if c.err != nil {
		return Path{}
	}
	return Path{string(key)}
}

// pathRelative reads EncodePathRelativePath.
func (c *cursor) pathRelative(rel Path) Path {
	end := c.leading(rel)
	p := c.path(Path{rel.key[:end]})
	if c.canonical && c.err == nil {
		if _, common := commonComponents(p, rel); common != end {
			c.fail("fewer components in common than there are")
		}
	}
	return p
}

// leading reads a number of components, and returns the length of the key of as
// many leading ones of p.
func (c *cursor) leading(p Path) (end int) {
	n := c.standalone()
	for i := uint64(0); i < n && c.err == nil; i++ {
		if end == len(p.key) {
			c.fail("more components in common than there are")
			break
		}
		end += componentEnd(p.key[end:])
	}
	return end
}

// measure returns the bytes in all components of a key, and their number.
func measure(key string) (total, count int) {
	for {
		i := strings.IndexByte(key, 0)
		if i < 0 {
			return total, count
		}
		total += i
		if key[i+1] == 0 {
			count++
		} else {
			total++
		}
		key = key[i+2:]
	}
}

// commonComponents returns the number of leading components that p and q share,
// and the length of their key.
func commonComponents(p, q Path) (count, length int) {
	for length < len(p.key) {
		end := length + componentEnd(p.key[length:])
		if !strings.HasPrefix(q.key, p.key[:end]) {
			break
		}
		count, length = count+1, end
	}
	return count, length
}

func appendKey(b []byte, key string) []byte {
	total, count := measure(key)
	b = append(b, CompactTag(uint64(total), 4)<<4|CompactTag(uint64(count), 4))
	b = AppendCompact(b, uint64(total), 4)
	b = AppendCompact(b, uint64(count), 4)
	for ; count > 0; count-- {
		end := componentEnd(key)
		escaped := key[:end-2]
		if count > 1 {
			b = AppendStandalone(b, uint64(len(escaped)-strings.Count(escaped, "\x00")))
		}
		b = appendUnescaped(b, escaped)
		key = key[end:]
	}
	return b
}

func appendUnescaped(b []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			return append(b, s...)
		}
		b = append(b, s[:i+1]...)
		s = s[i+2:]
	}
}
