/* campaign_row.h: campaigns, waves, counters, transitions and approvals as they are stored. */
#ifndef WG_ORCHESTRATOR_STORE_CAMPAIGN_ROW_H
#define WG_ORCHESTRATOR_STORE_CAMPAIGN_ROW_H

#include "common/crypto.h"
#include "common/message.h"
#include "orchestrator/store/db.h"

#define CAMPAIGN_CAUSE_MAX 256
#define WAVE_ROWS_MAX 32
#define APPROVALS_MAX 16            /* of one gate; the newest */
#define APPROVAL_START ((size_t)-1) /* in place of a wave: for the start of the campaign */

/* States are kept as text here: their tables are the engine's. */
struct wave_row {
    char name[WG_NAME_MAX + 1];
    char state[24];
    wg_time state_at;
    char cause[CAMPAIGN_CAUSE_MAX];
    int64_t members;
    wg_time last_finish;
    int64_t count[WG_STATES];
    int64_t faults; /* in a final state with a fault as cause */
    int64_t fault_class[WG_CAUSES];
    size_t approval_count;              /* checked and valid */
    wg_time approved_at[APPROVALS_MAX]; /* newest first */
    char manual[16];                    /* "" "advance" "hold" */
    char manual_words[CAMPAIGN_CAUSE_MAX];
    char hook[16]; /* "" "running" "pass" "hold" "fail" */
    char hook_words[CAMPAIGN_CAUSE_MAX];
    wg_time hook_at;
    int64_t worse, better, tie; /* pairs of the health gate */
};

struct campaign_row {
    int64_t id;
    char name[WG_NAME_MAX + 1];
    char digest[WG_SHA256_HEX];
    char component[WG_NAME_MAX + 1];
    char version[WG_VERSION_MAX + 1];
    char state[24];
    wg_time state_at;
    char cause[CAMPAIGN_CAUSE_MAX];
    char author[WG_NAME_MAX + 1];
    int64_t members;
    wg_time created_at;
    int64_t revision, priority;
    bool continuous;
    char waits_for[CAMPAIGN_CAUSE_MAX]; /* campaigns that must finish first and have not; "" none */
    bool held;                          /* nobody may switch over */
    char stop[16];                      /* how it stops: "" "abort" "finish-started" "rollback" */
    wg_time started_at;
    bool emergency;
    char rolls_back[WG_NAME_MAX + 1]; /* the campaign whose devices it sends back; "" none */
    bool source_runs;                 /* and that one may still leave updated devices */
    bool rollback_made;               /* a campaign sends its devices back */
    int64_t approved_revision;        /* the last that began with the approvals it asks for */
    int64_t ready;                    /* devices that wait for the word to switch over */
    size_t approval_count;            /* for its start */
    wg_time approved_at[APPROVALS_MAX];
    size_t wave_count;
    struct wave_row waves[WAVE_ROWS_MAX];
};

struct campaign_new { /* everything borrowed */
    const char *name, *digest, *text, *canonical, *component, *version, *seed;
    const char *state, *author, *statement, *author_chain;
    int64_t retry_attempts;
    wg_duration retry_backoff;
    int64_t priority;
    bool continuous;
    const char *after;      /* PostgreSQL array text */
    const char *supersedes; /* the same */
    bool emergency;
    int64_t rolls_back; /* id; 0 none */
    const char *rollback_version;
    size_t wave_count;
    const char *wave_names[WAVE_ROWS_MAX];
};

/* With waves and counters, one round trip each. WG_E_NOT_FOUND names the campaign. */
WG_MUST_CHECK bool campaign_row_get(struct db *db, const char *name, struct campaign_row *out,
                                    struct wg_error *err);
/* The same, and holds the row's lock until the transaction ends; *out_found false when it is locked
 * by another orchestrator or gone (skip locked). By id. */
WG_MUST_CHECK bool campaign_row_lock(struct db *db, int64_t id, bool *found,
                                     struct campaign_row *out, struct wg_error *err);
/* Which of these campaigns (PostgreSQL array text) waits, by whatever way, for the named one to
 * finish; "" none does. */
WG_MUST_CHECK bool campaign_row_waits(struct db *db, const char *name, const char *others,
                                      char which[WG_NAME_MAX + 1], struct wg_error *err);
/* Waits for the row's lock and holds it until the transaction ends; no such name: nothing happens.
 */
