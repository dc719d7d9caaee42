/* intake_batch.h: a batch on its way through one transaction. Internal to the room. */
#ifndef WG_ORCHESTRATOR_STORE_INTAKE_BATCH_H
#define WG_ORCHESTRATOR_STORE_INTAKE_BATCH_H

#include "orchestrator/store/alarm_row.h"
#include "orchestrator/store/boots.h"
#include "orchestrator/store/intake.h"
#include "orchestrator/store/params.h"
#include "orchestrator/store/place_move.h"

/* What is known of a report while it is judged. */
struct judged {
    const struct intake_item *item;
    struct speaker *speaker;
    size_t next;        /* the one before it of the same device */
    bool known;         /* stored before, or twice in this batch */
    const char *remark; /* "" when it moved the device */
};

/* A place that reports of this batch are about. */
struct held_place {
    char order[WG_ORDER_ID_MAX]; /* found by this order; several orders may lead to one place */
    struct intake_place now;     /* as the reports so far have left it */
    struct place_move move;      /* from is as stored */
    bool moved, progressed, finished;
    size_t same_as; /* index of the entry that stands for the place */
    size_t next;    /* the one before it of the same device */
};

/* A device as it was stored before the batch. */
struct known_device {
    char id[WG_NAME_MAX + 1], boot[WG_BOOT_MAX];
    int64_t link; /* number of its last connection in this boot; 0: not told */
    bool online;
    bool quarantined;
    int64_t hello_seq; /* of its last hello: the reports up to there it had written before */
    int64_t clock_off; /* minutes */
    char journal[WG_JOURNAL_MAX];
    char broker[WG_NAME_MAX + 1]; /* by which it said hello */
    int64_t report_seq;           /* acknowledged in it */
    int64_t report_most;          /* the greatest number stored in it; -1: not known */
    int64_t run;                  /* up to here no number is missing, as far as this batch tells */
    int64_t most;                 /* the greatest with this batch */
    bool said_hello;              /* in this batch */
    struct boots boots;
};

#define INTAKE_NONE SIZE_MAX /* the end of a chain of indices */

struct speaker {
    const char *device, *broker; /* borrowed; by which it spoke last, NULL: not told */
    bool spoke;                  /* itself: a Last Will is the broker's word */
    bool hello;
    const struct known_device *known; /* NULL: it is new */
    size_t judged, places;            /* the last of each; INTAKE_NONE: none */
};

struct batch_work {
    struct db *db;
    const struct intake_item *items;
    size_t count;
    intake_decide_fn decide;
    void *ctx;
    wg_time now;
    struct intake_result *out;
    struct speaker speakers[INTAKE_BATCH_MAX]; /* each device once, sorted */
    size_t speaker_count;
    struct known_device known[INTAKE_BATCH_MAX]; /* sorted by id */
    size_t known_count;
    struct judged judged[INTAKE_BATCH_MAX];
    size_t judged_count;
    struct held_place places[INTAKE_BATCH_MAX];
    size_t place_count;
    char changed[INTAKE_BATCH_MAX][WG_NAME_MAX + 1]; /* devices whose software is not what it was */
    size_t changed_count;
    struct alarm alarms[INTAKE_BATCH_MAX];
    size_t alarm_count;
};

/* The steps, in order. */
WG_MUST_CHECK bool intake_hellos(struct batch_work *work, struct wg_error *err);
WG_MUST_CHECK bool intake_reports(struct batch_work *work, struct wg_error *err);
/* Orders that devices had in an earlier boot, or at another broker, are to be sent again. Last of
 * the locks. */
WG_MUST_CHECK bool intake_new_sessions(struct batch_work *work, struct wg_error *err);
/* Devices that run already what they wait for. */
WG_MUST_CHECK bool intake_satisfied(struct batch_work *work, struct wg_error *err);
WG_MUST_CHECK bool intake_rejected(struct batch_work *work, struct wg_error *err);

/* How far clocks are off, by reports that were not kept waiting. */
WG_MUST_CHECK bool intake_clocks(struct batch_work *work, struct wg_error *err);

/* How far each device's numbers go. */
WG_MUST_CHECK bool intake_runs(struct batch_work *work, struct wg_error *err);

/* Raised when the batch is through. At most one a message. */
void intake_alarm(struct batch_work *work, const struct alarm *alarm);
void intake_cloned(struct batch_work *work, const struct intake_item *item, const char *why);
/* The device says so in its hello. */
void intake_tampered(struct batch_work *work, const struct intake_item *item);
/* The guard's events, and all that was found on the way. */
WG_MUST_CHECK bool intake_alarms(struct batch_work *work, struct wg_error *err);

/* NULL: none of the batch is of that device. */
struct speaker *intake_speaker(struct batch_work *work, const char *device);
/* As it was stored before the batch; NULL: it is new. */
const struct known_device *intake_known(const struct batch_work *work, const char *device);

/* Component, version, and its key in each scheme that has an order: so many columns. */
#define INTAKE_COMPONENT_COLUMNS 5
void intake_add_component(struct param_array *columns, const struct wg_component *component);

#endif
