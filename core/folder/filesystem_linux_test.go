package folder

import (
	"strings"
	"testing"
)

func TestMountType(t *testing.T) {
	const mountinfo = `21 26 0:19 / /sys rw,nosuid shared:7 - sysfs sysfs rw
36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
40 35 0:45 / /home/ada/server rw,nosuid - fuse.sshfs ada@server:/ rw,user_id=1000

nonsense
41 35 0:46 / /cut
`
	for device, want := range map[string]string{"0:19": "sysfs", "98:0": "ext3", "0:45": "fuse.sshfs", "0:46": "", "1:1": ""} {
		if got := findMountType(strings.NewReader(mountinfo), device); got != want {
			t.Errorf("%s is %q, want %q", device, got, want)
		}
	}
}
