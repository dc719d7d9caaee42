/* steer.h: an operator's hand on a campaign: who it is, and the campaign as it stands, held against
 * the engine until the change is made. */
#ifndef WG_ORCHESTRATOR_CLI_STEER_H
#define WG_ORCHESTRATOR_CLI_STEER_H

#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/status/standing.h"

struct steer {
    struct cli *cli;
    wg_time now;
    struct operator_identity who;
    struct campaign_row row;
    enum campaign_state state;
    struct campaign *campaign;
    struct engine_view view;
    char cause[CAMPAIGN_CAUSE_MAX]; /* "by anna: reason", "by anna" */
};

/* Of the campaign that the first argument names, in a transaction that holds it. --reason must be
 * there if it is needed. NULL on failure; steer_free() it. */
struct steer *steer_new(struct cli *cli, bool needs_reason, struct wg_error *err);
void steer_free(struct steer *steer); /* what was not committed is undone */

/* To the state that the command leads to, in the words "DONE by anna: reason"; not committed. */
WG_MUST_CHECK bool steer_move(struct steer *steer, enum campaign_state next, const char *done,
                              bool held, enum engine_stop stop, struct wg_error *err);

/* ---- what an end cannot take back ---- */

struct steer_recall {
    int64_t waiting;              /* that end at once */
    int64_t started;              /* that are asked to give their update up */
    int64_t rebooting, probation; /* that have switched over: they cannot be recalled */
};
void steer_recall_of(const struct campaign_row *row, struct steer_recall *out);
/* "2 devices have switched over and cannot be recalled (1 rebooting, 1 on probation): they finish
 * or fall back by themselves"; "" when there are none. */
#define STEER_RECALL_TEXT 256
void steer_recall_words(const struct steer_recall *recall, char out[STEER_RECALL_TEXT]);
json_t *steer_recall_json(const struct steer_recall *recall); /* new reference */

#endif
