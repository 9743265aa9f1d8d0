//go:build desktop && !headless

package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"meadow/app/internal/desk"
	"meadow/core/node"
)

// person is somebody at a program, who counts.
type person struct {
	*acts
	*desk.Program
	clicks int
	typed  int
	read   int // words
}

func (p *person) click(kind, text string) {
	p.Helper()
	p.clicks++
	p.must(p.Click(p.ctx, kind, text))
}

func (p *person) types(text string) {
	p.Helper()
	p.typed += len(text)
	p.must(p.Type(text))
}

// reads waits until a page has come up, and reads it.
func (p *person) reads(text string) desk.Seen {
	p.Helper()
	s := p.until(p.Program, fmt.Sprintf("%q isn't there", text), func(s desk.Seen) bool {
		_, ok := s.Find("", text)
		return ok
	})
	for _, n := range s.Nodes {
		if n.Kind == "text" {
			p.read += len(strings.Fields(n.Text))
		}
	}
	return s
}

func (a *acts) person(name string) *person { return &person{acts: a, Program: a.user(name)} }

// TestDesktopStory is the first minutes with Meadow, on two computers that never had
// it: from the first start to the first file on the second one, then a decision, and
// the end. All of it is done with the pointer and the keys, and what it took is told.
func TestDesktopStory(t *testing.T) {
	a := act(t)
	a.must(a.desk.ShowIcons())
	anna, laptop := a.person("desktop"), a.person("laptop")
	began := time.Now()
	anna.begin()
	laptop.join()
	anna.add(laptop)
	paired := time.Since(began)

	folder := filepath.Join(anna.Dir, "Notes")
	a.must(os.Mkdir(folder, 0o700))
	anna.space("Notes", folder)
	a.must(os.WriteFile(filepath.Join(folder, "hello.txt"), []byte("Hello from the other room"), 0o600))
	laptop.click("button", "Notes")
	laptop.reads("hello.txt")
	t.Logf("from two fresh machines: paired after %v, the first file there after %v; %d clicks, %d keys, %d words read",
		paired.Round(time.Millisecond), time.Since(began).Round(time.Millisecond),
		anna.clicks+laptop.clicks, anna.typed+laptop.typed, anna.read+laptop.read)

	anna.decides(laptop, folder)
	laptop.menu(laptop.Program, "Quit Meadow")
	laptop.ended(laptop.Program)
	a.until(anna.Program, "it isn't noticed that the laptop has gone", func(s desk.Seen) bool {
		return s.Tray.Title == "None of your other devices is connected"
	})
	a.must(anna.Program.Key('q', desk.Control))
	a.ended(anna.Program)
}

// begin makes a new account, with the words read, written down and typed again.
func (p *person) begin() {
	p.Helper()
	p.must(p.Start())
	p.reads("Your data on your own devices")
	p.click("button", "Start fresh")
	p.reads("Your name")
	p.clicks++
	p.must(p.Fill(p.ctx, "Such as Anna", "Anna"))
	p.device("Desktop")
	p.click("button", "Show my words")
	s := p.reads("I have written them down")
	words := accountWords(s)
	if len(words) != 24 {
		p.Fatalf("the page has %d words: %q", len(words), words)
	}
	p.click("button", "I have written them down")
	s = p.reads("Read them from your paper")
	asked := 0
	for _, n := range s.Nodes {
		var number int
		if _, err := fmt.Sscanf(n.Text, "Word %d", &number); n.Kind != "text" || err != nil {
			continue
		}
		if asked++; asked > 1 {
			p.must(p.Key(desk.Return))
			p.until(p.Program, "Return doesn't lead to the next word", func(s desk.Seen) bool {
				field, ok := s.Find("entry", fmt.Sprint("The first letters of word ", number))
				return ok && field.Focused
			})
		}
		p.types(words[number-1])
	}
	p.click("button", "Make my account")
	p.until(p.Program, "the account isn't made", shownNow)
	p.reads("Only this device so far")
}

