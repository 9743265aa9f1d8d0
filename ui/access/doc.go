// Package access is the screen that shows who may do what: the account's devices and
// people against spaces and folders, until when and through whom, and what moves
// between them.
//
// It has three views of one thing. The map ([Sheet], drawn by [Grid]) is a table whose
// cells say what somebody may do somewhere; the graph (layout.go, drawn by Graph) has
// devices and people as dots and grants as lines between them, with what moves along
// them now; the list says the same in sentences, a line each, for those who read or
// hear rather than look. What is looked for (chips and the search field) holds for all
// three, and a choice in one is the choice in the others: [Choice].
//
// The map is computed from what the frame knows already ([node.MapOf]), beside the
// interface thread, and only when that has changed. Only what can be seen is drawn: a
// sheet of 200 people and 50 spaces has ten thousand cells, of which some two hundred
// are on the screen. Nothing moves by itself: a screen that isn't touched draws
// nothing.
package access
