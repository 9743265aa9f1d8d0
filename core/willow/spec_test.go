package willow

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// specPackages is where the packages are that SPEC.md names.
var specPackages = map[string]string{
	"willow":    ".",
	"storetest": "storetest",
	"drop":      "drop",
	"meadowcap": "../meadowcap",
	"key":       "../key",
	"blob":      "../blob",
	"carry":     "../carry",
	"interop":   "../interop",
	"consync":   "../consync",
	"tree":      "../folder/tree",
	"storage":   "../../storage",
}

// complete are the groups of rules of which every one must have a row, by the number
// of the last.
var complete = map[string]int{"D": 12, "G": 9, "E": 21, "M": 15, "F": 6, "U": 5}

var (
	specRow  = regexp.MustCompile(`^\| ([A-Z]+\d+) \|`)
	specName = regexp.MustCompile("`(\\w+)\\.([\\w.]+)`")
	specTest = regexp.MustCompile(`^(Test|Fuzz|Oracle|test|check|run)`)
)

// TestSpecification checks that what SPEC.md names is there, and that no rule is
// left out.
func TestSpecification(t *testing.T) {
	b, err := os.ReadFile("SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	declared, rows := make(map[string]map[string]bool), make(map[string]bool)
	for line := range strings.Lines(string(b)) {
		ours, tests := 0, 0
		for _, m := range specName.FindAllStringSubmatch(line, -1) {
			pkg, name := m[1], m[2]
			if declared[pkg] == nil {
				declared[pkg] = declarations(t, specPackages[pkg])
			}
			if !declared[pkg][name] {
				t.Errorf("there is no %s.%s", pkg, name)
			}
			if specTest.MatchString(name) {
				tests++
			} else {
				ours++
			}
		}
		if m := specRow.FindStringSubmatch(line); m != nil {
			if rows[m[1]] || ours == 0 || tests == 0 {
				t.Errorf("%s is there twice, or names nothing of ours or no test", m[1])
			}
			rows[m[1]] = true
		}
	}
	for group, last := range complete {
		for n := 1; n <= last; n++ {
			if rule := fmt.Sprint(group, n); !rows[rule] {
				t.Errorf("%s has no row", rule)
			}
		}
	}
}

// declarations returns what the package in a folder declares, tests too: names, and
// methods and fields as Type.Name.
func declarations(t *testing.T, dir string) map[string]bool {
	all := make(map[string]bool)
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || dir == "" || len(files) == 0 {
		t.Errorf("no package in %q: %v", dir, err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				all[receiver(d)+d.Name.Name] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					declare(all, s)
				}
			}
		}
	}
	return all
}

func declare(all map[string]bool, s ast.Spec) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		for _, n := range s.Names {
			all[n.Name] = true
		}
	case *ast.TypeSpec:
		all[s.Name.Name] = true
		var members *ast.FieldList
		switch u := s.Type.(type) {
		case *ast.StructType:
			members = u.Fields
		case *ast.InterfaceType:
			members = u.Methods
		default:
			return
		}
		for _, f := range members.List {
			for _, n := range f.Names {
				all[s.Name.Name+"."+n.Name] = true
			}
		}
	}
}

// receiver returns the type that a method is of, and a dot; "" for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	of := d.Recv.List[0].Type
	if p, ok := of.(*ast.StarExpr); ok {
		of = p.X
	}
	if g, ok := of.(*ast.IndexExpr); ok {
		of = g.X
	}
	if n, ok := of.(*ast.Ident); ok {
		return n.Name + "."
	}
	return ""
}
