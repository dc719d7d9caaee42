/* paho_trace.h: Paho without its traces. */
#ifndef WG_COMMON_POSIX_PAHO_TRACE_H
#define WG_COMMON_POSIX_PAHO_TRACE_H

/* Does nothing; a program that calls it has the empty traces of paho_trace.c, which stands before
 * Paho's archive in the linker's order. */
void paho_trace_none(void);

#endif
