// Package node is one Meadow node, in process: what the window and the command
// line both stand on. A [Node] owns the endpoint, the account, the sessions
// with other devices and the trees and folders of every space of one home.
//
// Callers see plain structs of this package ([Status], [Space], [File] …) and
// typed failures ([Error]): never a key, a capability or an entry. News comes
// as [Event] values; see [Node.Events] for their order and what is dropped.
//
// [Create] and [CreateJoining] make a home, [Open] opens one, [Node.Run] works
// until its context ends. A home is used by one process at a time, see [Home].
package node
