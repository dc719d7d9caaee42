/* recall.c: counted by state. */
#include "orchestrator/show/recall.h"

#include "common/text.h"
#include "orchestrator/status/standing.h"

void recall_of(const struct campaign_row *row, struct recall *out)
{
    *out = (struct recall){.waiting =
                               standing_count(row, WG_WAITING) + standing_count(row, WG_DEFERRED),
                           .rebooting = standing_count(row, WG_REBOOTING),
                           .probation = standing_count(row, WG_PROBATION)};
    out->started = standing_in_flight(row) - out->rebooting - out->probation;
}

void recall_words(const struct recall *recall, char out[RECALL_TEXT])
{
    long long rebooting = (long long)recall->rebooting, probation = (long long)recall->probation;
    long long all = rebooting + probation;
    out[0] = '\0';
    if (all > 0)
        (void)wg_format(out, RECALL_TEXT,
                        "%lld %s switched over and cannot be recalled (%lld rebooting, %lld on "
                        "probation): %s by %s",
                        all, all == 1 ? "device has" : "devices have", rebooting, probation,
                        all == 1 ? "it finishes or falls back" : "they finish or fall back",
                        all == 1 ? "itself" : "themselves");
}

json_t *recall_json(const struct recall *recall)
{
    char words[RECALL_TEXT];
    recall_words(recall, words);
    return json_pack("{s:I,s:I,s:s}", "rebooting", (json_int_t)recall->rebooting, "probation",
                     (json_int_t)recall->probation, "words", words);
}
