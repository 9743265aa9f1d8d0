package stage

import (
	"context"
	"fmt"
)

// Meet makes two accounts know each other, by a picture of the QR code that shows
// shows.
func Meet(ctx context.Context, shows, scans *Node) error {
	picture := shows.Home + ".contact.png"
	show, err := shows.Stream(ctx, "contact", "show", "--qr", picture)
	if err != nil {
		return err
	}
	if _, err := show.Next("ticket"); err != nil {
		return err
	}
	return meet(ctx, shows, scans, show, picture)
}

// MeetByText is Meet by the text of a field of the ticket's event: ticket or link.
func MeetByText(ctx context.Context, shows, scans *Node, field string) error {
	show, err := shows.Stream(ctx, "contact", "show")
	if err != nil {
		return err
	}
	e, err := show.Next("ticket")
	if err != nil {
		return err
	}
	return meet(ctx, shows, scans, show, fmt.Sprint(e[field]))
}

func meet(ctx context.Context, shows, scans *Node, show *Stream, ticket string) error {
	accept, err := scans.Stream(ctx, "contact", "accept", ticket)
	if err != nil {
		return err
	}
	code, err := accept.Next("code")
	if err != nil {
		return err
	}
	if _, err := show.Next("confirm"); err != nil {
		return err
	}
	if err := shows.Do(ctx, nil, "contact", "confirm", fmt.Sprint(code["code"])); err != nil {
		return err
	}
	for _, s := range []*Stream{show, accept} {
		if _, err := s.Next("added"); err != nil {
			return err
		}
		if exit := s.End(); exit != 0 {
			return fmt.Errorf("becoming known ended with exit code %d", exit)
		}
	}
	return nil
}
