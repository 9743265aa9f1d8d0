// Package endpoint connects devices that are known by key.
//
// [Bind] opens the UDP sockets of one device. [Endpoint.Dial] connects to a
// peer by its key, trying all addresses it is given and all that the sources of
// package discovery know; [Endpoint.Accept] returns connections that others
// made. Both give a [Conn] whose other end has proved that it holds the key
// that Peer returns. Nothing else is proved: whether that key may have anything
// is for the caller to decide.
//
// # Wire
//
// The transport is QUIC version 1 with TLS 1.3 only. Each side shows exactly
// one self-signed X.509 certificate, which is only a wrapper for the device's
// ed25519 key: names, dates and extensions in it are neither set nor read. A key
// that is not a usable one (see [key.Usable]) is refused. There are no session
// tickets and there is no 0-RTT, so each connection has a fresh handshake and
// [Conn.Export] gives bytes that no other connection has. The ClientHello holds
// no server name, so that an onlooker doesn't learn who is dialled.
//
// A QUIC client can't tell that the server has refused its certificate until it
// hears of it: Dial returns as soon as the server has proved itself, and a
// refusal then shows as the end of the connection.
//
// # Liveness
//
// Both ends send something every 2.5 s and give a connection up after 7.5 s of
// silence, so that a peer that was killed or unplugged is noticed within 10 s.
// A peer that was killed and started again on its port answers packets of its
// old connections with a stateless reset, which ends them at once. So does the
// system when it has no way to the peer any more, because this device's own link
// is gone; an outage further away that is shorter than the silence only delays.
//
// # Limits
//
// Connections can share limits on the bytes per second that they send and receive
// ([Conn.Paced]). A connection's first stream, on which the two ends talk, is counted
// but goes before all others.
//
// # Memory
//
// A stream may have 16 MiB and a connection 32 MiB of received bytes waiting for
// the application. Windows start at 1 and 2 MiB and grow only while the
// application keeps up, and buffers exist only for bytes that have arrived:
// an idle connection holds next to nothing. At most 128 incoming handshakes are
// in flight at a time; from 32 on, each must first prove its address (Retry).
package endpoint
