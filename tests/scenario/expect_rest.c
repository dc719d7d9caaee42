/* expect_rest.c: what devices and operators were told, what was asked, what is stored. */
#include "tests/scenario/expect_part.h"

#include <string.h>

/* "none", in how long, or when. */
void expect_wake(struct expecting *with, const struct yaml_value *at)
{
    wg_time found = with->scene->looked.wake, wanted = 0;
    wg_duration after;
    char words[WG_TIME_TEXT + WG_TIME_TEXT + 8] = "none", in[WG_TIME_TEXT], when[WG_TIME_TEXT];
    if (found) {
        wg_time_text(found, when);
        wg_duration_text(found - with->scene->now, in);
        (void)wg_format(words, sizeof words, "%s, %s", in, when);
    }
    if (wg_duration_parse(expect_text(at), &after))
        wanted = with->scene->now + after;
    else if (strcmp(expect_text(at), "none") != 0 && !wg_time_parse(expect_text(at), &wanted))
        wanted = -1;
    if (wanted != found) expect_differs(with, at, "wake", expect_text(at), words);
}

static const struct machine *machine_of(struct expecting *with, const struct yaml_value *key)
{
    const struct machine *machine = fleet_find(&with->scene->fleet, key->text);
    if (!machine) expect_differs(with, key, "a device", key->text, "no device of this name");
    return machine;
}

/* The same words between commas, in whatever order. */
static bool same_words(const char *one, const char *other)
{
    char text[256], *rest = NULL;
    if (strlen(one) != strlen(other)) return false;
    (void)wg_copy(text, sizeof text, one);
    for (char *part = strtok_r(text, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
        const char *at = strstr(other, part + strspn(part, " "));
        size_t len = strlen(part + strspn(part, " "));
        if (!at || (at[len] && at[len] != ',')) return false;
    }
    return true;
}

/* What each received in this step. */
void expect_orders(struct expecting *with, const struct yaml_value *at)
{
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        const struct machine *machine = machine_of(with, at->keys[i]);
        const char *got = machine && machine->got[0] ? machine->got : "none";
        if (machine && !same_words(expect_text(at->items[i]), got))
            expect_differs(with, at->items[i], machine->id, expect_text(at->items[i]), got);
    }
}

void expect_word(struct expecting *with, const struct yaml_value *at)
{
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        const struct machine *machine = machine_of(with, at->keys[i]);
        if (machine) expect_same(with, at->items[i], machine->id, machine->word);
    }
}

static void ask(struct expecting *with, const struct yaml_value *at, const char *sql,
                const char *param, char *out, size_t size)
{
    struct wg_error err = {0};
    const char *const params[] = {param};
    PGresult *rows = db_query_text(with->scene->db, sql, param ? 1 : 0, params, &err);
    out[0] = '\0';
    if (!rows) {
        (void)scene_fail_error(with->scene, at, &err);
        with->failed = true;
    } else if (PQntuples(rows) > 0) {
        db_copy(rows, 0, 0, out, size);
    }
    PQclear(rows);
}

/* Of the newest report of each. */
void expect_remarks(struct expecting *with, const struct yaml_value *at)
{
    char found[256];
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        ask(with, at, "select remark from report where device_id = $1 order by seq desc limit 1",
            at->keys[i]->text, found, sizeof found);
        expect_holds(with, at->items[i], at->keys[i]->text, found);
    }
}

/* Why an operator's approval does not count; "" it does. */
void expect_refusals(struct expecting *with, const struct yaml_value *at)
{
    char found[512];
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        ask(with, at,
            "select case when valid is null then 'not judged' when valid then '' else refusal end "
            "from approval where operator = $1 order by at desc limit 1",
            at->keys[i]->text, found, sizeof found);
        expect_holds(with, at->items[i], at->keys[i]->text, found);
    }
}

/* {"report where remark <> ''": 2} */
void expect_rows(struct expecting *with, const struct yaml_value *at)
{
    char sql[512], found[64];
    for (size_t i = 0; at->kind == YAML_MAP && i < at->count; i++) {
        (void)wg_format(sql, sizeof sql, "select count(*) from %s", at->keys[i]->text);
        ask(with, at, sql, NULL, found, sizeof found);
        expect_same(with, at->items[i], at->keys[i]->text, found);
    }
}

/* The wave whose hook is asked now; "none". */
void expect_asked(struct expecting *with, const struct yaml_value *at)
{
    char found[256];
    orchestrator_asked(with->scene->on_duty, found, sizeof found);
    expect_same(with, at, "asked", found);
}

void expect_said(struct expecting *with, const struct yaml_value *at)
{
    expect_holds(with, at, "said", with->scene->said);
}

void expect_campaigns(struct expecting *with, const struct yaml_value *at)
{
    char found[24];
    (void)wg_format(found, sizeof found, "%zu", with->scene->books.now.campaign_count);
    expect_same(with, at, "campaigns", found);
}
