/* books.c: reads every campaign and every place. */
#include "tests/scenario/books.h"

#include <stdlib.h>
#include <string.h>

static const char campaigns_sql[] =
    "select c.id, c.name, c.digest, c.state, c.cause, c.held, coalesce((select string_agg(w.name "
    "|| ' ' || w.state, ', ' order by w.number) from wave w where w.campaign_id = c.id), '') from "
    "campaign c order by c.id limit 16";

static const char places_sql[] =
    "select p.campaign_id, p.device_id, p.wave, p.rank, p.attempt, p.spent, p.state, p.cause, "
    "coalesce(p.order_id::text, ''), p.detail, wg_ms(p.retry_at), wg_ms(p.state_at), "
    "wg_ms(p.ready_at) from place p order by p.campaign_id, p.wave, p.rank";

static const char fingerprint_sql[] =
    "select md5(concat((select string_agg(p::text, ';' order by campaign_id, device_id) from place "
    "p), (select string_agg(w::text, ';' order by campaign_id, number) from wave w), (select "
    "string_agg(c::text, ';' order by id) from campaign c), (select string_agg(h::text, ';') from "
    "hook_answer h), (select string_agg(o.id::text, ';' order by id) from update_order o where "
    "open), (select count(*) from health_pair), (select count(*) from transition), (select "
    "string_agg(a::text, ';' order by a::text) from approval a)))";

static void page_clear(struct book_page *page)
{
    free(page->places);
    memset(page, 0, sizeof *page);
}

void books_clear(struct books *books)
{
    page_clear(&books->now);
    page_clear(&books->before);
    memset(books, 0, sizeof *books);
}

static bool read_campaigns(struct book_page *page, struct db *db, struct wg_error *err)
{
    PGresult *rows = db_query_text(db, campaigns_sql, 0, NULL, err);
    for (int i = 0; rows && i < PQntuples(rows); i++) {
        struct book_campaign *to = &page->campaigns[page->campaign_count++];
        to->id = db_int(rows, i, 0);
        db_copy(rows, i, 1, to->name, sizeof to->name);
        db_copy(rows, i, 2, to->digest, sizeof to->digest);
        db_copy(rows, i, 3, to->state, sizeof to->state);
        db_copy(rows, i, 4, to->cause, sizeof to->cause);
        to->held = db_bool(rows, i, 5);
        db_copy(rows, i, 6, to->waves, sizeof to->waves);
    }
    PQclear(rows);
    return rows != NULL;
}

static int64_t index_of(const struct book_page *page, int64_t id)
{
    for (size_t i = 0; i < page->campaign_count; i++)
        if (page->campaigns[i].id == id) return (int64_t)i;
    return 0;
}

static bool read_place(const struct book_page *page, const PGresult *rows, int i,
                       struct book_place *to)
{
    to->campaign = index_of(page, db_int(rows, i, 0));
    db_copy(rows, i, 1, to->device, sizeof to->device);
    to->wave = db_int(rows, i, 2);
    to->rank = db_int(rows, i, 3);
    to->attempt = db_int(rows, i, 4);
    to->spent = db_int(rows, i, 5);
    db_copy(rows, i, 8, to->order, sizeof to->order);
    db_copy(rows, i, 9, to->detail, sizeof to->detail);
    to->retry_at = db_int(rows, i, 10);
    to->state_at = db_int(rows, i, 11);
    to->ready_at = db_int(rows, i, 12);
    return wg_state_parse(db_text(rows, i, 6), &to->state) &&
           wg_cause_parse(db_text(rows, i, 7), &to->cause);
}

static bool read_places(struct book_page *page, struct db *db, struct wg_error *err)
{
    PGresult *rows = db_query_text(db, places_sql, 0, NULL, err);
    if (!rows) return false;
    int count = PQntuples(rows);
    bool ok = true;
    struct book_place *places = calloc((size_t)count + 1, sizeof *places);
    page->places = places;
    if (!places) ok = wg_fail_memory(err, "reading places");
    for (int i = 0; places && ok && i < count; i++)
        if (!read_place(page, rows, i, &places[page->count++]))
            ok = wg_fail(err, WG_E_DATABASE, "a place is in no known state");
    PQclear(rows);
    return ok;
}

bool books_turn(struct books *books, struct db *db, struct wg_error *err)
{
    page_clear(&books->before);
    books->before = books->now;
    books->now = (struct book_page){0};
    return read_campaigns(&books->now, db, err) && read_places(&books->now, db, err);
}

const struct book_campaign *books_campaign(const struct books *books, const char *name)
{
    for (size_t i = 0; i < books->now.campaign_count; i++)
        if (strcmp(books->now.campaigns[i].name, name) == 0) return &books->now.campaigns[i];
    return NULL;
}

const struct book_place *book_place(const struct book_page *page, int64_t campaign,
                                    const char *device)
{
    for (size_t i = 0; i < page->count; i++)
        if (page->places[i].campaign == campaign && strcmp(page->places[i].device, device) == 0)
            return &page->places[i];
    return NULL;
}

void book_place_words(const struct book_place *place, char out[64])
{
    const char *cause = wg_cause_text(place->cause);
    (void)wg_format(out, 64, "%s%s%s", wg_state_text(place->state), cause[0] ? " " : "", cause);
}

bool books_fingerprint(struct db *db, char out[64], struct wg_error *err)
{
    PGresult *rows = db_query_text(db, fingerprint_sql, 0, NULL, err);
    if (rows) db_copy(rows, 0, 0, out, 64);
    PQclear(rows);
    return rows != NULL;
}
