// Command collect writes the English texts of the window into
// ui/words/translations/en.json: it reads every call of words.L and words.N below
// ui. Run it by `go generate`, in ui/words.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	log.SetFlags(0)
	texts, err := collect("..")
	if err != nil {
		log.Fatal(err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(texts); err != nil { // keys in order
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("translations", "en.json"), out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

// collect returns the texts of all Go files below dir.
func collect(dir string) (map[string]any, error) {
	texts := make(map[string]any)
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		inside := file.Name.Name == "words"
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || err != nil {
				return err == nil
			}
			if e := add(texts, call, inside); e != nil {
				err = fmt.Errorf("%s: %w", files.Position(call.Pos()), e)
			}
			return true
		})
		return err
	})
	return texts, err
}

// add adds what a call of L or N says.
func add(texts map[string]any, call *ast.CallExpr, inside bool) error {
	var name string
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		if pkg, ok := f.X.(*ast.Ident); ok && pkg.Name == "words" {
			name = f.Sel.Name
		}
	case *ast.Ident:
		if inside {
			name = f.Name
		}
	}
	switch name {
	case "L":
		text, err := literal(call.Args[0])
		if err != nil {
			return err
		}
		if texts[text] == nil {
			texts[text] = text
		}
	case "N":
		one, err := literal(call.Args[0])
		if err != nil {
			return err
		}
		other, err := literal(call.Args[1])
		if err != nil {
			return err
		}
		texts[other] = map[string]string{"one": one, "other": other}
	}
	return nil
}

// literal is the text of a string constant, or of several that are added.
func literal(e ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return strconv.Unquote(e.Value)
	case *ast.ParenExpr:
		return literal(e.X)
	case *ast.BinaryExpr:
		a, err := literal(e.X)
		if err != nil {
			return "", err
		}
		b, err := literal(e.Y)
		return a + b, err
	}
	return "", fmt.Errorf("a text for people must be a constant, to be translated")
}
