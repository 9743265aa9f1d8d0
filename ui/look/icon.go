package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"meadow/assets"
)

// The icons, each named for what it means.
const (
	IconAccess       fyne.ThemeIconName = "access"
	IconActivity     fyne.ThemeIconName = "activity"
	IconAdd          fyne.ThemeIconName = "add"
	IconAddDevice    fyne.ThemeIconName = "add-device"
	IconAddPerson    fyne.ThemeIconName = "add-person"
	IconArchive      fyne.ThemeIconName = "archive"
	IconArrowLeft    fyne.ThemeIconName = "arrow-left"
	IconArrowRight   fyne.ThemeIconName = "arrow-right"
	IconAttach       fyne.ThemeIconName = "attach"
	IconAudio        fyne.ThemeIconName = "audio"
	IconBell         fyne.ThemeIconName = "bell"
	IconCamera       fyne.ThemeIconName = "camera"
	IconCheck        fyne.ThemeIconName = "check"
	IconChevronDown  fyne.ThemeIconName = "chevron-down"
	IconChevronLeft  fyne.ThemeIconName = "chevron-left"
	IconChevronRight fyne.ThemeIconName = "chevron-right"
	IconChevronUp    fyne.ThemeIconName = "chevron-up"
	IconClipboard    fyne.ThemeIconName = "clipboard"
	IconClock        fyne.ThemeIconName = "clock"
	IconClose        fyne.ThemeIconName = "close"
	IconCloud        fyne.ThemeIconName = "cloud"
	IconCode         fyne.ThemeIconName = "code"
	IconConflict     fyne.ThemeIconName = "conflict"
	IconCrown        fyne.ThemeIconName = "crown"
	IconCopy         fyne.ThemeIconName = "copy"
	IconDesktop      fyne.ThemeIconName = "desktop"
	IconDetach       fyne.ThemeIconName = "detach"
	IconDirect       fyne.ThemeIconName = "direct"
	IconDisk         fyne.ThemeIconName = "disk"
	IconDocument     fyne.ThemeIconName = "document"
	IconDownload     fyne.ThemeIconName = "download"
	IconDrop         fyne.ThemeIconName = "drop"
	IconError        fyne.ThemeIconName = "error"
	IconEye          fyne.ThemeIconName = "eye"
	IconFile         fyne.ThemeIconName = "file"
	IconFilter       fyne.ThemeIconName = "filter"
	IconFolder       fyne.ThemeIconName = "folder"
	IconGlobe        fyne.ThemeIconName = "globe"
	IconGood         fyne.ThemeIconName = "good"
	IconHelp         fyne.ThemeIconName = "help"
	IconHistory      fyne.ThemeIconName = "history"
	IconHold         fyne.ThemeIconName = "hold"
	IconHome         fyne.ThemeIconName = "home"
	IconIgnore       fyne.ThemeIconName = "ignore"
	IconImage        fyne.ThemeIconName = "image"
	IconInfo         fyne.ThemeIconName = "info"
	IconKey          fyne.ThemeIconName = "key"
	IconKeyboard     fyne.ThemeIconName = "keyboard"
	IconLAN          fyne.ThemeIconName = "lan"
	IconLaptop       fyne.ThemeIconName = "laptop"
	IconLink         fyne.ThemeIconName = "link"
	IconLock         fyne.ThemeIconName = "lock"
	IconMenu         fyne.ThemeIconName = "menu"
	IconMoon         fyne.ThemeIconName = "moon"
	IconMore         fyne.ThemeIconName = "more"
	IconNearby       fyne.ThemeIconName = "nearby"
	IconOffline      fyne.ThemeIconName = "offline"
	IconOpen         fyne.ThemeIconName = "open"
	IconPause        fyne.ThemeIconName = "pause"
	IconPeople       fyne.ThemeIconName = "people"
	IconPerson       fyne.ThemeIconName = "person"
	IconPhone        fyne.ThemeIconName = "phone"
	IconPower        fyne.ThemeIconName = "power"
	IconPrint        fyne.ThemeIconName = "print"
	IconQR           fyne.ThemeIconName = "qr"
	IconRefresh      fyne.ThemeIconName = "refresh"
	IconRelay        fyne.ThemeIconName = "relay"
	IconRemove       fyne.ThemeIconName = "remove"
	IconRename       fyne.ThemeIconName = "rename"
	IconRestore      fyne.ThemeIconName = "restore"
	IconResume       fyne.ThemeIconName = "resume"
	IconSaveCopy     fyne.ThemeIconName = "save-copy"
	IconScreen       fyne.ThemeIconName = "screen"
	IconSearch       fyne.ThemeIconName = "search"
	IconServer       fyne.ThemeIconName = "server"
	IconSettings     fyne.ThemeIconName = "settings"
	IconShare        fyne.ThemeIconName = "share"
	IconSpace        fyne.ThemeIconName = "space"
	IconSpeed        fyne.ThemeIconName = "speed"
	IconStick        fyne.ThemeIconName = "stick"
	IconSun          fyne.ThemeIconName = "sun"
	IconSync         fyne.ThemeIconName = "sync"
	IconTextSize     fyne.ThemeIconName = "text-size"
	IconTransfers    fyne.ThemeIconName = "transfers"
	IconTrash        fyne.ThemeIconName = "trash"
	IconUpload       fyne.ThemeIconName = "upload"
	IconVideo        fyne.ThemeIconName = "video"
	IconWarning      fyne.ThemeIconName = "warning"
	IconWords        fyne.ThemeIconName = "words"
)

