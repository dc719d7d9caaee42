/* trail.h: the last lines of the agent's log and of what payloads printed, in the state folder, so
 * that what a slot said that did not last can be read from the slot before it.
 *
 * Each source has two files that take turns: STATE/trail-SOURCE and what came before it,
 * STATE/trail-SOURCE.1; TRAIL_HALF bytes each, and one piece more. Nothing is synced line by line:
 * a power cut may cost the end. Thread-safe but for opening and closing. */
#ifndef WG_AGENT_POSIX_TRAIL_H
#define WG_AGENT_POSIX_TRAIL_H

#include "common/buf.h"
#include "common/message_log.h"

#include <limits.h>
#include <pthread.h>

#define TRAIL_HALF ((size_t)16384)
#define TRAIL_MAX (3 * TRAIL_HALF) /* bytes that a source may have kept */
#define TRAIL_SOURCES 2            /* WG_LOG_OF_AGENT, WG_LOG_OF_PAYLOAD */

struct trail_file {
    char path[PATH_MAX], older[PATH_MAX];
    int fd; /* -1: it cannot be written now */
    size_t size;
    bool mid_line; /* the last byte was no '\n' */
};

struct trail {
    pthread_mutex_t lock;
    struct trail_file files[TRAIL_SOURCES];
};

/* The state folder must be there. False only for a path that is too long: without its files the
 * agent works as well. */
WG_MUST_CHECK bool trail_open(struct trail *trail, const char *state, struct wg_error *err);
void trail_close(struct trail *trail);

void trail_add(struct trail *trail, enum wg_log_source source, const char *bytes, size_t len);
/* A line of its own. */
void trail_note(struct trail *trail, enum wg_log_source source, const char *line);
/* What was kept goes. */
void trail_forget(struct trail *trail, enum wg_log_source source);
void trail_sync(struct trail *trail); /* to the disk, now */
/* Appends what is kept; *cut: it may begin in the middle. Nothing when it cannot be read. */
void trail_read(struct trail *trail, enum wg_log_source source, struct wg_buf *out, bool *cut);

#endif
