/* order_check.h: may this device act on an order whose signature holds? Pure. */
#ifndef WG_AGENT_CORE_ORDER_CHECK_H
#define WG_AGENT_CORE_ORDER_CHECK_H

#include "agent/core/core.h"

enum order_verdict {
    ORDER_FITS,
    ORDER_OTHER_DEVICE,
    ORDER_STALE,      /* its counter has been used */
    ORDER_OTHER_BOOT, /* meant for an earlier boot; a new hello brings one for this boot */
    ORDER_EARLY,
    ORDER_EXPIRED,
    ORDER_UNFIT,    /* made for other hardware */
    ORDER_HOPELESS, /* probation would time out before health could hold for long enough */
    ORDER_VERDICTS
};

/* What the device knows of itself; borrowed. */
struct order_check {
    const char *device, *boot, *hardware_model;
    int64_t counter; /* last one used */
    wg_duration soak;
    wg_time wall; /* 0: no clock that can be trusted; then dates are not looked at */
};

struct order_judgement {
    enum order_verdict verdict;
    char text[256]; /* for a person; "" when it fits */
};

/* The first reason that speaks against the order, in the sequence of the enum. */
void order_judge(const struct order_check *known, const struct wg_order *order,
                 struct order_judgement *out);
/* May it be begun, or switched over to, now? By the windows in it and the clock on this device's
 * wall. False: why says so, for a person. A device without a clock that it trusts (wall 0) takes
 * the orchestrator's word for it. */
bool order_is_open(const struct core_config *config, const struct wg_order *order, wg_time wall,
                   char *why, size_t size);
/* What a report gives as the cause; none for verdicts that are not reported. */
enum wg_cause order_verdict_cause(enum order_verdict verdict);

#endif
