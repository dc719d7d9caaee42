/* world_part.h: what the parts of the agent's world share. For agent/posix/world*.c only. */
#ifndef WG_AGENT_POSIX_WORLD_PART_H
#define WG_AGENT_POSIX_WORLD_PART_H

#include "agent/core/heart.h"
#include "agent/posix/fetch.h"
#include "agent/posix/hooks.h"
#include "agent/posix/identity.h"
#include "agent/posix/last_logs.h"
#include "agent/posix/metrics.h"
#include "agent/posix/pin_store.h"
#include "agent/posix/repository.h"
#include "agent/posix/runner.h"
#include "agent/posix/session.h"
#include "agent/posix/slot/backend.h"
#include "agent/posix/tamper.h"
#include "agent/posix/wall.h"
#include "agent/posix/watchdog.h"
#include "agent/posix/world.h"
#include "agent/posix/zones.h"

struct world {
    const struct settings *settings;
    char *const *argv;
    struct core *core;
    struct slot_backend *slots;
    struct slot_status slot; /* as it was at the start */
    struct fetch *fetch;
    struct runner runner;
    struct last_logs logs;
    bool logs_open;
    struct watchdog watchdog;
    struct heart heart;            /* whether it is fed */
    enum core_action_kind running; /* what the runner does */
    struct hooks hooks;            /* that are asked */
    struct hooks errors;           /* that are told of an error */
    enum core_action_kind asked;   /* what the hooks are asked for: hooks, boot or health check */
    struct core_hook check;        /* that runs */
    struct tamper tamper;
    struct wg_order order;         /* in hand: of the last fetch or install */
    struct slot_release release;   /* what it brings */
    struct repository *repository; /* NULL: none is set up */
    struct trust_policy *policy;   /* the core's, until the next; NULL: none yet */
    struct session *session;
    struct wall wall;
    struct identity identity; /* the pair of key and certificate, and its renewal */
    struct pin_store pins;    /* whom to believe, beside the roots */
    struct zones *zones;
    char zone[WG_ZONE_MAX + 1]; /* the own one, as it was told */
    struct metrics metrics;
    wg_time news_at; /* when to look at both again */
    char boot[WG_BOOT_MAX];
    int signals, lock;
    bool stop, reboot;
    bool failed; /* cannot go on; the reason is in err */
    struct wg_error err;
};

#define WORLD_CHECK_TIMEOUT (30 * WG_SECOND) /* of one boot or health check */

/* An event for the core, and its actions carried out. */
void world_tell(struct world *world, const struct core_event *event);
void world_tell_text(struct world *world, enum core_event_kind kind, const char *text);
void world_tell_fetch_failed(struct world *world, enum wg_cause cause, bool fatal,
                             const char *text);

/* world_work.c: behind a save that failed nothing may happen. */
void world_carry_out(struct world *world, const struct core_actions *actions);

/* What the update in hand brings, from now on. */
void world_take_order(struct world *world, const struct wg_order *order,
                      const struct core_release *release);

/* world_check.c: payload and hooks, and whose word counts. */
void world_install(struct world *world, const struct wg_order *order,
                   const struct core_release *release);
void world_check(struct world *world, const struct core_action *action);
void world_ask_hooks(struct world *world, const struct core_action *action);
void world_on_runner(struct world *world);
void world_on_hooks(struct world *world);

/* world_trust.c: the repository, the device's own certificate, and pins. */
WG_MUST_CHECK bool world_open_pins(struct world *world, struct wg_error *err);
WG_MUST_CHECK bool world_open_repository(struct world *world, struct wg_error *err);
void world_vouch(struct world *world, const struct core_action *action);
void world_on_repository(struct world *world);
WG_MUST_CHECK bool world_open_identity(struct world *world, struct wg_error *err);
void world_on_cert(struct world *world, const char *payload, size_t len);
/* What the renewal of the certificate wants now, and the question for newer pins; to be called in
 * every round. */
void world_renew(struct world *world);

#endif
