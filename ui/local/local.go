// Package local is about files of this computer: names that are free, and the programs
// that the desktop has for them. What it does touches the disk, so all but Open is done
// beside the interface thread.
package local

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/words"
)

// maxTries bounds how many names are tried.
const maxTries = 10_000

// Free is a path in a folder at which nothing is: with the name, or with one like it.
func Free(dir, name string) string {
	path := filepath.Join(dir, name)
	stem, ext := name, ""
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		stem, ext = name[:i], name[i:]
	}
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) || n > maxTries {
			return path
		}
		path = filepath.Join(dir, fmt.Sprintf("%s (%d)%s", stem, n, ext))
	}
}

// Open gives a file or a folder to the desktop.
func Open(a fyne.App, path string) error {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a drive
	}
	if err := a.OpenURL(&url.URL{Scheme: "file", Path: slashed}); err != nil {
		return &node.Error{
			Code: node.CodeIO, Message: words.L("no program could be started for {{.Path}}: {{.Error}}", "Path", path, "Error", err.Error()),
			Hint: words.L("open it from your file manager"),
		}
	}
	return nil
}
