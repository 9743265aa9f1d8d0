package assets_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meadow/assets"
)

// TestOutlines checks that every picture drawn with lines has its areas and every other
// way round, and that those have neither lines nor anything a drawing needn't have.
func TestOutlines(t *testing.T) {
	for _, folder := range []string{"icons", "drawings", "tray", "app"} {
		lines, areas := pictures(t, filepath.Join(folder, "lines")), pictures(t, folder)
		if len(lines) == 0 {
			t.Errorf("%s: there is nothing in it", folder)
		}
		for name := range lines {
			if !areas[name] {
				t.Errorf("%s/%s has no areas: run go generate", folder, name)
			}
		}
		for name := range areas {
			if !lines[name] {
				t.Errorf("%s/%s is of nothing that is in %s/lines", folder, name, folder)
			}
			content, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			plain(t, folder+"/"+name, content)
		}
	}
}

func pictures(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.svg"))
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool, len(files))
	for _, f := range files {
		names[filepath.Base(f)] = true
	}
	return names
}

// plain checks that an SVG is paths with a fill at most.
func plain(t *testing.T, name string, content []byte) {
	t.Helper()
	paths := 0
	for dec := xml.NewDecoder(bytes.NewReader(content)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "svg":
		case "path":
			paths++
			for _, a := range start.Attr {
				if a.Name.Local != "d" && a.Name.Local != "fill" {
					t.Errorf("%s has %s", name, a.Name.Local)
				}
			}
		default:
			t.Errorf("%s has a %s", name, start.Name.Local)
		}
	}
	if paths == 0 {
		t.Errorf("%s is empty", name)
	}
}

// TestAssets checks that what is embedded can be had by its name.
func TestAssets(t *testing.T) {
	for what, list := range map[string][]string{"icon": assets.Icons(), "drawing": assets.Drawings(), "tray": assets.TrayStates()} {
		get := map[string]func(string) ([]byte, error){"icon": assets.Icon, "drawing": assets.Drawing, "tray": assets.Tray}[what]
		for _, name := range list {
			if content, err := get(name); err != nil || !strings.HasPrefix(string(content), "<svg ") {
				t.Errorf("%s %s: %v", what, name, err)
			}
		}
		if _, err := get("nothing"); err == nil {
			t.Errorf("there is a %s of nothing", what)
		}
	}
	for _, name := range []string{"Inter-Regular", "Inter-SemiBold"} {
		if content, err := assets.Font(name); err != nil || !bytes.HasPrefix(content, []byte("OTTO")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !bytes.HasPrefix(assets.App(), []byte("\x89PNG")) {
		t.Error("the program's icon is no PNG")
	}
}

// TestDesktopFile checks that the menu entry names the icon and the program as the
// package installs them.
func TestDesktopFile(t *testing.T) {
	const id = "org.mee.meadow"
	content, err := os.ReadFile(filepath.Join("app", id+".desktop"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"[Desktop Entry]", "Type=Application", "Name=Meadow", "Exec=meadow", "Icon=" + id, "Terminal=false"} {
		if !strings.Contains(string(content), line+"\n") {
			t.Errorf("there is no line %s", line)
		}
	}
	metadata, err := os.ReadFile("../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(metadata), `ID = "`+id+`"`) || !strings.Contains(string(metadata), `Icon = "assets/app/meadow-512.png"`) {
		t.Error("FyneApp.toml says otherwise")
	}
}
