/* bring.c: who is asked, how often, and when a server is given up. */
#include "agent/posix/bring.h"

#include "agent/posix/metered.h"
#include "agent/posix/stamps.h"
#include "common/log.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define ENOUGH ((int64_t)256 * 1024) /* an answer that broke off behind so much was worth it */
#define SHORT_MAX 3                  /* answers in a row that brought less */
#define LOOK_EVERY 200               /* ms between looks at cancel */
#define METERED_LOOKS 2              /* of metered_every, before a download gives way */
#define METERED_WORDS "the network is metered"

struct work {
    struct bring *bring;
    const struct bring_job *job;
    struct wg_error *err;
    struct https_config config;
    struct pace_limit limit;
    struct metered metered;
    struct stamps stamps;
    struct mirrors_list list;
    const char *url; /* that is being asked */
    uint32_t bit;
    int64_t asked; /* from where on */
    int status;
    bool began_anew; /* which may be once */
    bool changed;    /* the server has another file now, and must be asked for all of it */
    bool paused;     /* the network has become metered */
};

static void log_server(const char *what, const char *text)
{
    struct url url;
    if (url_read(text, &url, NULL)) wg_log(WG_LOG_INFO, what, "server", url.host, NULL);
}

static bool begin_anew(struct work *work, const char *why)
{
    if (work->began_anew)
        return wg_fail(work->err, WG_E_NETWORK, "%s, and it was begun anew already", why);
    work->began_anew = true;
    log_server(why, work->url);
    stamps_forget(&work->stamps);
    work->bring->gave = 0;
    return part_restart(work->job->part, work->err);
}

static bool on_begin(void *ctx, const struct https_head *head, struct wg_error *err)
{
    struct work *work = ctx;
    struct part *part = work->job->part;
    const struct stamp *stamp = stamps_find(&work->stamps, work->url);
    bool differs = work->asked > 0 && stamp_differs(stamp, head);
    if (head->total >= 0 && head->total != part->length)
        return wg_fail(err, WG_E_NETWORK, "the server has %lld bytes, the order says %lld",
                       (long long)head->total, (long long)part->length);
    if (head->status == 206 && head->start != work->asked)
        return wg_fail(err, WG_E_NETWORK, "the server answers with another range");
    if (head->status == 206 && differs) {
        work->changed = true;
        return wg_fail(err, WG_E_NETWORK, "the file on the server has changed");
    }
    if (head->status == 200 && work->asked > 0 &&
        !begin_anew(work, differs ? "the file on the server has changed: begun anew"
                                  : "the server sends no ranges: begun anew"))
        return false;
    if (stamps_keep(&work->stamps, work->url, head, err)) return true;
    part->disk = true;
    return false;
}

static bool on_body(void *ctx, const char *data, size_t len, struct wg_error *err)
{
    struct work *work = ctx;
    const struct bring_job *job = work->job;
    work->bring->gave |= work->bit;
    bool ok = part_add(job->part, data, len, err);
    job->progress(job->ctx, len);
    if (!ok) return false;
    work->paused = metered_waits(&work->metered, job->part->length, wg_monotonic());
    return !work->paused || wg_fail(err, WG_E_INTERRUPTED, METERED_WORDS);
}

/* Without a connection, without a try being counted. What lasts is not for this download to wait
 * out: nobody would know of it. */
static bool wait_unmetered(struct work *work)
{
    const atomic_bool *cancel = work->job->config->cancel;
    wg_time enough = wg_monotonic() + METERED_LOOKS * work->bring->settings->metered_every;
    bool told = false;
    while (metered_waits(&work->metered, work->job->part->length, wg_monotonic())) {
        if (!told) wg_log(WG_LOG_INFO, "the download waits: " METERED_WORDS, NULL);
        told = true;
        if (atomic_load(cancel)) return wg_fail(work->err, WG_E_INTERRUPTED, "cancelled");
        work->bring->metered = wg_monotonic() >= enough;
        if (work->bring->metered) return wg_fail(work->err, WG_E_INTERRUPTED, METERED_WORDS);
        (void)poll(NULL, 0, LOOK_EVERY);
    }
    if (told) wg_log(WG_LOG_INFO, "the download goes on", NULL);
    return true;
}

static bool is_over(const struct work *work)
{
    const struct part *part = work->job->part;
    return part->disk || part->wrong || work->bring->metered ||
           atomic_load(work->job->config->cancel) || part->at >= part->length;
}

/* One answer. */
static void ask(struct work *work)
{
    const struct part *part = work->job->part;
    const struct https_sink sink = {.begin = on_begin, .body = on_body, .ctx = work};
    work->changed = work->paused = false;
    work->asked = part->at;
    const struct stamp *stamp = stamps_find(&work->stamps, work->url);
    char validator[HTTPS_ETAG_MAX] = "";
    if (work->asked > 0 && stamp_validator(stamp))
        (void)wg_copy(validator, sizeof validator, stamp_validator(stamp));
    const struct https_request request = {
        .url = work->url, .start = work->asked, .if_range = validator[0] ? validator : NULL};
    bool whole = https_get(&work->config, &request, &sink, &work->status, work->err);
    if (whole && !is_over(work))
        (void)wg_fail(work->err, WG_E_NETWORK, "the answer ended after %lld of %lld bytes",
                      (long long)part->at, (long long)part->length);
    /* the part reaches beyond the file that is there now */
    if (work->status == 416 && work->asked > 0) work->changed = true;
}

