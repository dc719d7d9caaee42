/* left_out.h: why a device has no place in a campaign. Pure; every code of a plan has words. */
#ifndef WG_ORCHESTRATOR_SHOW_LEFT_OUT_H
#define WG_ORCHESTRATOR_SHOW_LEFT_OUT_H

#include "orchestrator/plan/plan.h"

#define LEFT_OUT_TEXT 1024

struct left_out_facts { /* borrowed */
    const struct plan *plan;
    const struct campaign_row *row; /* with its waves */
    const struct device_row *device;
    int code; /* of plan_code_of */
};

struct left_out {
    const char *holds;        /* "clause", "no-position", ..; for programs */
    char text[LEFT_OUT_TEXT]; /* reads on from the device's name: "is left out: .." */
};

void left_out_of(const struct left_out_facts *facts, struct left_out *out);

#endif
