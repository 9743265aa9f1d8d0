package folder

import (
	"fmt"
	"testing"
)

func TestGroups(t *testing.T) {
	var jobs []*job
	for i := range 1000 {
		jobs = append(jobs, &job{path: fmt.Sprintf("a/b/%04d/file", i)})
	}
	for i := range 600 {
		jobs = append(jobs, &job{path: fmt.Sprintf("b/%04d", i)})
	}
	deep := "c"
	for i := range 2 * groupDirs {
		deep += fmt.Sprintf("/%d", i)
	}
	jobs = append(jobs, &job{path: deep}, &job{path: deep + "x"}, &job{path: "d"})
	rest := jobs
	for g := range groups(jobs) {
		in := map[string]bool{}
		for i, j := range g {
			if rest[i] != j {
				t.Fatal("jobs are out of order")
			}
			for p := parent(j.path); p != ""; p = parent(p) {
				in[p] = true
			}
		}
		if len(g) == 0 || len(g) > groupSize || len(in) > groupDirs && parent(g[0].path) != parent(deep) {
			t.Errorf("%d jobs in %d folders", len(g), len(in))
		}
		rest = rest[len(g):]
	}
	if len(rest) > 0 {
		t.Errorf("%d jobs are left out", len(rest))
	}
}
