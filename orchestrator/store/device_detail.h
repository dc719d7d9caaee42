/* device_detail.h: what is known of one device beside its row: habits, boots, clock, certificate,
 * groups, and the heads of its logs. */
#ifndef WG_ORCHESTRATOR_STORE_DEVICE_DETAIL_H
#define WG_ORCHESTRATOR_STORE_DEVICE_DETAIL_H

#include "common/text.h"
#include "common/time.h"
#include "orchestrator/store/db.h"

struct device_detail {
    char groups[8192];      /* JSON: an array of names; "[]" */
    char age_recipient[64]; /* whom its encrypted artifacts are for; "" nobody */
    bool enrolled;          /* its signed record is there */
    wg_time settled_at;     /* last hello out of what it runs for good; 0: none */
    wg_time boot_at;        /* since when its present boot is heard */
    int64_t boot_run;       /* boots in a row, each within ten minutes of the one before */
    wg_time due_at;         /* away: by then it should be back; 0: it is here, or was never */
    int64_t absences;
    wg_duration usually_away;
    int64_t clock_off;        /* minutes that its clock is ahead */
    wg_time certificate_ends; /* 0: not known */
    wg_time updated_at;       /* when an update last succeeded; 0: none has */
    char revoked_why[WG_DETAIL_MAX + 1];
};
/* WG_E_NOT_FOUND. */
WG_MUST_CHECK bool device_detail_get(struct db *db, const char *id, struct device_detail *out,
                                     struct wg_error *err);

struct device_log_head {
    wg_time received, at; /* at: by the device's clock; 0: it has none */
    char campaign[WG_NAME_MAX + 1];
    int64_t attempt, bytes;
    char order[40], source[16];
    bool cut;
};
/* Newest first, at most limit; allocates. */
WG_MUST_CHECK bool device_log_heads(struct db *db, const char *device, size_t limit,
                                    struct device_log_head **out, size_t *count,
                                    struct wg_error *err);

#endif
