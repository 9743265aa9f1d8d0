package main

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/assets"
	"meadow/ui/look"
)

// gallery is every widget, icon and drawing on one page.
func gallery() fyne.CanvasObject {
	page := container.NewVBox(
		look.NewTitle("Gallery"),
		look.NewSectionTitle("Icons", look.NewCaption("follow text")), icons(),
		look.NewSectionTitle("Drawings", nil), drawings(),
		look.NewSectionTitle("Widgets", look.NewQuietButton("Show all", look.IconChevronRight, func() {})), widgets(),
	)
	return container.NewStack(canvas.NewRectangle(theme.Color(theme.ColorNameBackground)), padded(page))
}

func padded(o fyne.CanvasObject) fyne.CanvasObject {
	p := theme.Size(look.SizeXL)
	return container.New(layout.NewCustomPaddedLayout(p, p, p, p), o)
}

func icons() fyne.CanvasObject {
	grid := container.NewGridWrap(fyne.NewSize(86, 62))
	for _, name := range look.Icons() {
		icon := widget.NewIcon(look.Icon(name))
		label := look.NewCaption(string(name))
		label.Align = fyne.TextAlignCenter
		grid.Add(container.NewBorder(nil, label, nil, nil, container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(24), icon))))
	}
	return look.NewCard("", grid)
}

func drawings() fyne.CanvasObject {
	grid := container.NewGridWithColumns(4)
	for _, d := range []look.Drawing{
		look.DrawingWelcome, look.DrawingDevices, look.DrawingSpaces, look.DrawingFiles,
		look.DrawingTransfers, look.DrawingActivity, look.DrawingNotFound, look.DrawingAllWell,
	} {
		e := look.NewEmpty(d, strings.ReplaceAll(string(d), "-", " ")+". One sentence that says what could be here, and when.", look.Action{Text: "Do the next thing", Icon: look.IconAdd})
		grid.Add(container.NewGridWrap(fyne.NewSize(340, 280), look.NewCard("", e)))
	}
	return grid
}

func widgets() fyne.CanvasObject {
	left := container.New(gapped{}, buttons(), badges(), meters(), flow(), fields())
	right := container.New(gapped{}, banners(), rows(), ringed(), toasts(), tray())
	return container.NewGridWithColumns(2, left, right)
}

// gapped is a column with room between its parts.
type gapped struct{}

func (gapped) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return layout.NewCustomPaddedVBoxLayout(theme.Size(look.SizeM)).MinSize(objects)
}

func (gapped) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	layout.NewCustomPaddedVBoxLayout(theme.Size(look.SizeM)).Layout(objects, s)
}

func buttons() fyne.CanvasObject {
	no := func() {}
	disabled := look.NewPrimaryButton("Disabled", "", no)
	disabled.Disable()
	focused := look.NewButton("Focused", look.IconCheck, no)
	focused.FocusGained()
	hovered := look.NewPrimaryButton("Pointed at", "", no)
	hovered.MouseIn(nil)
	mixed := container.NewHBox(widget.NewButtonWithIcon("Toolkit's", look.Icon(look.IconOpen), no))
	high := widget.NewButtonWithIcon("High", look.Icon(look.IconSync), no)
	high.Importance = widget.HighImportance
	mixed.Add(high)
	mixed.Add(widget.NewCheck("A choice", nil))
	mixed.Add(widget.NewSelect([]string{"One of many"}, nil))
	return look.NewCard("Buttons", container.NewVBox(
		container.NewHBox(look.NewPrimaryButton("Pair a device", look.IconAddDevice, no), look.NewButton("Open", look.IconOpen, no),
			look.NewDangerButton("Remove", look.IconTrash, no), look.NewQuietButton("Not now", "", no)),
		container.NewHBox(disabled, focused, hovered, look.NewIconButton(look.IconRename, "Rename", no), look.NewIconButton(look.IconMore, "More", no)),
		mixed,
		chips(),
	))
}

