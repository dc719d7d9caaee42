/* expect_part.h: what the parts of an expectation share. Internal to this folder's expect*.c. */
#ifndef WG_TESTS_SCENARIO_EXPECT_PART_H
#define WG_TESTS_SCENARIO_EXPECT_PART_H

#include "tests/scenario/explain.h"

#define EXPECT_TEXT_MAX 2048

struct expecting {
    struct scene *scene;
    const struct yaml_value *step;
    char campaign[WG_NAME_MAX + 1]; /* "" none is named, and there are several */
    struct standing_now *at;        /* of it */
    bool failed;
};

void expect_differs(struct expecting *with, const struct yaml_value *at, const char *what,
                    const char *expected, const char *found);
/* The found text is that of the file; or holds it, where nothing in the file means none. */
void expect_same(struct expecting *with, const struct yaml_value *at, const char *what,
                 const char *found);
void expect_holds(struct expecting *with, const struct yaml_value *at, const char *what,
                  const char *found);
const char *expect_text(const struct yaml_value *at); /* "" it is none */
/* NULL: there is none of that name. */
const struct book_campaign *expect_campaign(const struct expecting *with);

/* ---- of a campaign, which is loaded ---- */

void expect_state(struct expecting *with, const struct yaml_value *at);
void expect_cause(struct expecting *with, const struct yaml_value *at);
void expect_held(struct expecting *with, const struct yaml_value *at);
void expect_waves(struct expecting *with, const struct yaml_value *at);
void expect_wave_causes(struct expecting *with, const struct yaml_value *at);
void expect_why(struct expecting *with, const struct yaml_value *at);
void expect_waits_for(struct expecting *with, const struct yaml_value *at);
void expect_devices(struct expecting *with, const struct yaml_value *at);
void expect_places(struct expecting *with, const struct yaml_value *at);
void expect_details(struct expecting *with, const struct yaml_value *at);
void expect_spent(struct expecting *with, const struct yaml_value *at);
void expect_offered(struct expecting *with, const struct yaml_value *at);
void expect_ready(struct expecting *with, const struct yaml_value *at);
void expect_retry(struct expecting *with, const struct yaml_value *at);
void expect_explained(struct expecting *with, const struct yaml_value *at);

/* ---- of everything else ---- */

void expect_wake(struct expecting *with, const struct yaml_value *at);
void expect_orders(struct expecting *with, const struct yaml_value *at);
void expect_word(struct expecting *with, const struct yaml_value *at);
void expect_remarks(struct expecting *with, const struct yaml_value *at);
void expect_refusals(struct expecting *with, const struct yaml_value *at);
void expect_rows(struct expecting *with, const struct yaml_value *at);
void expect_asked(struct expecting *with, const struct yaml_value *at);
void expect_said(struct expecting *with, const struct yaml_value *at);
void expect_campaigns(struct expecting *with, const struct yaml_value *at);

#endif
