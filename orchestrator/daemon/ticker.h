/* ticker.h: one look of the engine at every campaign under way, and its actions carried out, each
 * campaign in a transaction of its own that holds the campaign's row and lease: several
 * orchestrators may run at once, each campaign is ticked by one of them; another takes it over when
 * its lease has run out. */
#ifndef WG_ORCHESTRATOR_DAEMON_TICKER_H
#define WG_ORCHESTRATOR_DAEMON_TICKER_H

#include "orchestrator/config/settings.h"
#include "orchestrator/daemon/policies.h"
#include "orchestrator/store/place.h"

#define TICKER_LEASE (5 * WG_SECOND) /* at least; three ticks when those are longer */
#define TICKER_TOLD_MAX 500
#define TICKER_ISSUED_MAX 500

/* How gates' hooks are asked. Keys name campaign, revision, wave and lease. */
struct ticker_question { /* borrowed */
    const struct policy_hook *hook;
    const char *campaign, *wave, *release;
    const char *json;
    size_t len;
};
struct ticker_hooks {
    bool (*start)(void *ctx, const char *key, const struct ticker_question *question, wg_time now,
                  struct wg_error *err);
    bool (*running)(void *ctx, const char *key);
    void *ctx;
};
#define TICKER_KEY_MAX 128
/* Reads a key back. */
WG_MUST_CHECK bool ticker_key_parse(const char *key, int64_t *campaign, size_t *wave,
                                    int64_t *token);

struct ticker {
    struct db *db; /* borrowed, as all here */
    struct policies *policies;
    const struct settings *settings;
    const struct ticker_hooks *hooks; /* NULL: hooks are never answered */
    bool quick;         /* a look between two ordinary ones: for what has moved, not for all that is
                           under way */
    const char *holder; /* of leases: this process, among all there are */
    bool issues;        /* the caller can send orders now: the result may have some */
};

struct ticker_result {
    wg_time wake;      /* when time alone changes something; 0: nothing does */
    bool orders;       /* orders may have become due */
    bool quarantine;   /* some devices are in quarantine */
    bool questions;    /* some devices have asked what there is for them */
    size_t told_count; /* devices that may switch over without having asked again: tell them */
    char told[TICKER_TOLD_MAX][WG_NAME_MAX + 1];
    struct order_lot issued; /* the orders of one claim, at most TICKER_ISSUED_MAX; the caller's to
                                send and to clear. The others are dispatch_fresh()'s */
};

WG_MUST_CHECK bool ticker_run(const struct ticker *ticker, wg_time now, struct ticker_result *out,
                              struct wg_error *err);

#endif
