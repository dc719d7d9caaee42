/* finding.h: the kinds of unwell: what they are called, what is said of one device, what to do
 * next. Pure. */
#ifndef WG_ORCHESTRATOR_SUPPORT_FINDING_H
#define WG_ORCHESTRATOR_SUPPORT_FINDING_H

#include "common/text.h"
#include "common/time.h"

/* Of one device. The numbers and the text are the kind's own (orchestrator/store/sql/support.sql):
 *   silent         how long it may stay away, ms; absences that this is known by
 *   never-updated  campaigns that offered; the first of them
 *   behind         newer releases; "component version"
 *   unused         1: it was heard once
 *   crash-looping  boots in a row
 *   wrong-clock    minutes ahead
 *   certificate-ending   when the device was heard last
 *   alarm          alarms; their kinds
 *   quarantine     -; what it is for */
struct finding_facts {
    wg_time since, now;
    int64_t number[2];
    const char *text;
};

#define FINDING_TEXT 320

struct finding {
    const char *kind;  /* "never-updated" */
    const char *title; /* "never updated" */
    const char *next;  /* what to do; ID stands for a device */
    void (*words)(const struct finding_facts *facts, char out[FINDING_TEXT]);
};

/* NULL: there is no such kind. */
const struct finding *finding_of(const char *kind);

#endif
