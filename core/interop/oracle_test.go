package interop

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// oracle is a program of the cargo workspace that runs.
type oracle struct {
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

// crate starts the program around crate willow25 once, and skips the test where that
// isn't wanted or can't be.
func crate(t *testing.T) *oracle {
	t.Helper()
	if os.Getenv("INTEROP") == "" {
		t.Skip("compares with crate willow25: `make interop` does (or set INTEROP)")
	}
	if _, err := exec.LookPath("cargo"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("cargo is needed and not on PATH: https://rustup.rs")
		}
		t.Skip("cargo isn't on PATH, so crate willow25 can't be built: https://rustup.rs")
	}
	o, err := started()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// started builds the workspace and starts the program.
var started = sync.OnceValues(func() (*oracle, error) {
	build := exec.Command("cargo", "build", "--locked", "--quiet")
	build.Dir = "rust"
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cargo build --locked in %s: %w\n%s", build.Dir, err, out)
	}
	o := &oracle{cmd: exec.Command(filepath.Join(target(), "debug", "meadow-interop-willow"))}
	var err error
	if o.in, err = o.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.out = bufio.NewReaderSize(out, 1<<20)
	o.cmd.Stderr = os.Stderr
	if err := o.cmd.Start(); err != nil {
		return nil, err
	}
	running = o
	return o, nil
})

var running *oracle // once started

// target is where cargo puts what it builds.
func target() string {
	if dir := os.Getenv("CARGO_TARGET_DIR"); dir != "" {
		return dir
	}
	return filepath.Join("rust", "target")
}

func TestMain(m *testing.M) {
	code := m.Run()
	if running != nil {
		running.in.Close()
		if err := running.cmd.Wait(); err != nil {
			fmt.Fprintln(os.Stderr, "the program around crate willow25:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// ask asks a question, whose parts are words or lists of words. ok is false where the
// crate refuses; a panic of the crate is the answer "panic".
func (o *oracle) ask(t testing.TB, question ...any) (answer []string, ok bool) {
	t.Helper()
	var line []string
	for _, part := range question {
		switch part := part.(type) {
		case string:
			line = append(line, part)
		case []byte:
			line = append(line, bytesWord(part))
		case []string:
			line = append(line, part...)
		default:
			t.Fatalf("a question can't have a %T", part)
		}
	}
	if _, err := io.WriteString(o.in, strings.Join(line, " ")+"\n"); err != nil {
		t.Fatal(err)
	}
	text, err := o.out.ReadString('\n')
	if err != nil {
		t.Fatalf("%v after %.200q", err, strings.Join(line, " "))
	}
	switch words := strings.Fields(text); words[0] {
	case "ok":
		return words[1:], true
	case "no":
		return nil, false
	case "panic":
		return []string{"panic"}, true
	default:
		t.Fatalf("%.500s: %s", strings.Join(line, " "), text)
		return nil, false
	}
}

// bytes asks for one byte string, which the crate must answer with.
func (o *oracle) bytes(t testing.TB, question ...any) []byte {
	t.Helper()
	answer, ok := o.ask(t, question...)
	if !ok || len(answer) != 1 || answer[0] == "panic" {
		t.Fatalf("%.500v: %v, %v", question, answer, ok)
	}
	return unhex(t, answer[0])
}

// yes asks whether something holds.
func (o *oracle) yes(t testing.TB, question ...any) bool {
	t.Helper()
	answer, ok := o.ask(t, question...)
	if len(answer) > 0 {
		t.Fatalf("%.500v: %v", question, answer)
	}
	return ok
}

func unhex(t testing.TB, word string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(word, "."))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// random returns the test's source of cases, and logs how to repeat it.
func random(t testing.TB) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("INTEROP_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("INTEROP_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
