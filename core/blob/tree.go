package blob

import (
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/blake3"
	"lukechampine.com/blake3/guts"
)

// The tree is BLAKE3's own, cut off at groups of 16 chunks: the node over groups
// start to end - 1 is a group's bytes if that is one group, else the parent of
// the nodes left and right of split(start, end).

// cv is a chaining value: the hash of a node that isn't the root.
type cv [8]uint32

// node is a parent node: the chaining values of its children.
type node struct{ left, right cv }

const nodeSize = 64

// split returns where the node over groups start to end - 1, at least two,
// divides: the left child takes the greatest power of two less than all.
func split(start, end uint64) uint64 {
	return start + 1<<(bits.Len64(end-start-1)-1)
}

// groupNode returns the node of group number g, the first n bytes of b. All of b
// may be read, but what is behind n doesn't matter.
func groupNode(b *[GroupSize]byte, n int, g uint64) guts.Node {
	return guts.CompressBuffer(b, n, &guts.IV, g*(GroupSize/guts.ChunkSize), 0)
}

// chain returns the chaining value of a finished node, or of the root.
func chain(n guts.Node, root bool) cv {
	if root {
		n.Flags |= guts.FlagRoot
	}
	return guts.ChainingValue(n)
}

func (p *node) chain(root bool) cv {
	return chain(guts.ParentNode(p.left, p.right, &guts.IV, 0), root)
}

func (p *node) append(b []byte) []byte { return appendCV(appendCV(b, p.left), p.right) }

func decodeNode(b *[nodeSize]byte) node {
	return node{decodeCV(b[:32]), decodeCV(b[32:])}
}

func appendCV(b []byte, c cv) []byte {
	for _, w := range c {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func decodeCV(b []byte) (c cv) {
	_ = b[31]
	for i := range c {
		c[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return c
}

func (c cv) hash() Hash { return Hash(appendCV(make([]byte, 0, 32), c)) }

// sum returns the hash of bytes that are in memory.
func sum(b []byte) Hash { return blake3.Sum256(b) }

// builder makes the tree of a stream whose length isn't known before its end
// from the chaining values of its groups.
type builder struct {
	tree  *outboard // takes the parent nodes; may be nil
	stack []subtree // finished subtrees, of falling size
	n     uint64    // groups so far
}

type subtree struct {
	start uint64
	cv    cv
}

// push adds the next group. Merging is put off until it is known that the merged
// node isn't the root.
func (b *builder) push(c cv) {
	for len(b.stack) > bits.OnesCount64(b.n) {
		b.merge(false)
	}
	b.stack = append(b.stack, subtree{b.n, c})
	b.n++
}

func (b *builder) merge(root bool) {
	k := len(b.stack)
	l, r := b.stack[k-2], b.stack[k-1]
	p := node{l.cv, r.cv}
	if b.tree != nil {
		b.tree.set(l.start, r.start, b.n, &p)
	}
	b.stack = append(b.stack[:k-2], subtree{l.start, p.chain(root)})
}

// root returns the hash of a stream of at least two groups.
func (b *builder) root() Hash {
	for len(b.stack) > 1 {
		b.merge(len(b.stack) == 2)
	}
	return b.stack[0].cv.hash()
}
