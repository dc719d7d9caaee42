/* rule.h: what must hold after every step, of the database and of the devices as they truly are.
 *
 * 1 caps in flight, per attribute and per minute hold; harm is bounded, also the true one
 * 2 nobody is offered before the gate before it passed; no gate passes without what it asks for
 * 3 a finished place never changes; counters, members and last success equal a recount
 * 4 nobody outside target, schedule and window is touched
 * 5 every campaign ends; every device ends, or there is a true reason that holds it
 * 6 a device always has a slot that boots; who succeeded truly runs the release
 * 7 what was acknowledged is stored; counters of orders and numbers of reports only grow
 * 8 no statement fails unless a fault has hurt whoever ran it */
#ifndef WG_TESTS_SIM_RUN_RULE_H
#define WG_TESTS_SIM_RUN_RULE_H

#include "tests/sim/run/machine.h"
#include "tests/sim/run/mirror.h"

#define RULES 8
#define RULE_APPROVALS_MAX 256
#define RULE_SENT_MAX 96 /* orders that are remembered of a device */
#define RULE_OFFERS_MAX 256

struct rule_break {
    int rule; /* 0: none */
    int64_t step;
    wg_time at;
    char who[32], other[WG_NAME_MAX + 1]; /* device, campaign; "" none */
    char words[512];
};

struct rule_approval {
    char campaign[WG_NAME_MAX + 1];
    int wave; /* -1: the start */
    int operator_number;
    int64_t revision;
    bool counts; /* right role, not the author */
    wg_time at;
};

struct rule_sent {
    char id[WG_ORDER_ID_MAX];
    enum wg_order_kind kind;
    int64_t counter;
    char boot[WG_BOOT_MAX];
    wg_time expires;
    bool renewed; /* its place has waited and was offered again since */
};

struct rule_lease {
    char holder[48];
    wg_time until;
};

struct rule_offer {
    wg_time at;
    int64_t devices;
};

struct rules {
    size_t approval_count;
    struct rule_approval approvals[RULE_APPROVALS_MAX];
    size_t sent_count[SETUP_DEVICES_MAX];
    struct rule_sent sent[SETUP_DEVICES_MAX][RULE_SENT_MAX];
    size_t offer_count[MIRROR_CAMPAIGNS_MAX];
    struct rule_offer offers[MIRROR_CAMPAIGNS_MAX][RULE_OFFERS_MAX];
    struct rule_lease leases[MIRROR_CAMPAIGNS_MAX];
    bool hook_passed[MIRROR_CAMPAIGNS_MAX][MIRROR_WAVES_MAX];
    bool acted;      /* some device has done something since the last step */
    bool forgotten;  /* some device has dropped reports since they were last looked for */
    int64_t checked; /* looks */
};

/* The first one that does not hold ends the run. who, other: whom it concerns; NULL nobody. */
void rule_broken(struct sim *sim, int rule, const char *who, const char *other, const char *format,
                 ...) WG_PRINTF(5, 6);

/* After a commit. */
void rules_look(struct sim *sim);
/* After every step. */
void rules_step(struct sim *sim);
/* rule_reason.c: is who waits told why, truly? Now and then, when nothing goes wrong any more. */
void rule_reasons(struct sim *sim);
/* When nothing more happens. */
void rules_end(struct sim *sim);

/* What they are told of. */
void rules_device(struct sim *sim, size_t device, int64_t order_counter, int64_t report_seq);
void rules_published(struct sim *sim, const char *who, const char *topic, const void *payload,
                     size_t len);
void rules_forgotten(struct sim *sim, struct machine *machine, int64_t seq);
void rules_hook_said(struct sim *sim, int64_t campaign, size_t wave, const char *verdict);
/* Its word was taken by virtue of that token. */
void rules_fenced(struct sim *sim, const char *who, int64_t campaign, int64_t token);
/* A row of the lease was written: who ticks a campaign, and how long. */
void rules_lease(struct sim *sim, size_t campaign, const char *holder, wg_time until);
void rules_approved(struct sim *sim, const struct rule_approval *approval);

/* rule_harm.c, rule_gate.c, rule_books.c, rule_target.c, rule_lost.c, rule_fence.c */
void rule_harm(struct sim *sim);
void rule_harm_true(struct sim *sim);
void rule_gate(struct sim *sim);
void rule_books(struct sim *sim);
void rule_target(struct sim *sim);
void rule_lost(struct sim *sim);
void rule_renewed(struct sim *sim); /* orders that may go out with a new counter */
/* Devices of that site, in any campaign, that have an update in hand, or are silent and unheard. */
int64_t rule_of_site(const struct sim *sim, const char *site);
/* The first wave of those that run together with this one. */
size_t rule_leader(const struct mirror_campaign *campaign, size_t wave);
bool rule_was_offered(const struct mirror_change *change, const struct mirror_place *now);

#endif