func chips() fyne.CanvasObject {
	box := look.NewButtons()
	for _, c := range look.NewChips(func(int) {}, "View", "Add only", "Edit") {
		box.Add(c)
	}
	box.Add(look.NewChip("Ends this week", look.IconClock, nil))
	return box
}

func badges() fyne.CanvasObject {
	return look.NewCard("Badges and states", container.NewVBox(
		container.NewHBox(look.NewBadge(look.ToneGood, look.IconLAN, "This network"), look.NewBadge(look.ToneInfo, look.IconDirect, "Direct"),
			look.NewBadge(look.ToneMuted, look.IconRelay, "Relay"), look.NewBadge(look.ToneMuted, look.IconOffline, "Offline")),
		container.NewHBox(look.NewBadge(look.ToneAttention, look.IconConflict, "2 conflicts"), look.NewBadge(look.ToneDanger, look.IconWarning, "Full"),
			look.NewBadge(look.ToneGood, "", "In step"), look.NewBadge(look.ToneInfo, "", "12")),
		container.NewHBox(look.NewStateIcon(look.ToneGood, "", ""), look.NewStateIcon(look.ToneAttention, look.IconHold, ""), look.NewStateIcon(look.ToneDanger, "", ""),
			look.NewStateIcon(look.ToneInfo, look.IconSync, ""), look.NewStateIcon(look.ToneMuted, look.IconPause, "")),
	))
}

func meters() fyne.CanvasObject {
	running, waiting := look.NewMeter(""), look.NewMeter("")
	running.Set(0.62, "2.6 of 4.2 GB, 18 MB/s, 2 minutes left", look.ToneGood)
	waiting.Set(0.1, "Waiting because Desktop is offline", look.ToneMuted)
	return look.NewCard("Meters", container.NewVBox(running, waiting))
}

func flow() fyne.CanvasObject {
	steps := look.NewSteps("Name", "Words", "Check")
	steps.Set(1)
	return look.NewCard("A flow", steps)
}

func fields() fyne.CanvasObject {
	code := look.NewCodeField("Digits")
	code.Paste("482 9")
	code.FocusGained()
	entry := widget.NewEntry()
	entry.SetPlaceHolder("Find a file by name")
	return look.NewCard("Fields", container.New(gapped{}, code, entry))
}

func banners() fyne.CanvasObject {
	no := func() {}
	return container.New(gapped{},
		look.NewBanner(look.BannerData{
			Tone: look.ToneAttention, Icon: look.IconHold, Title: "Laptop wants to remove 1,204 of 1,310 files in Photos.",
			Text:    "Nothing was removed here. Keep puts them back on Laptop, Remove removes them on this device too.",
			Actions: []look.Action{{Text: "Keep", Kind: look.KindPrimary, Do: no}, {Text: "Remove", Kind: look.KindDanger, Do: no}, {Text: "Show list", Do: no}},
		}),
		look.NewBanner(look.BannerData{Tone: look.ToneDanger, Title: "The disk is full.", Text: "Free some space and it goes on by itself.", Close: &look.Action{Text: "Close", Do: no}}),
		look.NewBanner(look.BannerData{Tone: look.ToneInfo, Title: "A new device was added: Studio.", Close: &look.Action{Text: "Close", Do: no}}),
		look.NewBanner(look.BannerData{Tone: look.ToneGood, Title: "Paired. 3 spaces, 4.2 GB to fetch."}),
	)
}

