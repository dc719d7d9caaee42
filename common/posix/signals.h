/* signals.h: what a program started by us gets of our signal settings: nothing. */
#ifndef WG_COMMON_POSIX_SIGNALS_H
#define WG_COMMON_POSIX_SIGNALS_H

/* Every signal does what it does by default, and none is blocked: what this process, or whoever
 * started it, ignores would otherwise be ignored by the next program too (signal(7)). For between
 * fork and exec: only calls that are safe there. */
void wg_signals_default(void);

#endif
