/* intake.h: what devices said, committed as one batch in one transaction, in order of arrival. */
#ifndef WG_ORCHESTRATOR_STORE_INTAKE_H
#define WG_ORCHESTRATOR_STORE_INTAKE_H

#include "common/message.h"
#include "common/message_guard.h"
#include "orchestrator/store/db.h"

#define INTAKE_BATCH_MAX 500
#define REJECTED_BYTES_MAX 1024

enum intake_kind { INTAKE_HELLO, INTAKE_REPORT, INTAKE_GUARD, INTAKE_REJECTED };

struct intake_item {
    enum intake_kind kind;
    char device[WG_NAME_MAX + 1]; /* from the topic, so from the certificate; "" of the guard */
    const char *broker; /* borrowed: the name of the one that it came by; NULL: not told */
    wg_time received;
    union {
        struct wg_hello hello;
        struct wg_report report;
        struct wg_guard_event guard;
        struct {
            char topic[WG_TOPIC_MAX];
            char reason[256];
            size_t length; /* of the message */
            size_t kept;
            unsigned char bytes[REJECTED_BYTES_MAX];
        } rejected;
    } as;
};

/* A place as it stands when a report meets it, and what becomes of it. The decision is the
 * engine's; link hands it in, so that this room depends on none of its neighbours. */
struct intake_place {
    bool found; /* false: the device has no place with this order or campaign */
    int64_t campaign;
    char digest[WG_SHA256_HEX]; /* of the campaign's revision */
    enum wg_state state;
    enum wg_cause cause;
    int64_t attempt, spent;
    char order[WG_ORDER_ID_MAX];
    bool held;     /* nobody of the campaign may switch over now */
    bool recalled; /* a withdrawal was made for the order */
    /* Number of the report by which it asked to switch over; 0: it did not, or nothing in the batch
     * is of before (wg_state_is_before_switch). */
    int64_t asked;
};
struct intake_change {
    bool moves;
    enum wg_state state;
    enum wg_cause cause;
    bool spends;        /* an attempt */
    bool ready;         /* it waits for the word to switch over */
    wg_time retry_at;   /* 0: none */
    const char *remark; /* static; when it does not move, or not as the report says; else NULL */
};
typedef void (*intake_decide_fn)(void *ctx, const struct intake_place *place,
                                 const struct wg_report *report, wg_time now,
                                 struct intake_change *out);

/* What to tell a device after the commit; one for each device that said something, at most. */
struct intake_answer {
    char device[WG_NAME_MAX + 1];
    char journal[WG_JOURNAL_MAX];
    int64_t seq;                 /* acknowledge up to here */
    char order[WG_ORDER_ID_MAX]; /* that is wanted of the device; "" none */
    bool go;                     /* it may switch over */
    bool hello;                  /* it came (back) online: look for its order */
    int64_t link;                /* with boot: of its last hello */
    char boot[WG_BOOT_MAX];
    char broker[WG_NAME_MAX + 1]; /* where the device listens; "": perhaps at any */
    int64_t answer;               /* to its question of that number; 0: to none */
    enum wg_next next;
};

struct intake_result {
    size_t answer_count;
    struct intake_answer answers[INTAKE_BATCH_MAX];
    int64_t moved, remarks, rejected, progress;
    int64_t alarms;    /* raised, or raised again */
    int64_t questions; /* what there is for the device: answered when all campaigns have looked */
};

/* The same for devices whose places moved without a word of theirs; answers are filled from the
 * front. At most INTAKE_BATCH_MAX devices. */
WG_MUST_CHECK bool intake_tell(struct db *db, const char *const *devices, size_t count,
                               struct intake_result *out, struct wg_error *err);

/* Commits the whole batch or nothing. Unknown devices are registered by their first hello; a report
 * from a device that never said hello is kept with a remark. A report (device, journal, seq) that
 * is there already changes nothing and is acknowledged. The acknowledged number is the highest up
 * to which no report of the journal is missing. Reports of seq 0 only refresh bytes and bytes_total
 * of a place in state downloading. A new journal id starts again at 0. online:false of a boot that
 * is not the current one is ignored (an old Last Will that comes late). A hello or report of a
 * device moves seen_at. On a succeeded report the versions replace the device's. Two boots that
 * take turns, a report that comes again with other content, and what the guard tells raise alarms.
 */
WG_MUST_CHECK bool intake_commit(struct db *db, const struct intake_item *items, size_t count,
                                 intake_decide_fn decide, void *ctx, wg_time now,
                                 struct intake_result *out, struct wg_error *err);

#endif
