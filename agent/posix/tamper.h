/* tamper.h: a file by which the device says that somebody was at it: a case that was opened, a
 * debug port that was used. */
#ifndef WG_AGENT_POSIX_TAMPER_H
#define WG_AGENT_POSIX_TAMPER_H

#include "common/message.h"

struct tamper {
    const char *file; /* borrowed; "": there is none */
    char reason[WG_TAMPERED_MAX + 1];
};

void tamper_init(struct tamper *tamper, const char *file);
/* True: the reason has changed. It is the first line of the file; a file that is empty or cannot be
 * read says no less. "": there is no such file. */
bool tamper_look(struct tamper *tamper);

#endif
