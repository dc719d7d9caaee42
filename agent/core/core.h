/* core.h: the update state machine of one device. Pure: events and the time go in, actions come
 * out. It opens no socket, reads no clock, starts no thread; the same code runs on a device, in the
 * fleet simulator and under fault injection.
 *
 * What must survive a power cut (order in hand, phase, order counter, reports not yet acknowledged)
 * is the core's memory. CORE_DO_SAVE asks the world to make it durable; the world carries out
 * actions in order, and an action behind a save happens only when the save is on disk. After a
 * restart the world loads the memory, finds out which slot runs, and says CORE_EV_START; the core
 * goes on from there. */
#ifndef WG_AGENT_CORE_CORE_H
#define WG_AGENT_CORE_CORE_H

#include "agent/core/hook.h"
#include "common/message.h"
#include "common/trust/release_set.h"
#include "common/trust/trust_policy.h"

#define CORE_DIRECTORS_MAX 4
#define CORE_PENDING_MAX 64          /* reports not yet acknowledged */
#define CORE_PENDING_SHED 48         /* with more of them a new order is refused as shed */
#define CORE_ACTIONS_MAX 96          /* of one event; pending reports plus the rest */
#define CORE_MEMORY_MAX 458752       /* bytes of the dumped memory: CORE_PENDING_MAX long reports */
#define CORE_RESEND (30 * WG_SECOND) /* usual core_config.resend */
#define CORE_PROGRESS_EVERY (5 * WG_SECOND)
#define CORE_CLOCK_SKEW (5 * WG_MINUTE) /* tolerated between orchestrator and device */

struct core_config {
    char device[WG_NAME_MAX + 1];
    struct wg_hello identity; /* hardware, region, position, attributes, agent version; zone: until
                                 CORE_EV_ZONE names another; the rest is filled by the core */
    size_t director_count;
    struct wg_identity_public directors[CORE_DIRECTORS_MAX];
    bool hooks;               /* the device's own programs are asked (CORE_DO_HOOKS) */
    bool asks;                /* an idle device asks what there is for it (once.h) */
    bool vouch;               /* orders need a warrant, and a release that the repository knows */
    wg_duration soak;         /* how long health must hold in probation */
    wg_duration health_every; /* between health checks in probation */
    wg_duration resend;       /* reports not acknowledged are sent again after this; 1.. */
    /* The time zone of that name, "" for the device's own as it is now; borrowed until the core is
     * called again. NULL, also as the function: not known, and then an order whose window is in it
     * is put off. */
    const struct wg_tz *(*tz)(void *ctx, const char *zone);
    void *tz_ctx;
};

enum core_event_kind {
    CORE_EV_START,
    CORE_EV_CONNECTED, /* and subscribed to its own down topics */
    CORE_EV_LOST,
    CORE_EV_ORDER,    /* bytes, len */
    CORE_EV_ACK,      /* bytes, len */
    CORE_EV_PROGRESS, /* done, total: bytes of the forms that are fetched, of all members */
    CORE_EV_FETCHED,  /* text: in which form it came; the whole artifact of every member is durable
                         in its idle slot and its hash is right */
    CORE_EV_FETCH_FAILED, /* cause download, verify or timeout; text; fatal: do not try again;
                             refused: each of the order's URLs was turned down */
    CORE_EV_FETCH_LATER,  /* it could not go on now; what came stays; text, delay */
    CORE_EV_INSTALLED,    /* the idle slot is complete and durable */
    CORE_EV_INSTALL_FAILED,
    CORE_EV_ACTIVATED, /* boot-once marker durable */
    CORE_EV_ACTIVATE_FAILED,
    CORE_EV_SLOTS_LATER, /* neither could be done now; text, delay */
    CORE_EV_BOOTED,      /* the payload's own boot check said yes, in a trial boot */
    CORE_EV_BOOT_FAILED, /* it said no, or did not answer */
    CORE_EV_HEALTHY,
    CORE_EV_UNHEALTHY,    /* text */
    CORE_EV_HEALTH_LATER, /* it cannot be said now; text, delay */
    CORE_EV_COMMITTED,    /* running slot is now the default */
    CORE_EV_COMMIT_FAILED,
    CORE_EV_HOOKS_GO,     /* all hooks of the moment that was asked for have said go */
    CORE_EV_HOOKS_FAILED, /* one said no, or did not answer; text */
    CORE_EV_HOOKS_LATER,  /* one said: not now; text, delay */
    CORE_EV_ERASED,       /* the keys are gone, durably */
    CORE_EV_ERASE_FAILED, /* text; not all of them */
    CORE_EV_TAMPERED,     /* text: what of the device was tampered with, from now on; "" nothing */
    CORE_EV_METRICS,      /* metrics, metric_count: how the device does, from now on */
    CORE_EV_ZONE,         /* text: name of the device's own time zone from now on; "" not known */
    CORE_EV_POLICY,       /* policy: that the repository's metadata bring, from now on */
    CORE_EV_VOUCHED,   /* bytes, len: an order, as CORE_DO_VOUCH gave it; facts: what the repository
                          says of its release, NULL: there is none of that name; companions */
    CORE_EV_UNVOUCHED, /* bytes, len: an order; text: why nothing can be said of it now */
    CORE_EV_STORAGE,   /* text: what keeps the memory from being saved, from now on, in a word;
                          "" nothing */
    CORE_EV_TICK       /* the time core_wake() named has come */
};