WG_MUST_CHECK bool campaign_row_hold(struct db *db, const char *name, struct wg_error *err);
WG_MUST_CHECK bool campaign_row_canonical(struct db *db, int64_t id, char **out_owned,
                                          struct wg_error *err);
struct campaign_author {
    char name[WG_NAME_MAX + 1];
    char statement[4096 + 1];
    char chain[8192 + 1];
};
WG_MUST_CHECK bool campaign_row_author(struct db *db, int64_t id, struct campaign_author *out,
                                       struct wg_error *err);
/* Ids of campaigns that the engine must look at, neither drafts nor ended: who goes first, first.
 */
WG_MUST_CHECK bool campaign_row_active(struct db *db, int64_t *ids, size_t max, size_t *count,
                                       struct wg_error *err);
/* Names, newest first. Allocates *out (free it). */
WG_MUST_CHECK bool campaign_row_list(struct db *db, struct campaign_row **out, size_t *count,
                                     struct wg_error *err); /* without waves */

/* The campaign that sends this one's devices back; "" there is none. */
WG_MUST_CHECK bool campaign_row_rolled_back_by(struct db *db, int64_t id, char out[WG_NAME_MAX + 1],
                                               struct wg_error *err);

struct campaign_move {
    const char *from, *to;
    const char *cause; /* "": that of before stays */
    const char *actor;
    bool held;
    const char *stop; /* with to "stopping"; else not looked at */
};
/* State changes write a transition row. WG_E_CONFLICT when the state is no longer from. */
WG_MUST_CHECK bool campaign_row_move(struct db *db, int64_t id, const struct campaign_move *move,
                                     wg_time now, struct wg_error *err);
/* What a person did to the gate of a wave: "advance", "hold" or "" (released); a transition row
 * tells it too. */
WG_MUST_CHECK bool wave_row_set_manual(struct db *db, int64_t campaign, size_t wave,
                                       const char *state, const char *manual, const char *words,
                                       const char *actor, wg_time now, struct wg_error *err);
WG_MUST_CHECK bool wave_row_set_state(struct db *db, int64_t campaign, size_t wave,
                                      const char *from, const char *to, const char *cause,
                                      const char *actor, wg_time now, struct wg_error *err);

struct approval_row {
    int64_t campaign;
    size_t wave;
    char campaign_name[WG_NAME_MAX + 1], wave_name[WG_NAME_MAX + 1];
    char author[WG_NAME_MAX + 1];
    char digest[WG_SHA256_HEX]; /* the campaign's now */
    char operator_name[WG_NAME_MAX + 1], role[WG_NAME_MAX + 1];
    char statement[4096 + 1];
    char chain[8192 + 1];
};
/* WG_E_CONFLICT when this operator has approved this wave already and that has not expired (expires
 * 0: it never does). Notifies. */
WG_MUST_CHECK bool approval_row_add(struct db *db, const struct approval_row *row,
                                    wg_duration expires, wg_time now, struct wg_error *err);
/* Approvals nobody has judged yet; allocates *out. */
WG_MUST_CHECK bool approval_row_unchecked(struct db *db, struct approval_row **out, size_t *count,
                                          struct wg_error *err);
WG_MUST_CHECK bool approval_row_judge(struct db *db, const struct approval_row *row, bool valid,
                                      const char *refusal, struct wg_error *err);

#define APPROVAL_REFUSAL_MAX 512
enum approval_verdict { APPROVAL_UNJUDGED, APPROVAL_VALID, APPROVAL_REFUSED };
WG_MUST_CHECK bool approval_row_verdict(struct db *db, const struct approval_row *row,
                                        enum approval_verdict *verdict,
                                        char refusal[APPROVAL_REFUSAL_MAX], struct wg_error *err);

/* Who has approved what of the revision that stands, with a statement that was judged and holds;
 * expired ones too. Allocates *out. */
struct approval_name {
    int64_t wave; /* -1: the start */
    char operator_name[WG_NAME_MAX + 1];
    wg_time at;
};
WG_MUST_CHECK bool approval_names(struct db *db, int64_t campaign, struct approval_name **out,
                                  size_t *count, struct wg_error *err);

WG_MUST_CHECK bool store_notify(struct db *db, struct wg_error *err); /* on DB_CHANNEL */

#endif