/* Whether the same server is worth another question. */
static bool is_worth_more(struct work *work, int64_t before, int *shorts)
{
    int64_t gained = work->job->part->at - before;
    if (work->changed) return begin_anew(work, "the file on the server has changed: begun anew");
    if (work->paused) return true;
    if (work->err->code == WG_E_TIMEOUT || gained <= 0) return false;
    *shorts = gained >= ENOUGH ? 0 : *shorts + 1;
    return *shorts < SHORT_MAX;
}

static void bring_from(struct work *work)
{
    int shorts = 0;
    bool more = true;
    while (more && !is_over(work)) {
        if (!wait_unmetered(work)) return;
        int64_t before = work->job->part->at;
        ask(work);
        if (work->job->part->at > before)
            (void)wg_copy(work->bring->last, sizeof work->bring->last, work->url);
        more = !is_over(work) && is_worth_more(work, before, &shorts);
    }
    if (is_over(work)) return;
    log_server("the server is given up for now", work->url);
    if (work->status != 404) /* it has other artifacts */
        mirrors_failed(&work->bring->mirrors, work->url, wg_monotonic());
}

/* After a wrong copy each server has to answer for a whole one. */
static bool clear_of_others(struct work *work)
{
    struct bring *bring = work->bring;
    if (!bring->alone || !(bring->gave & ~work->bit)) return true;
    bring->gave = 0;
    return part_restart(work->job->part, work->err);
}

/* It will not answer another way for this URL: it has ended, or was signed under a key that does
 * not count. Stores say 400 or 403 of both. */
static bool is_refusal(int status)
{
    return status == 400 || status == 401 || status == 403 || status == 410;
}

/* A URL of the order, not of the settings' mirrors. */
static bool is_own(const struct work *work)
{
    return work->bit >> work->bring->settings->mirror_count;
}

static bool bring_all(struct work *work)
{
    const struct bring_job *job = work->job;
    size_t asked = 0, refused = 0;
    if (is_over(work)) return job->part->at == job->part->length;
    stamps_open(&work->stamps, job->stamps);
    if (job->part->at == 0) stamps_forget(&work->stamps);
    mirrors_order(&work->bring->mirrors, work->bring->settings, work->bring->device, job->order,
                  wg_monotonic(), &work->list);
    for (size_t i = 0; i < work->list.count; i++) work->bring->all |= work->list.bits[i];
    for (size_t i = 0; i < work->list.count && !is_over(work); i++) {
        work->url = work->list.urls[i];
        work->bit = work->list.bits[i];
        if (work->bring->blamed & work->bit) continue;
        if (!clear_of_others(work)) break;
        bring_from(work);
        if (!is_own(work)) continue;
        asked++;
        refused += is_refusal(work->status);
    }
    work->bring->refused = asked > 0 && refused == asked;
    if (job->part->wrong || job->part->at == job->part->length) stamps_forget(&work->stamps);
    return job->part->at == job->part->length && !job->part->disk && !job->part->wrong;
}

void bring_start(struct bring *bring)
{
    bring->all = bring->gave = bring->blamed = 0;
    bring->alone = bring->refused = false;
    bring->wrong = 0;
}

bool bring_wrong(struct bring *bring, bool resumed)
{
    uint32_t gave = bring->gave;
    bool one = gave && !(gave & (gave - 1));
    bring->gave = 0;
    bring->alone = true;
    if (++bring->wrong > MIRRORS_MAX + 1) return false; /* the part cannot be removed */
    if (resumed) return true;
    if (one) bring->blamed |= gave;
    if (one) mirrors_failed(&bring->mirrors, bring->last, wg_monotonic());
    return gave && bring->all & ~bring->blamed;
}

bool bring_rest(struct bring *bring, const struct bring_job *job, struct wg_error *err)
{
    struct work *work = calloc(1, sizeof *work);
    if (!work) return wg_fail_memory(err, "a download");
    work->bring = bring;
    work->job = job;
    work->err = err;
    work->config = *job->config;
    work->config.settings = bring->settings;
    work->config.limit = &work->limit;
    work->config.more_ca_file = bring->settings->ca;
    work->config.own = (const char(*)[WG_URL_MAX])job->order->urls;
    work->config.own_count = job->order->url_count;
    pace_limit_init(&work->limit, bring->settings->rate, wg_monotonic());
    bring->metered = false;
    metered_init(&work->metered, bring->settings, job->config->cancel);
    bool ok = bring_all(work);
    free(work);
    return ok;
}
