package words_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shows are the packages whose functions show the texts that they are given.
var shows = []string{"widget", "look", "keys", "dialog", "fyne"}

// showing are fields that are shown.
var showing = []string{"Text", "Title", "Subtitle", "Trailing", "Label", "PlaceHolder", "Sentence", "Hint", "Message"}

// names are the same in every language.
var names = []string{"Meadow", "Ctrl", "Esc", "Alt", "Shift"}

var letters = regexp.MustCompile(`\pL{2}`)

// TestEveryTextIsTranslated finds texts of the window that go past words.L: what is
// given to a widget, or to a field that is shown, as a constant.
func TestEveryTextIsTranslated(t *testing.T) {
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() && (d.Name() == "scene" || d.Name() == "collect") {
			return filepath.SkipDir // made-up data, and a tool
		}
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range shown(n) {
				if text, ok := plain(e); ok {
					t.Errorf("%s: %q isn't translated: words.L(%q)", files.Position(e.Pos()), text, text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// shown are the expressions of a node that people get to see.
func shown(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		f, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		pkg, _ := f.X.(*ast.Ident)
		if f.Sel.Name == "SetText" || f.Sel.Name == "SetPlaceHolder" || f.Sel.Name == "SetTitle" || pkg != nil &&
			slices.Contains(shows, pkg.Name) && strings.HasPrefix(f.Sel.Name, "New") && f.Sel.Name != "NewStaticResource" {
			return n.Args
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && slices.Contains(showing, key.Name) {
			return []ast.Expr{n.Value}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if f, ok := left.(*ast.SelectorExpr); ok && slices.Contains(showing, f.Sel.Name) && i < len(n.Rhs) {
				return []ast.Expr{n.Rhs[i]}
			}
		}
	}
	return nil
}

// plain is a constant text with words in it.
func plain(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil && letters.MatchString(text) && !slices.Contains(names, text)
}
