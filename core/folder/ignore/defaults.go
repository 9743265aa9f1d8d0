package ignore

import "strings"

// Default is the source of the rules that are always there.
const Default = "default"

// Defaults returns those rules.
func Defaults() []Rule { return defaults.rules }

// defaultText is what nobody wants on another device: what systems leave in
// folders, and what programs hold for a moment while they work. A rule that
// takes too much is worse than one that is missing, as what is ignored has no
// second copy. So there is no *.tmp, which is the name of real files too; a
// number that vim tries for a moment is ignored as a file only; and names that
// Meadow itself makes and doesn't otherwise know are here.
const defaultText = `
.DS_Store
._*
.AppleDouble/
.Spotlight-V100/
.Trashes
.fseventsd/
.TemporaryItems/
.DocumentRevisions-V100/
.apdisk

[Tt]humbs.db
ehthumbs.db
ehthumbs_vista.db
[Dd]esktop.ini
$RECYCLE.BIN/
$Recycle.Bin/
System Volume Information/

lost+found/
.Trash-*/
.directory
.nfs[0-9a-f]*
.fuse_hidden*

*~
.*.sw[a-p]
.sw[a-p]
4913
!4913/
.#*
\#*#
.*.kate-swp
*___jb_tmp___
*___jb_old___
~$*
~*.tmp
.~lock.*#
.goutputstream-*

*.part
*.partial
*.crdownload

.stfolder
.stversions/
.syncthing.*.tmp
~syncthing~*.tmp

.meadow-get-*
`

// defaults has its rules numbered without the empty lines.
var defaults = func() *List {
	text := strings.ReplaceAll(strings.TrimPrefix(defaultText, "\n"), "\n\n", "\n")
	l, err := Parse(Default, "", []byte(text))
	if err != nil {
		panic(err)
	}
	return l
}()
