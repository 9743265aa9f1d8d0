package home

import (
	"context"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// recoveredFor is how long is told that the account has come back.
const recoveredFor = 24 * time.Hour

// recovering is how far bringing the account back with its words is; without a title
// there is nothing to say.
func recovering(r *node.Recovery, now time.Time) look.BannerData {
	if r == nil || r.State == node.RecoveryDone && now.Sub(r.Since.Time) > recoveredFor {
		return look.BannerData{}
	}
	data := look.BannerData{Tone: look.ToneInfo, Icon: look.IconKey, Text: frame.Capital(words.Shown(r.Says))}
	switch r.State {
	case node.RecoverySearching:
		data.Icon, data.Title = look.IconSearch, words.L("Your account is back. Its data is being looked for.")
		data.Text = words.L("Start a device that has it, on this network. Nothing was found yet.")
		if r.From != "" {
			data.Text = words.L("Start a device that has it, on this network or at {{.Address}}. Nothing was found yet.", "Address", words.Shown(r.From))
		}
	case node.RecoveryFetching:
		data.Title = words.N("Your account is back: {{.Count}} space was found", "Your account is back: {{.Count}} spaces were found", int64(r.Spaces))
		if r.Missing > 0 {
			data.Title = words.N("Your account is back: {{.Count}} space was found, {{.Size}} to fetch",
				"Your account is back: {{.Count}} spaces were found, {{.Size}} to fetch", int64(r.Spaces), "Size", words.Size(r.Missing))
		}
	case node.RecoveryWords:
		data.Tone, data.Icon, data.Title = look.ToneAttention, look.IconWords, words.L("Your words are needed once more")
	case node.RecoveryDone:
		data.Tone, data.Icon = look.ToneGood, look.IconGood
		data.Title = words.N("Your account is back: {{.Count}} space was found", "Your account is back: {{.Count}} spaces were found", int64(r.Spaces))
		if len(r.LeftOut) > 0 {
			data.Text = words.L("No longer of the account: {{.Devices}}. Those that you have, add anew.", "Devices", frame.Names(r.LeftOut))
		}
	}
	return data
}

// actions are what can be done about a recovery.
func (p *page) actions(r *node.Recovery) []look.Action {
	if r == nil || r.State != node.RecoveryFetching {
		return nil
	}
	return []look.Action{{Text: words.L("Don't wait for more"), Do: p.finish}}
}

// finish asks whether what isn't here yet is given up.
func (p *page) finish() {
	s := p.screen
	s.frame.Confirm(words.L("Take the account over now?"),
		words.L("The devices that it had are out from then on. What they have and haven't sent yet stays on them: what you pair anew brings it along."),
		words.L("Take it over"), false, func() {
			s.frame.Worker.Go(func(ctx context.Context) error {
				_, err := s.node.RecoveryNow(ctx)
				return err
			}, func(err error) {
				s.frame.Fail(err)
				s.frame.Feed.Look()
			})
		})
}
