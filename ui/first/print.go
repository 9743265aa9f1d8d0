package first

import (
	"bytes"
	_ "embed"
	"html/template"
	"os"
	"time"

	"meadow/core/node"
	"meadow/ui/words"
)

//go:embed print.html
var printed string

var printPage = template.Must(template.New("print").Parse(printed))

// printData fills the page that is printed.
type printData struct {
	Title, For, How, Secret, Keep string
	Words                         []string
}

// PrintPage is a page of its own, with all that whoever finds it in ten years has to
// know, for a browser to print.
func PrintPage(account string, list []string, day time.Time) ([]byte, error) {
	var b bytes.Buffer
	err := printPage.Execute(&b, printData{
		Title: words.L("Meadow account {{.Account}}", "Account", words.Shown(account)),
		For:   words.L("Made on {{.Day}}. These 24 words bring the account back if all of its devices are lost.", "Day", words.Day(day)),
		How:   words.L("They are in this order, from left to right and from the top to the bottom."),
		Secret: words.L("Whoever has these words can become you: read everything in the account, and remove your devices. " +
			"Nobody who helps you needs them."),
		Keep:  words.L("Keep this page where you keep your passport. Don't photograph it, and delete the file that it was printed from."),
		Words: list,
	})
	return b.Bytes(), err
}

// savePrivately fills a file that the person has chosen, readable for them only. What
// was in it is gone.
func savePrivately(file string, b []byte) error {
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return notSaved(err)
	}
	if err := node.WriteNew(file, b); err != nil {
		return notSaved(err)
	}
	return nil
}

// removePrivate deletes the page.
func removePrivate(file string) error {
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return &node.Error{
			Code: node.CodeIO, Message: words.L("the file wasn't deleted: {{.Reason}}", "Reason", err.Error()), Hint: words.L("delete it yourself"),
		}
	}
	return nil
}

func notSaved(err error) error {
	return &node.Error{
		Code: node.CodeIO, Message: words.L("the page wasn't saved: {{.Reason}}", "Reason", err.Error()), Hint: words.L("choose another folder"),
	}
}
