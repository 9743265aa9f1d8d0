// Package interop holds no code, only tests: they compare core/willow and
// core/meadowcap with implementations that others wrote, value by value and byte by
// byte, in both directions. `make interop` runs them.
//
// The other side are the programs of the cargo workspace in rust, each a small main
// around one crate, with its versions locked. A test writes one question a line to such
// a program and reads one answer; rust/willow/src/words.rs says how values are written,
// independently of any encoding under test.
//
// Cases are random: each test logs its seed, and INTEROP_SEED repeats one. Where the
// other implementation and the specification disagree, we follow the specification; each
// such disagreement is listed in disagreements_test.go with a test that shows it, so
// that a version which no longer has it is noticed.
//
// The tests run if INTEROP is set, as `make interop` does, and need cargo.
package interop
