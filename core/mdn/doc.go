// Package mdn has the accounts of the Mee Data Network: who a person is, which
// devices and spaces are theirs, and what of their data counts.
//
// Most callers need [Account] only. [Open] reads what this device knows. A device
// without an account makes one ([Account.Create]) or joins one
// ([Account.Join], with [Account.Accept] on a device that belongs to it already).
// From then on [Account.Sign] authorises entries, [Account.CreateSpace] makes
// spaces, [Account.Refresh] takes in what sync brought, and the methods of
// package consync's Policy decide what is exchanged with whom.
//
// # Accounts
//
// An account is 24 words ([Words]), from which two namespaces and a recovery key
// derive. The identity space holds what contacts may read: the account's name
// and devices. The home space is known only to the account's full devices and
// holds everything else, as ordinary entries that converge by themselves. The
// namespaces' secrets sign the first device's capabilities and are dropped; so
// is the secret of each space, but for a copy sealed to the words. No device
// ever holds a key that another one made.
//
// # Statements
//
// Validity of an entry is a pure function of the entry, its capability and the
// statements of its namespace ([Set]): no clock, no other data, and no order of
// arrival. [Set.Live] is the verdict. Two of FORMATS' rules need a reading:
//
//   - A withdraw carries its epoch as a remove does, and "of equal target"
//     includes it: what an earlier epoch's statement said can be said again.
//   - A non-owner's statement counts for its 1,024 least handovers, and of all that
//     comes by way of one key to whom an owner's device has handed something 1,024
//     statements are kept, whoever signs them, and 64 that have more than 2 KiB, so
//     that no contributor can fill the memory of all nodes.
//
// # Devices
//
// A full device has capabilities of everything. A limited one has those of its
// spaces, see [Limited], and no way to the home space: what is given to it later
// is delivered by whichever full device it meets ([Account.Deliveries],
// [Account.Take]). Which spaces a device is to have is a record (standing); full
// devices give what is missing, and withdraw what is too much.
//
// [Account.SetSpaces] and [Account.RemoveDevice] take access away. Both adopt what
// they are about to kill ([Config.Adopt], and records by themselves), give other
// devices another chain whose chain goes through the one that dies, or keep theirs
// by the Remove, and only then publish. An adopted record is the same a tick later:
// newer than the original, older than any other successor, and the same whoever
// adopts it. A withdrawn handover stays dead, so what is given again is handed on
// with a signature made afresh. What a device has written under a chain that died
// it signs again once it has another one.
//
// Not everything can be done at once by whoever decides. [Account.Tend] does, a
// while after the account has changed, what is left: it completes removals,
// spreads them to spaces that the remover doesn't own, withdraws what was given
// by who hadn't heard, and gives again what was lost. It waits because statements
// and records come in any order: a chain that died may mean that the device is to
// have none, and the record that says so be on its way.
//
// A device that was stolen is removed with a time ([RemoveOptions]). What it wrote
// from then on isn't adopted; in its place comes the newest of before, history
// included: it is written again at once, and counts when the Remove has killed what
// is newer. Devices and grants that it added since are cut off with it, and those
// that other devices have let in on its word, by whoever notices (home's record of
// the device says since when). Times are those that entries claim: what a thief
// dates back to before the theft stays, and is to be seen in the dry run. A recovery
// with a time says the same of the devices that don't stay.
//
// Whoever is cut off can have pruned everything at the end of time before. Until the
// Remove has come, records that are dated more than [AheadOfClocks] ahead are passed
// over as long as history has older ones, so that the thief can be named; and what
// is dated so and doesn't count, or won't, keeps nobody from writing.
//
// # Recovery
//
// [Account.Recover] makes a device that has only the words one of the account: they
// sign root capabilities of identity and home, and nothing else is here. It shows
// them to devices that still have the data. Those hear that the device lists itself,
// and sync all with it as with any of the account's. With home's statements the
// sealed seeds come, and [Account.Reclaim] signs root capabilities of the spaces;
// each seed must give its space's id. [Account.Refound] ends it, in each namespace
// with an epoch of one above the highest known, whose devices are this one, those
// that are to be kept and those that it has let in itself, and whose kept handovers
// are
//
//   - those to the kept devices, also where a Remove had killed them, for that is
//     what a thief does first; but not what was withdrawn;
//   - those to persons, but for grants that devices which aren't kept have made
//     within [RecentGrant]. These end.
//
// In the same commit all devices that aren't kept are removed in the new epoch, since
// a chain to one may go through a device that is kept; and what was withdrawn is
// withdrawn again. What dies by all that is adopted before, as far as it is here. So
// nothing is lost of what connected devices had, and whoever isn't kept comes back by
// pairing, under a new key ([Account.Leave]); what it has under dead chains is offered
// there. Names, people and settings that nobody could find when the epoch began are
// written again by the first full device that has them, set aside or in history.
//
// If an earlier recovery has begun an epoch in which the root capabilities don't
// count, Reclaim first begins one with the same devices and kept handovers and this
// device beside them, and states again what owners' devices had removed and withdrawn.
// For a moment, until that has come, what was removed counts.
//
// Two epochs of one number ([ErrEpochs]) mean that the words were used on two devices
// at a time. The namespace's statements are still exchanged, its entries aren't; a
// higher epoch decides.
//
// # Grants
//
// A person gets a [Token]: [Account.Grant] hands capabilities to each full device of
// theirs and signs them together with what they are in plain words. What a token
// says must be exactly what it carries, by [Token.Verify] and, as to whose devices
// there are, by [Account.Receive]; an invitation that lies is refused whole. The
// read area is whosever files in a folder, from a time on; writing is in a closed
// window, either in the shared subspace ([LevelWrite]) or in a corner of the grant's
// own ([LevelContribute]). The window opens 26 h before the token was made, since
// clocks differ, and closes at the grant's end, but no later than 90 days after; with
// less than 45 days left [Account.Renew] makes another revision of the token, by
// which the older capabilities go on counting, so nothing is signed or sent again.
//
// Whom we serve is decided by this device's clock and records: see [Account.Serve],
// which looks whether the chain that a peer shows contains a handover of a grant that
// runs, and whether the key that it went to is a device of the person still. What
// counts is decided by statements alone. So an end takes effect where it is served,
// at once ([Account.Renew] says when that is, and notifies), and is withdrawn only by
// [Account.EndGrant].
//
// A grant changes by revisions of one token ([Account.ChangeGrant]). Each device
// records which handovers it has made; those that give more than the newest revision
// does, or than a grant that has ended, are surplus: they aren't served, and are
// withdrawn by who decided, if that is an owner's device, or by who made them. So two
// devices that change one grant at once, without knowing of each other, leave nothing
// behind; of two equal revisions the one made later counts. When a person has other
// devices than a grant is for, it is made again at once the first time, and then after
// waits that double from ten minutes to a day.
//
// A token that may be passed on lets its receiver make tokens of their own, from
// their own capabilities: of no wider folder, no higher level, no later end. Who has
// made one tells whom they have it from, who tells on; so the owner knows what hangs
// below a grant ([Account.Hanging]), serves it, and can end it. A chain that goes on
// through somebody who may not pass it on, or of which nobody has told, isn't served.
// Who gave something, or is before this device in its chain, is served what this
// device has of it. When a chain died with another one, not by itself, it is made
// again from what there is.
//
// Letters ([Account.Letters]) carry tokens, answers, ends and what was passed on.
// They are taken from full devices of persons who are known and not blocked, and say
// nothing that is believed of anybody else. Of one person's invitations 100 wait for
// an answer at most.
//
// A device that can't read somebody else's space any more keeps what its account has
// written there, though those chains are dead: it exchanges nothing of the space, and
// what the owner has adopted of it doesn't come here. Once it is let in again the
// verdicts are the same as everywhere.
//
// # Pairing
//
// The joining device shows a [Ticket] with a one-time secret; the account's
// device scans it and dials. With input = TLS exporter, joining key, account
// device's key, secret, the two exchange, over one stream,
//
//	account -> joining  proof                        derive_key mdn-pair-proof/1 (input, role 1)
//	joining -> account  proof, device, platform,     (input, role 2)
//	                    receiver, x25519
//	account -> joining  account, custodian, device,  derive_key mdn-pair-nonce/1 (input, nonce)
//	                    platform, commitment
//	account             shows the code               derive_key mdn-pair-code/1 (input, nonce)
//	joining             shows whose account it is; the code is typed
//	joining -> account  commitment                   derive_key mdn-pair-typed/1 (input, salt, code)
//	account -> joining  nonce
//	joining -> account  code, salt                   only if the code is right
//	account -> joining  capabilities, statements, records, home (or limited)
//	joining -> account  stored                       after it is durable
//	account -> joining  paired
//
// each message a deterministic CBOR map after its length as u32. Either side may
// send {refused: [Reason]} instead. Neither shows anything of itself before the
// other has proved to know the secret.
//
// The nonce is what this adds to FORMATS. Without it a joining device could
// compute the code that it is supposed to be told by a person, and whoever
// photographs a QR code could join a device that nobody confirmed. With it the
// joining side commits to what was typed before it can know what is right, and
// the account's device commits to the nonce before anything is typed: a man in
// the middle, who has another exporter on each side, has one chance in a million
// and is noticed when it fails. What remains is a person who is talked into
// reading the code to someone.
//
// # People
//
// A person is another account. Two become known to each other by a handshake that is
// pairing's up to the code, with "contact" for "pair" in all contexts and in the
// exporter's label: no ticket, proof or code of one kind is worth anything in the
// other. One shows a ticket and has the code typed ([Account.Show]), the other scans
// it and shows the code ([Account.Meet]); first each says of itself what an [Offer]
// has, who shows beside the proof, who scanned beside the commitment. Then
//
//	scanned -> shows     introduction
//	shows -> scanned     introduction
//	scanned -> shows     a capability for each full device; shown, known
//	shows -> scanned     the same
//	scanned -> shows     ready                       once all of it is right
//	shows -> scanned     stored                      after it is durable
//	scanned -> shows     added                       after it is durable
//
// so that nothing is stored on either side unless everything is right on both, and
// who scanned never knows somebody who doesn't know them. An introduction is the
// identity space's statements, its records of profile and devices, each as in a
// handover, and {custodian, chain}: the write chain over the whole identity space of
// the device in the session, which proves that it is the custodian's. Whoever lists a
// device of the other account among theirs is refused. If both say that they knew
// each other that is all.
//
// What persons read of each other is the records of the identity space: area
// {subspace: its key, path empty, all times}, never the full one, which shows that a
// device is the account's own. Such a capability goes to each full device at the
// handshake; full devices that are paired later get one handed on by those that have
// it, on each side by itself. A namespace of which a device has nothing but these is
// somebody's identity space, and no space.
//
// Whose a device is, is what these spaces list live and what no statement of theirs
// has removed; a list in which a receiver isn't its endpoint counts for nothing.
// Anybody can list any key: one of this account is nobody else's, and of several who
// list one it is whose it proved to be in a handshake, else in whose list it has
// signed its own record, as an account's first device has, else whose who was known
// first. What that decides is whom to serve, and only for chains that were given to
// the very key: by listing a key of somebody else's one gets nothing.
//
// Blocking is a flag in home's record. Forgetting withdraws what the person's devices
// were given of the identity space, and empties the records; what was given of spaces
// must have ended before.
//
// # Formats
//
// FORMATS has the bytes that are stored and signed. It leaves these open; all
// have vectors in testdata and are as binding:
//
//   - Maps: text keys named as the fields of [Genesis], [Seed], [Withdraw],
//     [Remove] and [Epoch] in lower case; ids and keys are byte strings, lists of
//     them ascend strictly, times are unix microseconds.
//   - Equal statements: one kind, one signer, both or neither shown by an owner's
//     chain, and one target: a seed's space; a remove's key and epoch; of the
//     others the whole body, a withdraw's epoch included.
//   - Bounds: the 1,024 least handovers of a non-owner's withdraw count; of the
//     statements whose signers' chains have the same first key with a part of the
//     namespace (or, without one, the same signer) 1,024 are kept of at most 2,048
//     bytes and 64 larger ones, of each the highest epochs first, then the least ids.
//     A statement has at most 65,536 bytes, a record 262,144.
//   - standing/<receiver>: the text "all", or a list of namespace ids.
//   - caps/<ns>/<receiver>/<giver>: the canonical capabilities as byte strings;
//     the giver of root capabilities is the namespace. For limited devices without
//     enumeration, write is of files, and claims another one for writing; of the
//     identity space read alone. There are records for identity and home too.
//   - former/<receiver> in home: {name, platform, kind, removed} of a device that
//     was removed, and stolen, the time from which on nothing that it wrote is kept,
//     if it was. Its own record, and standing, are empty entries then.
//   - A joining device that can be a limited one says {limited: true} in its first
//     message; the offer to one has {kind: limited}, and the last message of its
//     handover is {limited: true} in place of home.
//   - spaces/<ns> and about of a deleted space: {deleted: true, deleted_at: time}
//     beside what they had; an undeleted one has neither field. Home's record
//     counts, about follows it. Nothing says how long the data stays: each
//     device decides for itself when it lets go of it ([Account.DropSpace]).
//   - settings/<key>: settings/history is {days: 1 to 365}; without it, or if it
//     can't be read, history is kept for 30 days.
//   - A device's X25519 key: derive_key mdn-device-x25519/1 over the seed of its
//     ed25519 key.
//   - Ticket: see [Ticket.String]. A person's can also stand in a link: meadow://contact?
//     and the ticket.
//   - contacts/<custodian> in home: {name, added, proved, called, blocked}. Name is as
//     they called themselves when they were added, for until their profile is here;
//     proved the receivers that have proved to be theirs, ascending; called, how the
//     account calls them, and blocked are absent unless they say something.
//   - caps/<identity>/<receiver>/<giver> of a person's device: {read, person}, which is
//     their custodian.
//   - profile: {name, picture}. A picture is PNG or JPEG, at most 65,536 bytes and 1024
//     pixels each way; another one is none. A person's records that can't be what they
//     should be are left out, and so is all beyond 256 of them, and each full device
//     after the first 32; an introduction with more is refused.
//   - An introduction has at most 4,096 messages of 8 MiB together, and is followed by at
//     most 256 capabilities: {read} each, then {shown: true, known}. The last messages are
//     {ready: true}, {stored: true} and {added: true}.
//   - Token: mdn-token/1 00, a map, the length of the signer's chain as u16, the chain (a
//     write chain of all of from's identity space), the signature of its receiver over
//     all before it; at most 196,608 bytes. The map has id (16 bytes), rev (from 1 on),
//     from, to, sub (the space), name, path (with slashes, "" is all files), level, made,
//     ops, and cap: for 1 to 64 devices, by ascending receiver, {receiver, read, write}.
//     write is there unless level is read; exp (the end), since and corner (a subspace,
//     of level contribute alone) are absent unless they say something. All other keys
//     are kept.
//   - ops ascend: create but for level read, delete for level write; with the right to
//     pass on read_delegate_to_any, and but for level read rw_delegate_to_any. Up to 32;
//     those that aren't known are kept.
//   - A token's capabilities: the signer's key is the last giver of each. Read is of any
//     subspace, files and the path's names, times from since on. Write is of the corner,
//     or the space's own subspace, the same path, and the times from made - 26 h until
//     exp or made + 90 days, whichever is earlier, as far as who passes on has these.
//   - grants/<id>: {token, by, given, followed, times}: the newest revision, the device
//     that made the first one and when; and if that was so of late, when a revision was
//     last made because the person had other devices, and how often. handed/<id>/<device>: {handovers: [{id, to, level, since, until,
//     passon}]}, of all revisions that the device made; at most 1,500. ends/<id>: {at}.
//     replies/<id>: {at, accepted}, as the person answered.
//   - tokens/<id>: {token, came, by, ended}: a token that the account was given, and by
//     whose letter. answers/<id>: {at, accepted}. passed/<id>: as tokens, of what was
//     passed on below the account. told/<id>: {rev, made, ended, answered, up, upmade,
//     upended}: of which letters it is known that they arrived. Each fact has a record
//     of its own, so that two devices that state different ones don't undo each other's.
//   - Letter: a map of at most 524,288 bytes: {token}; {answer: id, accepted, at}; {ended:
//     id, at}; or {passed: token, at}, at if that has ended. Its id is derive_key
//     mdn-letter-id/1 over the receiver's custodian id and the map.
//   - Proof: derive_key mdn-pair-proof/1 over input and the role, 01 for the
//     account's device and 02 for the joining one.
//   - Nonce: 32 random bytes of the account's device; its commitment is derive_key
//     mdn-pair-nonce/1 over input and nonce.
//   - Code: derive_key mdn-pair-code/1 over FORMATS' input and the nonce; the rest
//     as FORMATS has it.
//   - Commitment to what was typed: derive_key mdn-pair-typed/1 over input, a salt
//     of 32 random bytes, and the digits.
//   - Pairing messages: u32 length, big-endian, and a map; at most 1 KiB until the
//     sender has proved to know the secret, which it must within 10 s, then 1 MiB.
//
// What this package will not do: sync, dial, or keep a secret that FORMATS says
// to drop.
package mdn
