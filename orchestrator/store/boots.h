/* boots.h: the boots that a device has said hello from. A device that starts again never goes back
 * to an earlier boot; two that share its identity take turns. Pure.
 *
 * A hello may be late, also behind one of the next boot. So a copy of a hello says nothing, and the
 * first return of a boot is believed when it is heard again so long behind the other boot that no
 * message could be so late; else the third within an hour is. */
#ifndef WG_ORCHESTRATOR_STORE_BOOTS_H
#define WG_ORCHESTRATOR_STORE_BOOTS_H

#include "common/message.h"

#define BOOTS_BEFORE 4
#define BOOTS_TEXT ((size_t)BOOTS_BEFORE * (WG_BOOT_MAX + 24))
#define BOOTS_LATE                                                                                 \
    (30 * WG_SECOND) /* counted from its arrival at the orchestrator, none is later */
#define BOOTS_RETURNS 3
#define BOOTS_MEMORY WG_HOUR

struct boot_link {
    char boot[WG_BOOT_MAX];
    int64_t link; /* its last connection; 0: not told */
};

struct boots { /* all zero: none yet */
    struct boot_link now;
    wg_time at; /* first heard, since the boot before it */
    size_t before_count;
    struct boot_link before[BOOTS_BEFORE]; /* newest first */
    int64_t returns;                       /* 0: the present boot is one that was new */
    wg_time back_from;                     /* since when the other one was heard; 0: not to ask */
};

/* A hello; true: two devices are alive. Then it begins to count anew. */
bool boots_hear(struct boots *boots, const char *boot, int64_t link, wg_time received);

/* The earlier ones as text, "nonce/link nonce/link", and back; what is not such a text is none. */
void boots_text(const struct boots *boots, char out[BOOTS_TEXT]);
void boots_parse(struct boots *boots, const char *text);

#endif
