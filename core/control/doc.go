// Package control is how a command reaches the node that runs on its home: HTTP
// and JSON over a Unix socket that only the node's own user can open.
//
// The socket lies in a folder of mode 0700, inside the home where the path is
// short enough (see [Path]), and the server looks at the peer's user id as well,
// on Linux and macOS; on Windows the folder's access list stands alone. There is
// never a TCP port. Requests with an Origin header are refused, so that no web
// page can be used to reach the socket through some proxy.
//
// Every call is POST /v1/NAME with an [Args] object. The answer is a stream of
// JSON lines, each with exactly one of "event", "result" and "error"; the last
// line has one of the latter two, or both: what a drop call did before it failed.
// Two calls carry bytes: put reads the content
// after the arguments, which are in the header X-Meadow-Args in base64, and get
// answers with the content itself.
//
// Two calls are about the program around the node and need none: raise brings its
// window to the front, stop ends it (see [Program]).
package control