struct core_start {
    char boot[WG_BOOT_MAX];       /* fresh nonce of this process */
    char journal[WG_JOURNAL_MAX]; /* fresh random id; used only when the memory is new */
    char slot[WG_NAME_MAX + 1];   /* running */
    bool trial;                   /* running because of the boot-once marker, not committed */
    bool keyed;                   /* key and certificate are there: after an erasure, others */
    bool marked; /* the marker stands: the agent came back, the reboot that it is for did not */
    size_t component_count; /* of the running slot */
    struct wg_component components[WG_COMPONENTS_MAX];
};

struct core_event {
    enum core_event_kind kind;
    const char *bytes; /* borrowed */
    size_t len;
    const struct core_start *start; /* CORE_EV_START */
    enum wg_cause cause;
    bool fatal, refused;
    wg_duration delay; /* later: when to ask again, as the hook suggests; 0: it does not say */
    const char *text;  /* borrowed; NULL for none */
    int64_t done, total;
    int64_t link; /* CORE_EV_CONNECTED: number of the connection since the start; 0: not counted */
    wg_time certificate_ends; /* CORE_EV_CONNECTED: of the one that it showed; 0: not known */
    const struct trust_policy *policy; /* borrowed until the next one, or the core's end */
    const struct release_facts *facts; /* borrowed */
    /* What it says of facts' companions, as many and in that order; component "": there is none of
     * that name. Borrowed; NULL where facts has none. */
    const struct release_facts *companions;
    wg_time issued; /* vouched: it is this late at least, as the repository says; 0: not told */
    const struct wg_metric *metrics; /* borrowed */
    size_t metric_count;
};

enum core_action_kind {
    CORE_DO_SAVE,     /* make core_dump() durable, now */
    CORE_DO_PUBLISH,  /* topic, payload; lost if offline: the core sends again by itself */
    CORE_DO_VOUCH,    /* refresh the repository's metadata; a policy that is new is told first; then
                         CORE_EV_VOUCHED or CORE_EV_UNVOUCHED with payload, an order. Without payload
                         the policy alone is wanted */
    CORE_DO_FETCH,    /* start or resume the artifacts of all members into their idle slots; a
                         boot-once marker that is still set goes first */
    CORE_DO_CANCEL,   /* stop fetch, install, check or hooks that run; no event follows for it.
                         Hooks that are told of an error go on */
    CORE_DO_INSTALL,  /* run the install step of every member in its idle slot, in sequence */
    CORE_DO_ACTIVATE, /* idle slots boot once, in sequence; so for all that follow */
    CORE_DO_REBOOT,
    CORE_DO_BOOT_CHECK,   /* hook: what its hooks are asked */
    CORE_DO_HEALTH_CHECK, /* the same */
    CORE_DO_HOOKS,        /* ask the hooks of hook, or tell those of its moment error: no event
                             follows for them, and nothing waits */
    CORE_DO_COMMIT,
    CORE_DO_DISCARD, /* idle slot's half-made content may go; a boot-once marker must */
    CORE_DO_ERASE,   /* destroy all that the device is known by, and what opens artifacts for it:
                        keys, certificates, in files and tokens. Again as often as it is asked for */
    CORE_DO_END,     /* the agent ends, and is not to be started again before it has new keys */
    CORE_DO_LOG      /* text, for the device's log */
};