func rows() fyne.CanvasObject {
	no := func() {}
	long := "A very long name of a file that somebody gave without a thought for those who list it (final, really final, 3).docx"
	selected := look.NewLinkRow(look.RowData{
		Icon: look.IconDesktop, Chip: true, Tone: look.ToneGood, Title: "Desktop", Subtitle: "In step, 3 ms",
		Marks: []look.Mark{{Tone: look.ToneGood, Icon: look.IconLAN, Text: "This network"}},
	}, no)
	selected.SetSelected(true)
	hovered := look.NewLinkRow(look.RowData{
		Icon: look.IconPhone, Chip: true, Title: "Phone", Subtitle: "Last seen 6 days ago", Faint: true,
		Marks: []look.Mark{{Tone: look.ToneMuted, Icon: look.IconOffline, Text: "Offline"}},
	}, no)
	hovered.MouseIn(nil)
	focused := look.NewLinkRow(look.RowData{
		Icon: look.IconSpace, Title: "Photos", Subtitle: "1,310 files, 42 GB", Trailing: "yesterday",
		Marks: []look.Mark{{Tone: look.ToneAttention, Icon: look.IconHold, Text: "1 held"}},
	}, no)
	focused.FocusGained()
	return look.NewListCard("Rows", container.NewVBox(selected, hovered, focused,
		look.NewLowRow(look.RowData{Icon: look.IconFolder, Title: "Summer 2026", Trailing: "214 files"}),
		look.NewLowRow(look.RowData{Icon: look.IconDocument, Title: long, Trailing: "1.2 MB", File: true}),
		look.NewLowRow(look.RowData{Icon: look.IconImage, Title: long, Trailing: "12 Nov", Marks: []look.Mark{{Tone: look.ToneAttention, Text: "2 versions"}}}),
	))
}

func toasts() fyne.CanvasObject {
	no := func() {}
	return look.NewCard("Toasts, keys and scripts", container.NewVBox(
		look.NewToast(look.ToastData{Tone: look.ToneGood, Text: "Holiday.jpg was removed on all devices.", Action: look.Action{Text: "Undo", Do: no}, Close: look.Action{Text: "Close", Do: no}}),
		look.NewToast(look.ToastData{Tone: look.ToneDanger, Text: "Holiday.mp4 wasn't stored, because the disk is full; all else is kept. Free some space and it goes on by itself.", Close: look.Action{Text: "Close", Do: no}}),
		container.NewHBox(look.NewCaption("Find a file"), look.NewKeyHint("Ctrl", "F"), look.NewCaption("Add a device"), look.NewKeyHint("Ctrl", "N")),
		container.NewHBox(look.NewDeviceIcon(look.DeviceIconName("ThinkPad"), true, ""), look.NewDeviceIcon(look.DeviceIconName("Pixel 9"), false, ""), look.NewDeviceIcon(look.DeviceIconName("nas"), true, "")),
		widget.NewLabel("Grüße, Ελληνικά, Кириллица, Tiếng Việt, עברית, العربية, हिन्दी, 中文, 日本語, 한국어, 🌻 ✓ → 1,111 0,000"),
	))
}

func tray() fyne.CanvasObject {
	rows := container.NewVBox()
	for _, panel := range []color.Color{color.White, color.Gray{0x20}, color.Gray{0xc8}} {
		row := container.NewHBox()
		for _, side := range []float32{48, 22, 16} {
			for _, state := range assets.TrayStates() {
				icon := canvas.NewImageFromResource(look.TrayState(state).Icon())
				icon.FillMode = canvas.ImageFillContain
				icon.SetMinSize(fyne.NewSquareSize(side))
				row.Add(container.NewCenter(icon))
			}
		}
		rows.Add(container.NewStack(canvas.NewRectangle(panel), container.NewPadded(row)))
	}
	app := container.NewHBox()
	for _, side := range []float32{128, 64, 32, 22, 16} {
		icon := canvas.NewImageFromResource(look.AppIcon())
		icon.FillMode = canvas.ImageFillContain
		icon.SetMinSize(fyne.NewSquareSize(side))
		app.Add(container.NewCenter(icon))
	}
	return look.NewCard("Tray and program", container.NewVBox(rows, app))
}

func ringed() fyne.CanvasObject {
	square := canvas.NewRectangle(theme.Color(look.ColorCode))
	square.SetMinSize(fyne.NewSquareSize(120))
	full, late := look.NewRing(square), canvas.NewRectangle(theme.Color(look.ColorCode))
	full.Set(0.72, "New code in 43 seconds")
	late.SetMinSize(fyne.NewSquareSize(120))
	little := look.NewRing(late)
	little.Set(0.1, "New code in 6 seconds")
	return look.NewCard("Rings", container.NewHBox(layout.NewSpacer(), full, layout.NewSpacer(), little, layout.NewSpacer()))
}
