/* expect_campaign.c: states, causes and counts of a campaign, its waves and its places. */
#include "tests/scenario/expect_part.h"
#include "tests/scenario/who.h"

#include <stdlib.h>
#include <string.h>

static int64_t index_of(const struct expecting *with)
{
    return expect_campaign(with) - with->scene->books.now.campaigns;
}

void expect_state(struct expecting *with, const struct yaml_value *at)
{
    expect_same(with, at, "state", expect_campaign(with)->state);
}

void expect_cause(struct expecting *with, const struct yaml_value *at)
{
    expect_holds(with, at, "cause", expect_campaign(with)->cause);
}

void expect_held(struct expecting *with, const struct yaml_value *at)
{
    expect_same(with, at, "held", expect_campaign(with)->held ? "true" : "false");
}

static const struct wave_row *wave_of(struct expecting *with, const struct yaml_value *key,
                                      size_t *number)
{
    const struct campaign_row *row = &with->at->row;
    for (*number = 0; *number < row->wave_count; (*number)++)
        if (strcmp(row->waves[*number].name, key->text) == 0) return &row->waves[*number];
    expect_differs(with, key, "a wave", key->text, "no wave of this name");
    return NULL;
}

/* {lab: passed}, or the states of all in their order: [passed, open]. */
void expect_waves(struct expecting *with, const struct yaml_value *at)
{
    const struct campaign_row *row = &with->at->row;
    if (at->kind == YAML_LIST && at->count != row->wave_count)
        expect_differs(with, at, "waves", "as many as there are", expect_campaign(with)->waves);
    for (size_t i = 0; i < at->count && !(at->kind == YAML_LIST && i >= row->wave_count); i++) {
        size_t number = i;
        const struct wave_row *wave =
            at->kind == YAML_LIST ? &row->waves[i] : wave_of(with, at->keys[i], &number);
        if (wave) expect_same(with, at->items[i], wave->name, wave->state);
    }
}

void expect_wave_causes(struct expecting *with, const struct yaml_value *at)
{
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        size_t number;
        const struct wave_row *wave = wave_of(with, at->keys[i], &number);
        if (wave) expect_holds(with, at->items[i], wave->name, wave->cause);
    }
}

/* What the wave waits for, as `campaign status` says it. */
void expect_why(struct expecting *with, const struct yaml_value *at)
{
    char words[ENGINE_CAUSE_MAX];
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        size_t number;
        if (!wave_of(with, at->keys[i], &number)) continue;
        engine_wave_reason(&with->at->campaign->policy, &with->at->view, number, with->scene->now,
                           words);
        expect_holds(with, at->items[i], at->keys[i]->text, words);
    }
}

void expect_waits_for(struct expecting *with, const struct yaml_value *at)
{
    char words[ENGINE_CAUSE_MAX];
    engine_campaign_reason(&with->at->campaign->policy, &with->at->view, with->scene->now, words);
    expect_holds(with, at, "waits_for", words);
}

/* {waiting: 3, failed boot: 1}; of one wave: {canary waiting: 2} */
static int64_t count_of(struct expecting *with, const char *text)
{
    const struct book_page *page = &with->scene->books.now;
    int64_t found = 0, campaign = index_of(with);
    for (size_t i = 0; i < page->count; i++) {
        const struct book_place *place = &page->places[i];
        char words[64], in_wave[160];
        if (place->campaign != campaign) continue;
        const char *wave = with->at->row.waves[place->wave].name;
        book_place_words(place, words);
        bool is = !strcmp(text, words) || !strcmp(text, wg_state_text(place->state));
        (void)wg_format(in_wave, sizeof in_wave, "%s %s", wave, words);
        is = is || strcmp(text, in_wave) == 0;
        (void)wg_format(in_wave, sizeof in_wave, "%s %s", wave, wg_state_text(place->state));
        found += is || strcmp(text, in_wave) == 0 || strcmp(text, wave) == 0;
    }
    return found;
}

void expect_devices(struct expecting *with, const struct yaml_value *at)
{
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        char number[24];
        (void)wg_format(number, sizeof number, "%lld",
                        (long long)count_of(with, at->keys[i]->text));
        expect_same(with, at->items[i], at->keys[i]->text, number);
    }
}

