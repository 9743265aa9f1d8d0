package nearby

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// watch tells that interfaces or addresses have changed.
type watch struct {
	changed chan struct{}
	news    *os.File // nil if the system doesn't tell
	loop    sync.WaitGroup
}

// watchLinks hears it from the system. It never returns nil.
func watchLinks() (*watch, error) {
	w := &watch{changed: make(chan struct{}, 1)}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return w, fmt.Errorf("watch interfaces: %w", err)
	}
	w.news = os.NewFile(uintptr(fd), "netlink")
	err = unix.Bind(fd, &unix.SockaddrNetlink{
		Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR,
	})
	if err != nil {
		err = fmt.Errorf("watch interfaces: %w", err)
	}
	w.loop.Go(w.run)
	return w, err
}

func (w *watch) run() {
	b := make([]byte, 8192)
	for {
		// What it says doesn't matter, nor that some of it was lost.
		if _, err := w.news.Read(b); errors.Is(err, os.ErrClosed) {
			return
		}
		select {
		case w.changed <- struct{}{}:
		default:
		}
	}
}

func (w *watch) close() {
	if w.news != nil {
		_ = w.news.Close()
	}
	w.loop.Wait()
}

// heedJoinedOnly keeps messages from a socket that are on links which another
// program listens on. Without it they come too and don't matter.
func heedJoinedOnly(fd int, v6 bool) {
	if v6 {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_ALL, 0)
	} else {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0)
	}
}
