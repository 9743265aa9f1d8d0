//go:build linux && cgo && !ci

package ui

/*
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
static void trim(void) { malloc_trim(0); }
#else
static void trim(void) {}
#endif
*/
import "C"

// trim gives back what the graphics libraries have freed: their allocator keeps it.
func trim() { C.trim() }