/* Another file that becomes what gets installed, as the repository vouches for it. Where it is, the
 * order's form with the same hash says. */
struct core_form {
    size_t member;              /* whose, as in the order */
    char sha256[WG_SHA256_HEX]; /* as it is fetched */
    int64_t length;
    bool is_age;
    int64_t packed_length;    /* zstd frames, after decryption */
    char from[WG_SHA256_HEX]; /* it is a patch over content with this hash; "": it is none */
    int64_t from_length;
};

/* What the order's companion of the same number brings. */
struct core_companion {
    char sha256[WG_SHA256_HEX]; /* all as the release's own */
    int64_t length;
    int64_t security;
};

/* What the order in hand brings, as the repository vouches for it; without core_config.vouch as the
 * order says. */
struct core_release {
    char sha256[WG_SHA256_HEX]; /* of what gets installed, after decryption */
    int64_t length;
    int64_t security;       /* version; 0: nothing is said */
    size_t companion_count; /* the order's */
    struct core_companion companions[WG_COMPANIONS_MAX];
    /* Members as they are installed, the first one first: 0 the release itself, i companions[i -
     * 1]; companion_count + 1 of them. */
    size_t sequence[RELEASE_SET_MAX];
    size_t form_count;
    struct core_form forms[WG_FORMS_MAX];
};

/* What that member alone brings, 0..companion_count, with its forms; goes with wg_order_member().
 * out is not the release. */
void core_release_member(const struct core_release *release, size_t member,
                         struct core_release *out);

struct core_action {
    enum core_action_kind kind;
    enum wg_topic topic; /* publish */
    char *payload;       /* publish, vouch; owned by the list */
    size_t len;
    const struct wg_order *order; /* fetch, install; borrowed from the core until the next event */
    const struct core_release *release; /* fetch; the same */
    struct core_hook hook;              /* hooks, boot check, health check */
    char text[256];
};

struct core_actions {
    size_t count;
    struct core_action items[CORE_ACTIONS_MAX];
};

struct core;

struct core *core_new(const struct core_config *config, struct wg_error *err);
void core_free(struct core *core);

/* Memory of an earlier life; before CORE_EV_START. All or nothing: WG_E_BAD_INPUT leaves it new. */
WG_MUST_CHECK bool core_load(struct core *core, const char *bytes, size_t len,
                             struct wg_error *err);
WG_MUST_CHECK bool core_dump(const struct core *core, struct wg_buf *out, struct wg_error *err);

/* now: monotonic milliseconds (may restart at any value after a reboot); wall: the device's clock,
 * 0 if it has none it trusts. out is overwritten; core_actions_clear() afterwards. False only when
 * memory runs out (WG_E_MEMORY; the event may be handed in again) or the caller hands in what no
 * device can be (WG_E_BAD_INPUT: a start that makes no hello); nothing has changed then. */
WG_MUST_CHECK bool core_handle(struct core *core, const struct core_event *event, wg_time now,
                               wg_time wall, struct core_actions *out, struct wg_error *err);
void core_actions_clear(struct core_actions *actions);
/* The save that the last event asked for has failed, and none of its actions was carried out: the
 * core is as it was before, so that what it knows is what is on disk. Of a start it keeps what
 * runs, and can say hello. The event may be handed in again. */
void core_take_back(struct core *core);

wg_time core_wake(const struct core *core); /* when CORE_EV_TICK is wanted; 0: never */

/* For tests, logs and documentation. */
enum core_phase {
    CORE_IDLE,
    CORE_CHECKING, /* the hooks are asked whether the order may be accepted */
    CORE_FETCHING,
    CORE_INSTALLING,
    CORE_READY, /* installed; waits for the orchestrator's word to switch over */
    CORE_ACTIVATING,
    CORE_REBOOTING, /* boot-once marker set, reboot asked for */
    CORE_BOOTING,   /* trial boot, boot check runs */
    CORE_PROBATION,
    CORE_COMMITTING,
    CORE_REVERTING, /* reboot into the old slot asked for */
    CORE_ERASING,   /* the keys are destroyed, or were: the agent ends */
    CORE_PHASES
};
enum core_phase core_phase(const struct core *core);
bool core_is_erased(const struct core *core); /* its keys were, in phase erasing */
const char *core_phase_text(enum core_phase phase);
size_t core_pending(const struct core *core); /* reports not yet acknowledged */

#endif