// standIns are ours for the toolkit's own icons, so that a standard dialog belongs to
// the window.
var standIns = map[fyne.ThemeIconName]fyne.ThemeIconName{
	theme.IconNameCancel:          IconClose,
	theme.IconNameConfirm:         IconCheck,
	theme.IconNameDelete:          IconTrash,
	theme.IconNameSearch:          IconSearch,
	theme.IconNameMenu:            IconMenu,
	theme.IconNameMenuExpand:      IconChevronRight,
	theme.IconNameMoreHorizontal:  IconMore,
	theme.IconNameContentAdd:      IconAdd,
	theme.IconNameContentRemove:   IconRemove,
	theme.IconNameContentClear:    IconClose,
	theme.IconNameContentCopy:     IconCopy,
	theme.IconNameContentPaste:    IconClipboard,
	theme.IconNameContentUndo:     IconRestore,
	theme.IconNameDocument:        IconDocument,
	theme.IconNameDocumentCreate:  IconRename,
	theme.IconNameDocumentPrint:   IconPrint,
	theme.IconNameDocumentSave:    IconSaveCopy,
	theme.IconNameFile:            IconFile,
	theme.IconNameFileText:        IconDocument,
	theme.IconNameFileImage:       IconImage,
	theme.IconNameFileAudio:       IconAudio,
	theme.IconNameFileVideo:       IconVideo,
	theme.IconNameFileApplication: IconFile,
	theme.IconNameFolder:          IconFolder,
	theme.IconNameFolderOpen:      IconFolder,
	theme.IconNameFolderNew:       IconAttach,
	theme.IconNameHome:            IconHome,
	theme.IconNameComputer:        IconDesktop,
	theme.IconNameStorage:         IconDisk,
	theme.IconNameDownload:        IconDownload,
	theme.IconNameUpload:          IconUpload,
	theme.IconNameHelp:            IconHelp,
	theme.IconNameHistory:         IconHistory,
	theme.IconNameInfo:            IconInfo,
	theme.IconNameQuestion:        IconHelp,
	theme.IconNameWarning:         IconWarning,
	theme.IconNameError:           IconError,
	theme.IconNameSettings:        IconSettings,
	theme.IconNameViewRefresh:     IconRefresh,
	theme.IconNameVisibility:      IconEye,
	theme.IconNameMediaPause:      IconPause,
	theme.IconNameMediaPlay:       IconResume,
	theme.IconNameNavigateBack:    IconArrowLeft,
	theme.IconNameNavigateNext:    IconChevronRight,
	theme.IconNameArrowDropDown:   IconChevronDown,
	theme.IconNameArrowDropUp:     IconChevronUp,
	theme.IconNameMoveDown:        IconChevronDown,
	theme.IconNameMoveUp:          IconChevronUp,
	theme.IconNameAccount:         IconPerson,
	theme.IconNameLogin:           IconKey,
}

// Icons are the names of all icons.
func Icons() []fyne.ThemeIconName {
	var names []fyne.ThemeIconName
	for _, name := range assets.Icons() {
		names = append(names, fyne.ThemeIconName(name))
	}
	return names
}

// Icon returns an icon that follows the colour of text, or nil if there is none of the
// name.
func Icon(name fyne.ThemeIconName) fyne.Resource {
	source := area(name)
	if source == nil {
		return nil
	}
	return theme.NewThemedResource(source)
}

// IconIn returns an icon in a tone's ink.
func IconIn(name fyne.ThemeIconName, tone Tone) fyne.Resource { return IconColored(name, tone.Ink()) }

// IconColored returns an icon in a colour of the theme.
func IconColored(name fyne.ThemeIconName, color fyne.ThemeColorName) fyne.Resource {
	source := area(name)
	if source == nil {
		return nil
	}
	return theme.NewColoredResource(source, color)
}

// area is the icon without a colour.
func area(name fyne.ThemeIconName) fyne.Resource {
	if name == "" {
		return nil
	}
	content, err := assets.Icon(string(name))
	if err != nil {
		return nil
	}
	return fyne.NewStaticResource(string(name)+".svg", content)
}
