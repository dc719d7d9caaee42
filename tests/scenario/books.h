/* books.h: all places of all campaigns as they stood after the last thing that happened, and as
 * they stand now. */
#ifndef WG_TESTS_SCENARIO_BOOKS_H
#define WG_TESTS_SCENARIO_BOOKS_H

#include "orchestrator/store/place.h"

#define BOOKS_CAMPAIGNS_MAX 16

struct book_place {
    int64_t campaign; /* index in the page's campaigns */
    char device[WG_NAME_MAX + 1];
    int64_t wave, rank, attempt, spent;
    enum wg_state state;
    enum wg_cause cause;
    char order[WG_ORDER_ID_MAX], detail[WG_DETAIL_MAX + 1];
    wg_time retry_at, state_at, ready_at;
};

struct book_campaign {
    int64_t id;
    char name[WG_NAME_MAX + 1], digest[WG_SHA256_HEX], state[24], cause[256];
    bool held;
    char waves[512]; /* "lab passed, canary open" */
};

struct book_page {
    size_t campaign_count;
    struct book_campaign campaigns[BOOKS_CAMPAIGNS_MAX]; /* oldest first */
    size_t count;
    struct book_place *places; /* owned; by campaign, then wave, then rank */
};

struct books {
    struct book_page now, before;
    int64_t bounds[BOOKS_CAMPAIGNS_MAX]; /* devices that may be harmed, by the campaign's largest
                                            revision so far */
};

void books_clear(struct books *books);
/* What was now becomes before. */
WG_MUST_CHECK bool books_turn(struct books *books, struct db *db, struct wg_error *err);
const struct book_campaign *books_campaign(const struct books *books, const char *name);
/* NULL: none. */
const struct book_place *book_place(const struct book_page *page, int64_t campaign,
                                    const char *device);
/* "waiting offline" */
void book_place_words(const struct book_place *place, char out[64]);

/* Differs whenever anything does that a look may change. */
WG_MUST_CHECK bool books_fingerprint(struct db *db, char out[64], struct wg_error *err);

#endif