void expect_places(struct expecting *with, const struct yaml_value *at)
{
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        char words[64] = "no place";
        const struct book_place *place =
            book_place(&with->scene->books.now, index_of(with), at->keys[i]->text);
        if (place) book_place_words(place, words);
        expect_same(with, at->items[i], at->keys[i]->text, words);
    }
}

void expect_details(struct expecting *with, const struct yaml_value *at)
{
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        const struct book_place *place =
            book_place(&with->scene->books.now, index_of(with), at->keys[i]->text);
        expect_holds(with, at->items[i], at->keys[i]->text, place ? place->detail : "no place");
    }
}

void expect_spent(struct expecting *with, const struct yaml_value *at)
{
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        char words[64] = "no place";
        const struct book_place *place =
            book_place(&with->scene->books.now, index_of(with), at->keys[i]->text);
        if (place) (void)wg_format(words, sizeof words, "%lld", (long long)place->spent);
        expect_same(with, at->items[i], at->keys[i]->text, words);
    }
}

/* Exactly these devices are marked by fits(). */
static void set_of(struct expecting *with, const struct yaml_value *at, const char *what,
                   bool (*fits)(const struct book_place *place))
{
    const struct book_page *page = &with->scene->books.now;
    struct who *who = calloc(1, sizeof *who);
    char missing[EXPECT_TEXT_MAX] = "", extra[EXPECT_TEXT_MAX] = "";
    bool none = at->kind == YAML_LIST && at->count == 0;
    if (!who || (!none && !who_read(with->scene, at, with->campaign, who))) with->failed = true;
    for (size_t i = 0; who && i < page->count; i++) {
        const struct book_place *place = &page->places[i];
        bool wanted = false;
        if (place->campaign != index_of(with)) continue;
        for (size_t w = 0; w < who->count; w++)
            wanted = wanted || strcmp(who->machines[w]->id, place->device) == 0;
        if (wanted == fits(place)) continue;
        char *to = wanted ? missing : extra;
        size_t len = strlen(to);
        (void)wg_format(to + len, EXPECT_TEXT_MAX - len, " %s", place->device);
    }
    if (missing[0]) expect_differs(with, at, what, missing, "not so");
    if (extra[0]) expect_differs(with, at, what, "nobody else", extra);
    free(who);
}

static bool is_offered(const struct book_place *place)
{
    return place->state == WG_OFFERED;
}

static bool is_ready(const struct book_place *place)
{
    return place->ready_at != 0;
}

void expect_offered(struct expecting *with, const struct yaml_value *at)
{
    set_of(with, at, "offered", is_offered);
}

void expect_ready(struct expecting *with, const struct yaml_value *at)
{
    set_of(with, at, "ready", is_ready);
}

/* How long until each may be offered again: "10m", or within bounds: "8m..12m"; "none". */
static void retry_one(struct expecting *with, const struct yaml_value *at, const char *device)
{
    const struct book_place *place = book_place(&with->scene->books.now, index_of(with), device);
    char low[EXPECT_TEXT_MAX], found[WG_TIME_TEXT] = "none";
    wg_duration from, to, left = place ? place->retry_at - with->scene->now : 0;
    bool there = place && place->retry_at > with->scene->now;
    if (there) wg_duration_text(left, found);
    (void)wg_copy(low, sizeof low, expect_text(at));
    char *dots = strstr(low, "..");
    if (dots) *dots = '\0';
    bool bounds = wg_duration_parse(low, &from);
    to = from;
    if (bounds && dots) bounds = wg_duration_parse(dots + 2, &to);
    if (bounds ? !there || left < from || left > to : strcmp(expect_text(at), found) != 0)
        expect_differs(with, at, device, expect_text(at), found);
}

void expect_retry(struct expecting *with, const struct yaml_value *at)
{
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++)
        retry_one(with, at->items[i], at->keys[i]->text);
}

void expect_explained(struct expecting *with, const struct yaml_value *at)
{
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        struct explanation found;
        if (!explain(with->scene, with->campaign, at->keys[i]->text, &found)) {
            with->failed = true;
            return;
        }
        expect_holds(with, at->items[i], at->keys[i]->text, found.text);
    }
}
