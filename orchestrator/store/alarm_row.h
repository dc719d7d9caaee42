/* alarm_row.h: what looks wrong with a device's identity, until somebody has looked at it. One open
 * alarm a device and kind. */
#ifndef WG_ORCHESTRATOR_STORE_ALARM_ROW_H
#define WG_ORCHESTRATOR_STORE_ALARM_ROW_H

#include "common/text.h"
#include "orchestrator/store/db.h"

enum alarm_kind {
    ALARM_CLONED, /* two have its identity */
    ALARM_CONNECT_STORM,
    ALARM_FLOOD,
    ALARM_REVOKED,    /* came with a revoked certificate */
    ALARM_ESCAPE,     /* tried what is not its own */
    ALARM_TAMPERED,   /* says so itself */
    ALARM_QUARANTINE, /* a person holds it back */
    ALARM_KINDS
};
const char *alarm_kind_text(enum alarm_kind kind); /* "connect-storm" */
WG_MUST_CHECK bool alarm_kind_parse(const char *text, enum alarm_kind *out);

#define ALARM_WHY_MAX 256

struct alarm { /* to raise */
    char device[WG_NAME_MAX + 1];
    enum alarm_kind kind;
    int64_t count;
    wg_time at;
    char why[ALARM_WHY_MAX];
};
/* At most one a device and kind. Devices that are not registered have none. In the caller's
 * transaction. */
WG_MUST_CHECK bool alarm_row_raise(struct db *db, const struct alarm *alarms, size_t count,
                                   struct wg_error *err);

struct alarm_row {
    char device[WG_NAME_MAX + 1];
    char kind[24];
    int64_t count;
    wg_time first_at, last_at;
    char why[ALARM_WHY_MAX];
    wg_time cleared_at; /* 0: open */
    char cleared_by[WG_NAME_MAX + 1];
    char cleared_why[WG_DETAIL_MAX + 1];
};
/* Open ones, or cleared ones too; device NULL: of all. Newest first, at most limit; allocates. */
WG_MUST_CHECK bool alarm_row_list(struct db *db, const char *device, bool cleared, size_t limit,
                                  struct alarm_row **out, size_t *count, struct wg_error *err);

struct alarm_clearing { /* borrowed */
    const char *device;
    const char *kind; /* NULL: all */
    const char *by, *why;
};
/* Ends the device's quarantine when none of the alarms that it was for is left; *kinds has a bit
 * for each kind that was open. In the caller's transaction. */
WG_MUST_CHECK bool alarm_row_clear(struct db *db, const struct alarm_clearing *clearing,
                                   wg_time now, unsigned *kinds, struct wg_error *err);

/* Which alarms put a device in quarantine, by policy. */
struct alarm_quarantine {
    bool cloned, tampered;
};
/* Puts devices with such an alarm in quarantine, and lets others out, each in a transaction of its
 * own. *any: some are in quarantine. */
WG_MUST_CHECK bool alarm_row_quarantine(struct db *db, const struct alarm_quarantine *policy,
                                        wg_time now, bool *any, struct wg_error *err);

#endif
