package look

import (
	"fyne.io/fyne/v2"

	"meadow/assets"
)

// A TrayState is what the tray's icon says. Each has a shape of its own, not only a
// colour.
type TrayState string

const (
	TrayIdle     TrayState = "idle"      // a disc with a tick
	TraySyncing  TrayState = "syncing"   // two arrows
	TrayPaused   TrayState = "paused"    // two bars
	TrayOffline  TrayState = "offline"   // a crossed cloud
	TrayNeedsYou TrayState = "needs-you" // a triangle
	TrayStopped  TrayState = "stopped"   // a cross
)

// Icon is the state's, for panels of any colour.
func (s TrayState) Icon() fyne.Resource {
	content, err := assets.Tray(string(s))
	if err != nil {
		return AppIcon()
	}
	return fyne.NewStaticResource("tray-"+string(s)+".svg", content)
}

// AppIcon is the program's icon.
func AppIcon() fyne.Resource { return fyne.NewStaticResource("meadow.png", assets.App()) }
