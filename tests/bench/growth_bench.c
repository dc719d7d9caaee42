/* growth_bench.c: what the orchestrator's own work costs over a database that is there already:
 * looks at a campaign that has nothing to do, claims of the next devices, orders signed, reports
 * taken in. No broker: orders are counted and dropped. Run by growth_bench.py. */
#include "orchestrator/daemon/policies.h"
#include "orchestrator/daemon/ticker.h"
#include "orchestrator/link/batch.h"
#include "orchestrator/link/dispatch.h"

#include "common/args.h"
#include "common/log.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 100
#define LOOKS 5 /* at a campaign with nothing to do, each round */

struct series {
    const char *name;
    double ms[ROUNDS_MAX * LOOKS];
    size_t count;
};

struct bench {
    struct db *db;
    struct settings settings;
    struct policies *policies;
    struct director *director;
    struct ticker_result looked;
    struct intake_result *answers;
    struct batch *batch;
    const char *campaign;
    wg_time now; /* moves on by a second with each look */
    int64_t published, claimed;
    struct series look, claim, send, take;
};

static double clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void note(struct series *series, double begun)
{
    if (series->count < ROUNDS_MAX * LOOKS) series->ms[series->count++] = clock_ms() - begun;
}

static bool publish(void *link, const char *broker, const char *topic, const void *payload,
                    size_t len)
{
    struct bench *bench = link;
    (void)broker, (void)topic, (void)payload, (void)len;
    bench->published++;
    return true;
}

static bool connected(void *link)
{
    (void)link;
    return true;
}

static bool terms(void *ctx, int64_t campaign, const char *site_zone, struct wg_order *order,
                  struct wg_error *err)
{
    struct bench *bench = ctx;
    const struct policy *policy = policies_get(bench->policies, bench->db, campaign, NULL, err);
    if (!policy) return false;
    policies_terms(policy, site_zone, order);
    return true;
}

static const struct policy_retry *retry(void *ctx, int64_t campaign, const char *digest)
{
    struct bench *bench = ctx;
    const struct policy *policy = policies_get(bench->policies, bench->db, campaign, digest, NULL);
    return policy ? &policy->retry : NULL;
}

static bool tick(struct bench *bench, struct series *series, struct wg_error *err)
{
    struct ticker ticker = {.db = bench->db,
                            .policies = bench->policies,
                            .settings = &bench->settings,
                            .holder = "growth bench"};
    bench->now += WG_SECOND;
    double begun = clock_ms();
    if (!ticker_run(&ticker, bench->now, &bench->looked, err)) return false;
    note(series, begun);
    return true;
}

static bool send_orders(struct bench *bench, struct wg_error *err)
{
    static const struct url_keys unsigned_urls = {.count = 0};
    struct dispatch dispatch = {.db = bench->db,
                                .publish = publish,
                                .connected = connected,
                                .link = bench,
                                .director = bench->director,
                                .url_keys = &unsigned_urls,
                                .settings = &bench->settings,
                                .terms = terms,
                                .ctx = bench};
    bool more = true;
    int64_t before = bench->published;
    double begun = clock_ms();
    while (more)
        if (!dispatch_orders(&dispatch, bench->now, &more, err)) return false;
    note(&bench->send, begun);
    bench->claimed += bench->published - before;
    return true;
}

static bool commit(struct bench *bench, struct wg_error *err)
{
    struct verdict verdict = {.retry = retry, .ctx = bench};
    return batch_count(bench->batch) == 0 ||
           batch_commit(bench->batch, bench->db, &verdict, bench->now, bench->answers, err);
}

/* The last word of a device whose order is in hand; every so many-th says that it failed. */
static void hear(struct bench *bench, PGresult *rows, int row, bool failed)
{
    char topic[WG_TOPIC_MAX], text[2048];
    (void)snprintf(topic, sizeof topic, "wg/v1/d/%s/up/report", PQgetvalue(rows, row, 0));
    (void)snprintf(text, sizeof text,
                   "{\"v\":1,\"journal\":\"%s\",\"seq\":%s,\"order\":\"%s\",\"campaign\":\"%s\","
                   "\"attempt\":%s,\"state\":\"%s\"%s}",
                   PQgetvalue(rows, row, 1), PQgetvalue(rows, row, 2), PQgetvalue(rows, row, 3),
                   bench->campaign, PQgetvalue(rows, row, 4), failed ? "failed" : "succeeded",
                   failed ? ",\"cause\":\"install\",\"detail\":\"no space left on /dev/sda2\""
                          : "");
    batch_take(bench->batch, "bench", topic, text, strlen(text), bench->now);
}

