/* together.h: a release of the database with those that are installed together with it, and what
 * that asks of a device beyond what the release itself does. */
#ifndef WG_ORCHESTRATOR_PLAN_TOGETHER_H
#define WG_ORCHESTRATOR_PLAN_TOGETHER_H

#include "orchestrator/campaign/target.h"
#include "orchestrator/store/device_row.h"

#include "common/trust/release_set.h"

/* Large: on the heap. Member 0 is the release itself, i its companions[i - 1]. */
struct together {
    size_t count;
    struct release_row rows[RELEASE_SET_MAX];
    struct release_facts facts[RELEASE_SET_MAX]; /* as far as the database has them */
};

/* Reads the companions of that release, whether it is stored yet or not, and checks that all go
 * together. NULL: WG_E_NOT_FOUND, one is not there; WG_E_BAD_INPUT. */
struct together *together_read(struct db *db, const struct release_row *release,
                               struct wg_error *err);

#define TOGETHER_WORDS 256
#define TOGETHER_FITS_MAX (3 * RELEASE_SET_MAX)

/* A condition that a device meets, or is left out. */
struct together_fit {
    char *sql; /* over "device d"; owned */
    char words[TOGETHER_WORDS];
};

/* Hardware and path of each companion, and what each member needs of components that do not come
 * along; parameters go to the target. out holds TOGETHER_FITS_MAX; what was filled is the caller's
 * to clear, also after a failure. */
WG_MUST_CHECK bool together_fits(const struct together *together, struct target *target,
                                 struct together_fit *out, size_t *count, struct wg_error *err);
void together_fits_clear(struct together_fit *fits, size_t count);

#endif
