package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

const ticksPerSecond = 100 // USER_HZ of every Linux that Go supports

// cpuSeconds returns what a process has used so far, user and system; zero
// where there is no /proc.
func cpuSeconds(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64) // 0 if unreadable, as above
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / ticksPerSecond
}

// residentMiB returns a process's resident memory in MiB.
func residentMiB(pid int) float64 { return memory(pid, "VmRSS:") }

// mostMiB returns the most that it has been.
func mostMiB(pid int) float64 { return memory(pid, "VmHWM:") }

func memory(pid int, line string) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(l, line); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}
