/* recall.h: what an end of a campaign cannot take back. */
#ifndef WG_ORCHESTRATOR_SHOW_RECALL_H
#define WG_ORCHESTRATOR_SHOW_RECALL_H

#include "common/json.h"
#include "orchestrator/store/campaign_row.h"

struct recall {
    int64_t waiting;              /* that end at once */
    int64_t started;              /* that are asked to give their update up */
    int64_t rebooting, probation; /* that have switched over: they cannot be recalled */
};
void recall_of(const struct campaign_row *row, struct recall *out);
/* "2 devices have switched over and cannot be recalled (1 rebooting, 1 on probation): they finish
 * or fall back by themselves"; "" when there are none. */
#define RECALL_TEXT 256
void recall_words(const struct recall *recall, char out[RECALL_TEXT]);
/* The counts, and the same as words. New reference. */
json_t *recall_json(const struct recall *recall);

#endif
