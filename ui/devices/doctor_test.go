package devices

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"meadow/core/node"
)

// constants reads the core's constants that begin with a prefix.
func constants(t *testing.T, prefix string) (all []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../core/node/doctor.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			word, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, word)
		}
		return true
	})
	if len(all) == 0 {
		t.Fatalf("nothing begins with %s", prefix)
	}
	return all
}

// TestDoctorWords has words of its own for all that the core looks at and finds.
func TestDoctorWords(t *testing.T) {
	for _, cause := range constants(t, "Cause") {
		got := advice(node.Diagnosis{Device: "Phone", Cause: cause, Advice: "ADVICE"})
		if (got == "ADVICE") != (cause == node.CauseThere) { // that one is known by its advice only
			t.Errorf("%s: %q", cause, got)
		}
	}
	for _, what := range constants(t, "Check") {
		for _, ok := range []bool{true, false} {
			if got := checkText(node.Check{What: what, OK: ok, Detail: "DETAIL", Address: "10.0.0.1:1"}); got == "DETAIL" {
				t.Errorf("%s has no words", what)
			}
		}
	}
	for _, reason := range constants(t, "Reason") {
		got := addressText(node.Check{What: node.CheckAddress, Reason: node.OrNull(reason), Address: "10.0.0.1:1"})
		if (got == "Nothing answers at 10.0.0.1:1") != (reason == node.ReasonSilent) {
			t.Errorf("%s: %q", reason, got)
		}
	}
}