static bool take_reports(struct bench *bench, int64_t failing, struct wg_error *err)
{
    const char *values[] = {bench->campaign};
    PGresult *rows =
        db_query_text(bench->db,
                      "select p.device_id, d.journal, d.report_seq + 1, p.order_id::text, "
                      "p.attempt from campaign c "
                      "join place p on p.campaign_id = c.id join device d on d.id = p.device_id "
                      "where c.name = $1 and p.state = 'offered' order by p.device_id",
                      1, values, err);
    if (!rows) return false;
    bool ok = true;
    double begun = clock_ms();
    for (int row = 0; row < PQntuples(rows) && ok; row++) {
        hear(bench, rows, row, row < failing);
        if (batch_is_full(bench->batch)) ok = commit(bench, err);
    }
    ok = ok && commit(bench, err);
    if (ok) note(&bench->take, begun);
    PQclear(rows);
    return ok;
}

static bool go_round(struct bench *bench, int64_t failing, struct wg_error *err)
{
    bool ok = tick(bench, &bench->claim, err) && send_orders(bench, err);
    for (int i = 0; i < LOOKS && ok; i++) ok = tick(bench, &bench->look, err);
    return ok && take_reports(bench, failing, err);
}

static void print(const struct series *series)
{
    printf("\"%s\": [", series->name);
    for (size_t i = 0; i < series->count; i++) printf("%s%.3f", i ? ", " : "", series->ms[i]);
    printf("], ");
}

static bool prepare(struct bench *bench, char *const *argv, struct wg_error *err)
{
    struct settings *settings = &bench->settings;
    settings->intake_batch = INTAKE_BATCH_MAX;
    settings->tick = WG_SECOND;
    settings->order_resend = WG_HOUR;
    settings->order_lifetime = 24 * WG_HOUR;
    settings->artifact_url_count = 1;
    (void)wg_copy(settings->artifact_urls[0], WG_URL_MAX, "https://artifacts.example");
    bench->campaign = argv[3];
    bench->look.name = "look", bench->claim.name = "claim";
    bench->send.name = "send", bench->take.name = "take";
    bench->now = (wg_time)time(NULL) * WG_SECOND;
    bench->answers = calloc(1, sizeof *bench->answers);
    if (!bench->answers) return wg_fail_memory(err, "starting");
    return (bench->db = db_open(argv[1], "growth bench", err)) &&
           (bench->director = director_new(argv[2], err)) &&
           (bench->policies = policies_new(err)) &&
           (bench->batch = batch_new(INTAKE_BATCH_MAX, err));
}

static void end(struct bench *bench)
{
    batch_free(bench->batch);
    policies_free(bench->policies);
    director_free(bench->director);
    db_close(bench->db);
    free(bench->answers);
    free(bench);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    struct bench *bench = calloc(1, sizeof *bench);
    if (argc != 6 || !bench) {
        (void)fprintf(stderr,
                      "usage: growth_bench CONNINFO DIRECTOR-KEY CAMPAIGN ROUNDS FAILING\n");
        free(bench);
        return 2;
    }
    wg_log_setup("growth bench", WG_LOG_ERROR);
    long rounds = strtol(argv[4], NULL, 10), failing = strtol(argv[5], NULL, 10);
    bool ok = prepare(bench, argv, &err);
    for (long round = 0; round < rounds && round < ROUNDS_MAX && ok; round++)
        ok = go_round(bench, failing, &err);
    if (ok) {
        printf("{");
        print(&bench->look);
        print(&bench->claim);
        print(&bench->send);
        print(&bench->take);
        printf("\"orders\": %lld}\n", (long long)bench->claimed);
    } else {
        (void)fprintf(stderr, "growth_bench: %s\n", err.text);
    }
    end(bench);
    return ok ? 0 : 1;
}
