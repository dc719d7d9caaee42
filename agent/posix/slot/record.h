/* record.h: what lies in a slot, and how far a write to one has come, as small JSON files. */
#ifndef WG_AGENT_POSIX_SLOT_RECORD_H
#define WG_AGENT_POSIX_SLOT_RECORD_H

#include "agent/posix/slot/backend.h"

/* False: there is none that can be believed. */
bool record_load(const char *path, struct slot_release *out);
/* Atomic and durable. */
WG_MUST_CHECK bool record_save(const char *path, const struct slot_release *release,
                               struct wg_error *err);

struct progress {
    struct slot_release release;
    char slot[2];
    int64_t done; /* bytes that are durable, 0..length */
};

bool progress_load(const char *path, struct progress *out); /* as record_load() */
WG_MUST_CHECK bool progress_save(const char *path, const struct progress *progress,
                                 struct wg_error *err);
/* That it is what the running slot holds. */
void record_tell(const struct slot_release *release, struct slot_status *status);
/* One release as JSON: for files that hold several. record_read(): false when it is none that can
 * be believed. record_pack(): NULL when memory runs out. */
bool record_read(const json_t *json, struct slot_release *out);
WG_MUST_CHECK json_t *record_pack(const struct slot_release *release);
/* A file that is not there is as good as removed; durable. */
WG_MUST_CHECK bool record_remove(const char *path, struct wg_error *err);

#endif
