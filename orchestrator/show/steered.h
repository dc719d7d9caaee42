/* steered.h: what a person's hand did to a campaign, or to the gate of a wave, as JSON. */
#ifndef WG_ORCHESTRATOR_SHOW_STEERED_H
#define WG_ORCHESTRATOR_SHOW_STEERED_H

#include "orchestrator/show/recall.h"

enum steered_kind { STEERED_START, STEERED_PAUSE, STEERED_RESUME, STEERED_ABORT };

#define STEERED_WORDS 512
_Static_assert(STEERED_WORDS >= 2 * RECALL_TEXT, "what cannot be recalled is a part of it");
struct steered {
    enum steered_kind kind;
    const char *campaign, *from, *to, *cause; /* borrowed */
    char words[STEERED_WORDS];                /* what that means, for people */
    bool held;                                /* of a pause */
    int64_t released;                         /* of a resume: how many switch over now */
    struct recall recall;                     /* of a pause, an abort */
};
json_t *steered_json(const struct steered *steered); /* without words; new reference */

struct steered_gate {
    const char *campaign, *wave, *manual, *cause; /* borrowed; manual: "advance", "hold", "" */
    const char *done;                             /* "advanced", for people */
    char waits_for[CAMPAIGN_CAUSE_MAX];           /* the wave now; "" nothing */
    bool paused;                                  /* the campaign is */
};
json_t *steered_gate_json(const struct steered_gate *gate); /* new reference */

#endif
