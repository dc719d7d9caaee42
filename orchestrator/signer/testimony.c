/* testimony.c: signatures are checked here and nowhere twice: an order of a late wave comes with
 * the approvals of every gate before it. */
#include "orchestrator/signer/testimony.h"

#include <stdlib.h>
#include <string.h>

struct word {
    const struct trust_person *person;
    struct statement statement;
};

struct testimony {
    const struct trust_policy *policy;
    const char *digest; /* of the revision that the order is of */
    size_t count;
    struct word words[];
};

/* Of the revision that the order is of. An approval of a gate also of an earlier one that was
 * carried out: a revision can change no gate that has passed. */
static bool is_about(const struct statement *statement, const struct testimony_source *source,
                     bool is_of_gates)
{
    if (strcmp(statement->campaign, source->order->campaign) != 0) return false;
    if (strcmp(statement->digest, source->order->digest) == 0) return true;
    return is_of_gates && statement->kind == STATEMENT_APPROVE && statement->wave[0] &&
           source->has_begun(source->ctx, statement->digest);
}

static void take_all(struct testimony *testimony, const struct testimony_source *source,
                     const json_t *list, bool is_of_gates, size_t room)
{
    for (size_t i = 0; i < json_array_size(list) && testimony->count < room; i++) {
        struct wg_error ignored = {0};
        struct word *word = &testimony->words[testimony->count];
        word->person =
            warrant_open(json_array_get(list, i), testimony->policy, &word->statement, &ignored);
        if (word->person && is_about(&word->statement, source, is_of_gates)) testimony->count++;
    }
}

struct testimony *testimony_new(const struct testimony_source *source, struct wg_error *err)
{
    size_t room = json_array_size(source->warrant) + json_array_size(source->gates);
    if (room > TESTIMONY_MAX) room = TESTIMONY_MAX;
    struct testimony *testimony = calloc(1, sizeof *testimony + room * sizeof(struct word));
    if (!testimony) {
        (void)wg_fail_memory(err, "judging");
        return NULL;
    }
    testimony->policy = source->policy;
    testimony->digest = source->order->digest;
    take_all(testimony, source, source->warrant, false, room);
    take_all(testimony, source, source->gates, true, room);
    return testimony;
}

void testimony_free(struct testimony *testimony)
{
    free(testimony);
}

static const struct trust_person *author_of(const struct testimony *testimony)
{
    for (size_t i = 0; i < testimony->count; i++)
        if (testimony->words[i].statement.kind == STATEMENT_APPLY)
            return testimony->words[i].person;
    return NULL;
}

static bool answers(const struct word *word, const struct testimony_asked *asked, wg_time now)
{
    bool in_date = asked->expires == 0 || word->statement.at + asked->expires > now;
    return word->statement.kind == STATEMENT_APPROVE && in_date &&
           strcmp(word->statement.wave, asked->wave) == 0 &&
           strcmp(word->person->role, asked->role) == 0;
}

int64_t testimony_approvals(const struct testimony *testimony, const struct testimony_asked *asked,
                            wg_time now)
{
    bool counted[TRUST_PEOPLE_MAX] = {false};
    const struct trust_person *author = author_of(testimony);
    int64_t count = 0;
    for (size_t i = 0; i < testimony->count; i++) {
        const struct word *word = &testimony->words[i];
        size_t index = (size_t)(word->person - testimony->policy->people);
        if (word->person == author || counted[index] || !answers(word, asked, now)) continue;
        counted[index] = true;
        count++;
    }
    return count;
}

int64_t testimony_size(const struct testimony *testimony, const char *wave)
{
    int64_t size = TESTIMONY_UNSAID;
    for (size_t i = 0; i < testimony->count; i++) {
        const struct statement *statement = &testimony->words[i].statement;
        if (strcmp(statement->digest, testimony->digest) != 0) continue;
        for (size_t j = 0; j < statement->wave_count; j++) {
            int64_t said = statement->waves[j].devices;
            if (strcmp(statement->waves[j].name, wave) != 0) continue;
            if (said < 0 && size == TESTIMONY_UNSAID) size = TESTIMONY_UNBOUND;
            if (said >= 0 && (size < 0 || said < size)) size = said;
        }
    }
    return size;
}
