/* core_state.h: what the core knows. For agent/core only; everybody else includes core.h.
 *
 * Handling an event works on a copy of this, which takes the original's place when all went well:
 * so an event that fails for want of memory has changed nothing. */
#ifndef WG_AGENT_CORE_CORE_STATE_H
#define WG_AGENT_CORE_CORE_STATE_H

#include "agent/core/outbox.h"
#include "agent/core/task.h"
#include "common/backoff.h"

#define CORE_PENDING_KEPT 8 /* room in the outbox kept for the reports of the order in hand */
#define CORE_STARTS_MAX 5   /* starts of the agent in one trial before the device goes back */
#define CORE_REBOOT_AGAIN (2 * WG_MINUTE) /* a reboot that did not happen is asked for again */
#define CORE_HELLO_WAIT_MOST WG_HOUR      /* also what a fleet costs a server that cannot answer */
#define CORE_READY_WAIT_FIRST (2 * WG_MINUTE) /* between two hellos of a device that is ready */
#define CORE_REFRESH_EVERY WG_MINUTE          /* for an order that nobody known has signed */
#define CORE_NEWS_EVERY WG_MINUTE             /* between two hellos for what has changed in them */
#define CORE_ERASE_AGAIN WG_MINUTE            /* what could not be erased is tried again */
#define CORE_ERASE_LINGER (30 * WG_SECOND)    /* for the word that the last hello was heard */
#define CORE_FETCH_WAIT_FIRST (2 * WG_SECOND)
#define CORE_FETCH_WAIT_MOST (5 * WG_MINUTE)
#define CORE_REFUSALS 3             /* in a row, and the order's URLs are of no more use */
#define CORE_REFUSED_WAIT WG_MINUTE /* before the order is wanted again, with others */

/* How an order ended. */
struct core_ending {
    enum wg_state state; /* WG_WAITING: no order has ended yet */
    enum wg_cause cause;
    char order[WG_ORDER_ID_MAX];
    char campaign[WG_NAME_MAX + 1];
    int64_t attempt;
    char detail[WG_DETAIL_MAX + 1];
    wg_duration retry; /* deferred: when to offer it again; 0: not said. Not kept */
};

/* The highest security version of a component that was committed here; it never goes back. */
struct core_security {
    char component[WG_NAME_MAX + 1];
    int64_t version;
};

/* Of the last order to destroy the keys. */
struct core_erasure {
    char order[WG_ORDER_ID_MAX]; /* "": there never was one */
    wg_time at;                  /* latest statement that was obeyed: no earlier one counts again */
    bool done;
};

/* Survives power cuts; memory.c writes and reads it. */
struct core_memory {
    char journal[WG_JOURNAL_MAX]; /* "" until the first start */
    int64_t seq;                  /* of the last report written */
    int64_t counter;              /* of the last order */
    enum core_phase phase;
    /* of the order in hand; phases other than idle */
    struct core_task *task;        /* NULL: none */
    char home[WG_NAME_MAX + 1];    /* slot that ran when it was accepted; any other is the target */
    char from[WG_VERSION_MAX + 1]; /* of its component, that ran then; "" not known */
    bool put_off; /* a hook said not now; phases fetching, installing: nothing is done until the
                     order is offered again */
    enum wg_state told; /* furthest progress that was reported */
    int64_t ask; /* number of the report that asks to switch over; 0: it has not, or the answer was
                    put off until the order is offered again */
    int starts;  /* of the agent, in the trial boot */
    enum wg_cause cause; /* why the device goes back; phase reverting */
    char text[WG_DETAIL_MAX + 1];
    struct core_ending last;
    size_t security_count;
    struct core_security security[WG_COMPONENTS_MAX];
    struct core_erasure erasure; /* kept when the device has new keys */
    struct outbox outbox;
};

/* Lasts until the next start. Times are monotonic; 0: not waited for. */
struct core_run {
    int64_t link;             /* of the connection, or of the last one */
    wg_time certificate_ends; /* that it shows there; 0: not known */
    bool started;
    bool online;
    bool erasing, erased; /* what the hello says of the keys */
    bool stray;           /* a trial boot that no order in hand has asked for; it ends by reboot */
    bool question; /* what there is for the device was asked since the last report was written */
    bool news;     /* zone or metrics, which the hello says, have changed since the last one */
    char zone[WG_ZONE_MAX + 1];
    char tampered[WG_TAMPERED_MAX + 1];
    char storage[WG_NAME_MAX + 1];       /* why nothing can be saved; "" it can */
    char later[WG_DETAIL_MAX + 1];       /* why an order was put off last; "": none was */
    char came[WG_DETAIL_MAX + 1];        /* in which form the artifact did */
    char stuck[WG_SHOWN];                /* why the download in hand failed last; "": it did not */
    char fetched_again[WG_ORDER_ID_MAX]; /* order whose content was not right once, for the slots */
    int refusals;                        /* of the order's URLs, in a row */
    char
        asked_anew[WG_ORDER_ID_MAX]; /* order that was put off for other URLs; nothing came since */
    struct core_start start;
    uint64_t random;
    const struct trust_policy *policy; /* the world's; NULL: none yet */
    wg_time refresh_from;              /* earliest time to ask for another policy again */
    wg_time hello_at;                  /* when to say hello again; it was not answered yet */
    struct wg_backoff hello_wait;
    struct wg_backoff ready_wait; /* in phase ready a hello asks for the word again */
    int64_t asked;                /* number of the last question what there is for the device */
    size_t metric_count;
    struct wg_metric metrics[WG_METRICS_MAX];
    wg_time news_from; /* earliest time of a hello because of news */
    wg_time deadline;  /* of the phase */
    wg_time reboot_at; /* when to ask again */
    wg_time erase_at;  /* the same */
    wg_time fetch_at;  /* end of the back-off */
    struct wg_backoff backoff;
    bool asking;                  /* hooks are, about the phase in hand; nothing else runs */
    enum core_hook_moment moment; /* that they are asked for */
    enum wg_next next;            /* the answer to the last question */
    int64_t done, total;          /* bytes fetched, of so many */
    bool progress_untold;         /* done has grown since it was published */
    wg_time progress_from;        /* earliest time of the next progress report */
    wg_time health_at;
    bool healthy;
    wg_time healthy_since;
};

struct core_state {
    struct core_memory memory;
    struct core_run run;
};

struct core {
    struct core_config config;
    struct core_state state;
    struct core_state before; /* the last event, for core_take_back */
    bool was_start;           /* that event */
};

#endif
