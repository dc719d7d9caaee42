/* world_part.h: what the parts of the agent's world share. For agent/posix/world*.c only. */
#ifndef WG_AGENT_POSIX_WORLD_PART_H
#define WG_AGENT_POSIX_WORLD_PART_H

#include "agent/core/heart.h"
#include "agent/posix/fetch.h"
#include "agent/posix/hooks.h"
#include "agent/posix/identity.h"
#include "agent/posix/last_logs.h"
#include "agent/posix/members.h"
#include "agent/posix/metrics.h"
#include "agent/posix/pin_store.h"
#include "agent/posix/repository.h"
#include "agent/posix/runner.h"
#include "agent/posix/session.h"
#include "agent/posix/slot/worker.h"
#include "agent/posix/storage.h"
#include "agent/posix/tamper.h"
#include "agent/posix/wall.h"
#include "agent/posix/watchdog.h"
#include "agent/posix/world.h"
#include "agent/posix/zones.h"

struct world {
    const struct settings *settings;
    char *const *argv;
    struct core *core;
    struct core_start start; /* as the core was told */
    struct storage storage;  /* of the core's memory */
    int64_t link;            /* of the last connection */
    struct slot_backend *slots;
    struct slot_status slot; /* as it was at the start; trial: until it was confirmed */
    struct worker *worker;   /* all that is done with the slots, but for the download */
    struct fetch *fetch;
    struct core_release offered; /* of the last fetch */
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
    struct members members;        /* what it brings */
    size_t member;                 /* that is installed now */
    size_t asked_of;               /* whose payload is, of the components that run */
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
    wg_time well_at; /* when what runs counts as well, unless it is on trial; 0: it was said */
    int signals, lock;
    char boot[WG_BOOT_MAX];
    int stop_fd; /* an eventfd that ends programs of the slots */
    bool stop, reboot, online;
    bool ended;                     /* the keys are erased, and that was heard, or cannot be */
    bool fetch_waits, reboot_waits; /* until nothing else is done with the slots */
    bool answers;            /* the payload of the running slot is a program, when last seen */
    bool failed;             /* cannot go on; the reason is in err */
    struct world_once *once; /* the caller's; NULL: the agent runs until it is told to end */
    struct wg_error err;
};

#define WORLD_CHECK_TIMEOUT (30 * WG_SECOND) /* of one boot or health check */

/* An event for the core, and its actions carried out. */
void world_tell(struct world *world, const struct core_event *event);
void world_tell_text(struct world *world, enum core_event_kind kind, const char *text);
void world_tell_fetch_failed(struct world *world, enum wg_cause cause, bool fatal,
                             const char *text);

/* world_work.c. False: what was to be saved could not be, and nothing was done. */
WG_MUST_CHECK bool world_carry_out(struct world *world, const struct core_actions *actions,
                                   struct wg_error *err);

/* world_storage.c: what could not be saved. */
void world_unsaved(struct world *world, const struct core_event *event, const struct wg_error *why);
/* Tries again when it is time; to be called in every round. */
void world_on_signal(struct world *world, unsigned number); /* world_reload.c */
void world_try_storage(struct world *world);

/* What the update in hand brings, from now on. */
void world_take_order(struct world *world, const struct wg_order *order,
                      const struct core_release *release);

/* world_slots.c: the verbs of the slots, and the download into them: never at the same time. */
/* Probes, and waits for it: false also when the agent is to stop (WG_E_INTERRUPTED). */
WG_MUST_CHECK bool world_open_slots(struct world *world, struct wg_error *err);
void world_close_slots(struct world *world);
void world_slots_do(struct world *world, enum worker_kind kind, bool idle);
void world_fetch(struct world *world, const struct wg_order *order,
                 const struct core_release *release);
void world_cancel_slots(struct world *world);
/* A trial that has failed is reverted first. Where nothing boots the agent alone starts anew. */
void world_reboot(struct world *world);
void world_on_slots(struct world *world);
/* After the start: what runs is well when it has run for a while. */
void world_expect_well(struct world *world);
wg_time world_well_wake(const struct world *world); /* 0: not now */
void world_look_well(struct world *world);          /* in every round */
/* The attribute that says why this slot was started instead of the default. */
void world_add_fallback(const struct world *world, struct wg_hello *hello);
/* Feeds the watchdog while the heart beats, and says whether it does. */
bool world_beat(struct world *world);

/* world_check.c: payload and hooks, and whose word counts. */
void world_on_program(struct world *world, const struct worker_end *end);
void world_install(struct world *world, const struct wg_order *order,
                   const struct core_release *release);
void world_installed(struct world *world); /* one member, so the next */
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
/* world_restart.c: by that program; "": world_again(). Returns when that failed. */
bool world_restart(const char *program, char *const argv[], struct wg_error *err);

/* world_once.c: is the device through? To be called in every round. */
void world_once_look(struct world *world);
/* What the health check that it asked for says. */
void world_once_checked(struct world *world, bool well, const char *text);
/* What there is to be said of the device, when the loop has ended. */
void world_once_close(struct world *world);

#endif