// device gives the device a name in place of the one that is proposed.
func (p *person) device(name string) {
	p.Helper()
	p.clicks++
	p.must(p.Click(p.ctx, "entry", "Such as Laptop"))
	p.must(p.Key('a', desk.Control))
	p.types(name)
}

func accountWords(s desk.Seen) (words []string) {
	var found []desk.Node
	for _, n := range s.Nodes {
		if _, ok := slices.BinarySearch(node.WordList(), n.Text); ok && n.Kind == "text" {
			found = append(found, n)
		}
	}
	slices.SortFunc(found, func(a, b desk.Node) int {
		if d := a.Y - b.Y; d < -8 || d > 8 {
			return d
		}
		return cmp.Compare(a.X, b.X)
	})
	for _, n := range found {
		words = append(words, n.Text)
	}
	return words
}

// join shows the code of a device that wants to be one of an account's.
func (p *person) join() {
	p.Helper()
	p.must(p.Start())
	p.reads("Your data on your own devices")
	p.click("button", "Join my other device")
	p.reads("This device's name")
	p.device("Laptop")
	p.click("button", "Show the code")
	p.reads("mdnpair1")
}

var spelledCode = regexp.MustCompile(`^\d{3}\D*\d{3}$`)

// add lets the other device in, by the picture of its code on the screen.
func (p *person) add(other *person) {
	p.Helper()
	p.must(other.Place(0, 0, 760, 960))
	p.must(p.Place(780, 0, 800, 960))
	p.must(p.Key('d', desk.Control))
	p.reads("Let Meadow see its code")
	p.click("button", "Look at my screen")
	p.reads("What it may do")
	p.click("button", "Show the digits")
	var digits string
	s := p.until(p.Program, "no digits are shown", func(s desk.Seen) bool {
		for _, n := range s.Nodes {
			if spelledCode.MatchString(n.Text) {
				digits = n.Text
			}
		}
		return digits != ""
	})
	_ = s
	other.reads("Join Anna's account?")
	other.click("button", "The six digits")
	other.types(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, digits))
	other.click("button", "Join")
	other.click("button", "Open my spaces")
	other.until(other.Program, "the spaces don't open", func(s desk.Seen) bool { return s.Place == "home" })
	p.click("button", "Done")
}

// space makes a space that is in a folder.
func (p *person) space(name, folder string) {
	p.Helper()
	p.must(p.Key('n', desk.Control))
	p.clicks += 2
	p.must(p.Fill(p.ctx, "Photos", name))
	p.must(p.Fill(p.ctx, "No folder", folder))
	p.must(p.Shows(p.ctx, "The folder is empty.")) // which moves the button
	p.click("button", "Make the space")
	p.until(p.Program, "the space isn't opened", func(s desk.Seen) bool {
		_, ok := s.Find("button", "Make the space")
		return !ok && s.Place == "space"
	})
}

// decides keeps what was removed in a folder as if by mistake.
func (p *person) decides(other *person, folder string) {
	p.Helper()
	const files = 40
	name := func(i int) string { return filepath.Join(folder, fmt.Sprintf("%02d.txt", i)) }
	for i := range files {
		p.must(os.WriteFile(name(i), fmt.Appendf(nil, "note %d", i), 0o600))
	}
	other.reads("00.txt")
	p.command(p.Program, "wait", "--synced", "--timeout", "60s")
	// At once, for the program: of what goes in parts the first few aren't held.
	p.must(syscall.Kill(p.PID(), syscall.SIGSTOP))
	for i := range files {
		p.must(os.Remove(name(i)))
	}
	p.must(syscall.Kill(p.PID(), syscall.SIGCONT))
	p.must(p.Key('1', desk.Control))
	p.reads("wants to remove")
	p.click("button", "Keep")
	p.until(p.Program, "what was kept isn't there again", func(desk.Seen) bool {
		left, err := filepath.Glob(filepath.Join(folder, "*.txt"))
		return err == nil && len(left) == files+1
	})
}
