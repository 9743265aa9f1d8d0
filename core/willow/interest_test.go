package willow

import "testing"

// TestInterestIntersect: no limit loses against every limit, also where it is 0.
func TestInterestIntersect(t *testing.T) {
	for _, test := range []struct{ i, j, want AreaOfInterest }{
		{Everything(FullArea), Everything(FullArea), Everything(FullArea)},
		{AreaOfInterest{FullArea, 0, 7}, AreaOfInterest{FullArea, 3, Unlimited}, AreaOfInterest{FullArea, 3, 7}},
		{AreaOfInterest{FullArea, 5, 0}, AreaOfInterest{FullArea, 3, 9}, AreaOfInterest{FullArea, 3, 0}},
		{AreaOfInterest{FullArea, Unlimited, 1}, AreaOfInterest{FullArea, 0, 2}, AreaOfInterest{FullArea, Unlimited, 1}},
		{Everything(goldenArea), AreaOfInterest{goldenOuter, 1, 1}, AreaOfInterest{goldenArea, 1, 1}},
	} {
		for _, both := range [][2]AreaOfInterest{{test.i, test.j}, {test.j, test.i}} {
			if got, ok := both[0].Intersect(both[1]); !ok || got != test.want {
				t.Errorf("%+v: %+v, %v; want %+v", both, got, ok, test.want)
			}
		}
	}
	one, other := Everything(SubspaceArea(SubspaceID{1})), Everything(SubspaceArea(SubspaceID{2}))
	if got, ok := one.Intersect(other); ok || got != (AreaOfInterest{}) {
		t.Errorf("disjoint: %+v, %v", got, ok)
	}
}
