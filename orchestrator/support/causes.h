/* causes.h: failed devices in groups by cause (what they said, its class, the phase), and of each
 * group what is over-represented against the devices that succeeded in the same campaign. Pure.
 *
 * A value is a finding when chance alone would bring so many of the group together in less than
 * CAUSES_ALPHA of all cases, after correction for everything that was asked (tail.h). */
#ifndef WG_ORCHESTRATOR_SUPPORT_CAUSES_H
#define WG_ORCHESTRATOR_SUPPORT_CAUSES_H

#include "common/error.h"
#include "common/state.h"
#include "common/time.h"
#include "orchestrator/support/signature.h"

#include <stddef.h>
#include <stdint.h>

#define CAUSES_ALPHA 0.01
#define CAUSES_FINDINGS_MAX 8 /* of one group */

enum causes_trait {
    CAUSES_MODEL,    /* "brake" */
    CAUSES_REVISION, /* "brake/C" */
    CAUSES_REGION,
    CAUSES_FROM, /* version it ran before */
    CAUSES_TRAITS
};
const char *causes_trait_text(enum causes_trait trait); /* "hardware": of a revision */

enum causes_phase {
    CAUSES_UNKNOWN,
    CAUSES_OFFER,
    CAUSES_DOWNLOAD,
    CAUSES_INSTALL,
    CAUSES_REBOOT,
    CAUSES_PROBATION,
    CAUSES_PHASES
};
const char *causes_phase_text(enum causes_phase phase); /* "installing"; "" unknown */
/* By the class where that says it, else by the state that it ended out of (waiting: not known). */
enum causes_phase causes_phase_of(enum wg_cause cause, enum wg_state ended_in);

/* One failed device; texts are borrowed until causes_judge() is over. "" is not known. */
struct causes_failure {
    const char *device, *detail;
    enum wg_state state;
    enum wg_cause cause;
    enum wg_state ended_in;
    const char *trait[CAUSES_TRAITS];
    wg_time at;
};

/* So many succeeded with that value; each value once. Borrowed as above. */
struct causes_success {
    enum causes_trait trait;
    const char *value;
    int64_t devices;
};

struct causes_count {
    const char *value;
    int64_t devices;
};

struct causes_finding {
    enum causes_trait trait;
    const char *value;
    int64_t devices, of; /* in the group, of those whose value is known */
    int64_t succeeded, succeeded_of;
    double p, corrected;
};

struct causes_group {
    char signature[SIGNATURE_MAX]; /* "": they said nothing */
    enum wg_cause cause;
    enum causes_phase phase;
    int64_t devices;
    int64_t state[WG_STATES];
    wg_time first, last;
    const size_t *members; /* indices of failures, the newest first; devices of them */
    size_t spread_count[CAUSES_TRAITS];
    struct causes_count *spread[CAUSES_TRAITS]; /* most first; "" not known */
    size_t finding_count;                       /* the least likely first */
    struct causes_finding findings[CAUSES_FINDINGS_MAX];
};

struct causes;

/* The groups, the largest first; of the first `most` also spread and findings, the others are only
 * counted (the same questions are not asked of them). NULL: no memory. causes_free() it. */
struct causes *causes_judge(const struct causes_failure *failures, size_t count,
                            const struct causes_success *successes, size_t success_count,
                            size_t most, struct wg_error *err);
void causes_free(struct causes *causes);

size_t causes_count(const struct causes *causes);
const struct causes_group *causes_group(const struct causes *causes, size_t index);
size_t causes_comparisons(const struct causes *causes); /* questions that were asked */

#endif
