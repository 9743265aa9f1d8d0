package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layers says what each package may import of ours. A package below one of these
// (core/folder/tree, core/willow/storetest) has its parent's row, and what may
// import the parent may import it. The order is from the bottom up.
var layers = map[string][]string{
	"core/key":            {},
	"core/qr":             {},
	"core/blob":           {},
	"core/willow":         {"core/key"},
	"core/activity":       {"core/key", "core/willow"},
	"core/audit":          {"core/key", "core/willow"},
	"core/meadowcap":      {"core/key", "core/willow"},
	"core/interop":        {"core/key", "core/willow", "core/meadowcap"},
	"core/discovery":      {"core/key"},
	"core/relay":          {"core/key"},
	"core/relay/server":   {"core/key", "core/relay"},
	"core/endpoint":       {"core/key", "core/relay", "core/discovery"},
	"core/consync":        {"core/key", "core/willow", "core/meadowcap", "core/blob"},
	"core/carry":          {"core/key", "core/willow", "core/meadowcap", "core/blob"},
	"core/mdn":            {"core/key", "core/willow", "core/meadowcap"},
	"core/folder":         {"core/willow", "core/blob"},
	"core/central":        {"core/key", "core/willow", "core/meadowcap", "core/discovery"},
	"core/central/server": {"core/central", "core/relay/server"},
	// All of core but servers and control.
	"core/node": {
		"core/key", "core/qr", "core/blob", "core/willow", "core/meadowcap", "core/discovery", "core/relay",
		"core/endpoint", "core/consync", "core/carry", "core/mdn", "core/folder", "core/central", "core/activity", "core/audit",
	},
	"core/control": {"core/node"},
	// What it implements, and the vocabulary of that; never node.
	"storage": {
		"core/key", "core/willow", "core/meadowcap", "core/blob", "core/mdn", "core/folder", "core/activity",
		"core/audit",
	},
	"storage/central":   {"core/central/server"},
	"storage/jetstream": {"core/central/server"},
	"ui":                {"core/node", "core/qr", "assets"},
	"assets":            {},
	// Mains wire everything and are imported by nothing.
	"app": nil,
}

const module = "meadow/"

// goPackage is what `go list -json` says of one package, as far as it matters.
type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// list runs go list with the flags and patterns, in the module's root.
func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	c := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps"}, args...)...)
	c.Dir = "../.."
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var pkgs []goPackage
	for dec := json.NewDecoder(out); ; {
		var p goPackage
		err := dec.Decode(&p)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	return pkgs
}

// row returns the layer that a package of ours belongs to, or "".
func row(path string) string {
	path = strings.TrimPrefix(path, module)
	for ; path != ""; path = path[:max(0, strings.LastIndexByte(path, '/'))] {
		if _, ok := layers[path]; ok {
			return path
		}
	}
	return ""
}

// TestLayers checks every import of every package of ours against the table.
func TestLayers(t *testing.T) {
	pkgs := list(t, "-tags", "ci,headless", "./...")
	if len(pkgs) < 10 {
		t.Fatalf("go list found %d packages", len(pkgs))
	}
	for _, p := range pkgs {
		from := row(p.ImportPath)
		if from == "" {
			t.Errorf("%s is in no layer: say in the table what it may import", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, module) {
				continue
			}
			if to := row(imported); !mayImport(from, to) {
				t.Errorf("%s imports %s: %s may import %v only", p.ImportPath, imported, from, layers[from])
			}
		}
	}
}

func mayImport(from, to string) bool {
	if from == to || from == "app" {
		return true
	}
	return to != "app" && slices.Contains(layers[from], to)
}

// TestLayersOrder checks the table itself: it has no cycle.
func TestLayersOrder(t *testing.T) {
	var visit func(name string, path []string)
	visit = func(name string, path []string) {
		if slices.Contains(path, name) {
			t.Fatalf("cycle: %v, %s", path, name)
		}
		if _, ok := layers[name]; !ok {
			t.Errorf("%v allows %q, which is no layer", path, name)
		}
		for _, to := range layers[name] {
			visit(to, append(slices.Clone(path), name))
		}
	}
	for name := range layers {
		visit(name, nil)
	}
}

// TestLayersOfProgram checks what is linked into the program: no server and no
// NATS ever, and without the window nothing of the toolkit.
func TestLayersOfProgram(t *testing.T) {
	for tags, banned := range map[string][]string{
		"ci":       {"/nats-io/"}, // the window, linked without what needs a C compiler
		"headless": {"/nats-io/", "fyne.io/", "/go-gl/"},
	} {
		for _, p := range list(t, "-tags", tags, "./app/meadow") {
			for _, dep := range p.Deps {
				server := strings.HasPrefix(dep, module) && strings.HasSuffix(dep, "/server")
				foreign := slices.ContainsFunc(banned, func(b string) bool { return strings.Contains("/"+dep, b) })
				if server || foreign {
					t.Errorf("with tags %q the program links %s", tags, dep)
				}
			}
		}
	}
}

// TestLayersToolkit checks that what isn't the window doesn't know of one.
func TestLayersToolkit(t *testing.T) {
	for _, p := range list(t, "./core/...", "./storage/...") {
		for _, dep := range p.Deps {
			if strings.HasPrefix(dep, "fyne.io/") {
				t.Errorf("%s depends on %s: only ui and app may", p.ImportPath, dep)
			}
		}
	}
}
