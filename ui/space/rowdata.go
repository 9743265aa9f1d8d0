package space

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// rowData is what a line of the list says.
type rowData struct {
	icon                    fyne.ThemeIconName
	tone                    look.Tone
	name, by, changed, size string
	marks                   [2]look.Mark
	faint                   bool
}

// dataOf is what is said of an item. A found one says where it is.
func dataOf(it *catalog.Item, now time.Time, found bool) rowData {
	d := rowData{icon: iconOf(it), name: words.Shown(it.Name), by: words.Shown(it.File.Author), size: words.Size(it.Bytes)}
	if found {
		d.name = words.Shown(it.Path)
	}
	if !it.Changed.IsZero() {
		d.changed = words.When(it.Changed, now)
	}
	if it.Folder {
		d.tone = look.ToneGood
		d.by = words.N("{{.Count}} file", "{{.Count}} files", it.Files)
		if it.Files == 0 {
			d.by, d.size = words.L("Empty"), ""
		}
	}
	copy(d.marks[:], marksOf(it))
	d.faint = !it.Folder && !it.File.Present
	return d
}

// marksOf are what is to be known of an item, the most pressing first.
func marksOf(it *catalog.Item) (marks []look.Mark) {
	add := func(tone look.Tone, icon fyne.ThemeIconName, text string) {
		marks = append(marks, look.Mark{Tone: tone, Icon: icon, Text: text})
	}
	switch {
	case it.CopyOf != "":
		add(look.ToneAttention, look.IconConflict, words.L("Conflict"))
	case it.Denied != "":
		add(look.ToneAttention, look.IconWarning, words.L("Not in the folder"))
	case it.Marked > 0:
		add(look.ToneAttention, look.IconWarning, words.N("{{.Count}} to look at", "{{.Count}} to look at", it.Marked))
	}
	switch {
	case it.Folder && it.Missing > 0:
		add(look.ToneMuted, look.IconDownload, words.N("{{.Count}} not here yet", "{{.Count}} not here yet", it.Missing))
	case it.Folder:
	case !it.File.Present:
		add(look.ToneMuted, look.IconDownload, words.L("Not here yet"))
	case !it.File.Kept && it.File.Kind == "file":
		add(look.ToneMuted, look.IconHistory, words.L("No history"))
	}
	return marks
}

// kinds are icons by the ends of names.
var kinds = map[string]fyne.ThemeIconName{}

func init() {
	for icon, ends := range map[fyne.ThemeIconName]string{
		look.IconImage:    ".png .jpg .jpeg .gif .webp .bmp .heic .heif .tif .tiff .svg .raw .cr2 .nef .arw .dng .psd .ico .avif",
		look.IconVideo:    ".mp4 .mov .mkv .avi .webm .m4v .mpg .mpeg .wmv .3gp",
		look.IconAudio:    ".mp3 .flac .wav .ogg .opus .m4a .aac .wma .aiff .mid",
		look.IconArchive:  ".zip .tar .gz .tgz .xz .bz2 .zst .7z .rar .iso .dmg .deb .rpm .apk",
		look.IconCode:     ".go .c .h .cc .cpp .rs .py .js .ts .java .rb .php .sh .html .css .json .xml .yaml .yml .toml .sql .lua .swift .kt",
		look.IconDocument: ".txt .md .pdf .doc .docx .odt .rtf .xls .xlsx .ods .csv .ppt .pptx .odp .epub .tex .pages .numbers .key .log",
	} {
		for end := range strings.FieldsSeq(ends) {
			kinds[end] = icon
		}
	}
}

func iconOf(it *catalog.Item) fyne.ThemeIconName {
	switch {
	case it.Folder:
		return look.IconFolder
	case it.File.Kind == "symlink":
		return look.IconLink
	}
	return iconFor(it.Name)
}

func iconFor(name string) fyne.ThemeIconName {
	_, end := catalog.Extension(name)
	if icon, ok := kinds[strings.ToLower(end)]; ok {
		return icon
	}
	return look.IconFile
}

// deniedText says why something isn't in the attached folder.
func deniedText(reason string) string {
	return sentence(strings.TrimPrefix(reason, node.NotSynced))
}
