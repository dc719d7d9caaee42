/* main.c: the wavegate-sim command: seeds, one after the other. */
#include "tests/sim/run/draw.h"
#include "tests/sim/run/run.h"
#include "tests/sim/run/shrink.h"
#include "tests/sim/run/watch.h"

#include "common/args.h"
#include "common/posix/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SHRINK_SECONDS 60

static const struct flag flags[] = {
    {"database", "CONNINFO", "an empty database of its own (default: what PGHOST and others say)"},
    {"from", "SEED", "the first seed (default 1)"},
    {"seeds", "N", "how many (default 1)"},
    {"seconds", "S", "begin no further seed after so long"},
    {"failures", "N", "go on until so many seeds have failed (default 1)"},
    {"devices", "N", "of every fleet (default: each seed's own; at most 400)"},
    {"without", "KIND,..", "kinds of faults that are left out"},
    {"twice", NULL, "run each seed twice and compare what happened"},
    {"draw", NULL, "only print what the seeds mean: fleet, faults, campaigns, commands"},
    {"history", NULL, "print all that happened"},
    {"shrink", "S", "look so long for the shortest history that fails (default 60; 0: as it came)"},
    {"help", NULL, "print this, end"},
    {NULL, NULL, NULL}};

struct tally {
    int64_t seeds, failures, steps, looks, gates, devices, statements, batches, ticks;
    int64_t finished[WG_STATES], strikes[FAULT_KINDS];
    wg_duration lasted, took;
};

struct options {
    uint64_t from;
    int64_t seeds, seconds, failures, shrink;
    bool twice, history;
    struct run_mask mask; /* of each first run */
};

static bool make_director(struct ground *ground, struct wg_error *err)
{
    static const uint8_t seed[WG_ED25519_SECRET] = {7};
    struct wg_identity_key key;
    char pem[WG_IDENTITY_PEM_MAX], file[] = "/tmp/wavegate-sim.XXXXXX";
    int fd = mkstemp(file);
    if (fd < 0) return wg_fail_errno(err, "making a key");
    bool ok = wg_identity_from_secret(WG_IDENTITY_ED25519, seed, &key, err) &&
              wg_identity_to_pem(&key, pem, err);
    if (ok) {
        ground->director_key = key.public_key;
        ok = write(fd, pem, strlen(pem)) == (ssize_t)strlen(pem) ||
             wg_fail_errno(err, "writing a key");
    }
    if (ok) ground->director = director_new(file, err);
    (void)close(fd);
    (void)unlink(file);
    return ok && ground->director;
}

/* What the product logs is looked through, not shown. */
static bool catch_log(struct ground *ground, struct wg_error *err)
{
    ground->log = memfd_create("log", MFD_CLOEXEC);
    return (ground->log >= 0 && dup2(ground->log, STDERR_FILENO) >= 0) ||
           wg_fail_errno(err, "catching the log");
}

static bool read_without(const char *text, uint64_t *out, struct wg_error *err)
{
    char word[32];
    enum fault_kind kind;
    while (text && *text) {
        size_t len = strcspn(text, ",");
        if (!wg_copy_n(word, sizeof word, text, len) || !fault_parse(word, &kind))
            return wg_fail(err, WG_E_USAGE, "--without: there is no fault \"%.30s\"", word);
        *out |= (uint64_t)1 << kind;
        text += len + (text[len] == ',');
    }
    return true;
}

static bool ground_make(struct ground *ground, const char *conninfo, struct wg_error *err)
{
    ground->conninfo = conninfo ? conninfo : "";
    ground->zones = zone_files_new(NULL);
    ground->actions = calloc(1, sizeof *ground->actions);
    if (!ground->zones || !ground->actions) return wg_fail_memory(err, "starting");
    wg_log_setup("sim", WG_LOG_ERROR);
    return make_director(ground, err) && (ground->watch = watch_new(ground->conninfo, err)) &&
           catch_log(ground, err);
}

static void ground_clear(struct ground *ground)
{
    watch_free(ground->watch);
    zone_files_free(ground->zones);
    director_free(ground->director);
    free(ground->actions);
}

static void add(struct tally *tally, const struct run *run)
{
    tally->seeds++;
    tally->steps += run->steps;
    tally->looks += run->looks;
    tally->statements += run->statements;
    tally->batches += run->batches;
    tally->ticks += run->ticks;
    tally->gates += run->gates;
    tally->lasted += run->lasted;
    tally->devices += (int64_t)run->devices;
    for (int state = 0; state < WG_STATES; state++) tally->finished[state] += run->finished[state];
    for (size_t i = 0; i < run->strike_count; i++)
        tally->strikes[fault_kind_of(run->strikes[i].number)]++;
}

static void tell_failure(const struct run *run)
{
    const struct rule_break *broken = &run->broken;
    const char *words[] = {broken->who[0] ? broken->who : broken->other, broken->other, "calm",
                           NULL};
    char at[HISTORY_TIME];
    history_time(broken->at - run->history.start, at);
    printf("seed %" PRIu64 ", step %" PRId64 ", %s: rule %d does not hold\n  %s%s%s\n", run->seed,
           broken->step, at, broken->rule, broken->who, broken->who[0] ? " " : "", broken->words);
    printf("faults in it: %zu\n", run->strike_count);
    for (size_t i = 0; i < run->strike_count && i < 40; i++)
        printf("  %s %zu #%u\n", fault_text(fault_kind_of(run->strikes[i].number)),
               fault_who_of(run->strikes[i].number), fault_ordinal_of(run->strikes[i].number));
    printf("what happened, as far as it concerns %s:\n", words[0]);
    history_print(&run->history, words, 120, stdout);
    (void)fflush(stdout);
}

static bool is_same(struct ground *ground, const struct run *run, const struct run_mask *mask,
                    bool *same, struct wg_error *err)
{
    char first[WG_SHA256_HEX], second[WG_SHA256_HEX];
    struct run again;
    bool ok = run_seed(ground, run->seed, mask, &again, err) &&
              history_digest(&run->history, first, err) &&
              history_digest(&again.history, second, err);
    *same = ok && strcmp(first, second) == 0;
    run_clear(&again);
    return ok;
}

static bool one(struct ground *ground, uint64_t seed, const struct options *options,
                struct tally *tally, struct wg_error *err)
{
    struct run run;
    bool same = true;
    bool ok = run_seed(ground, seed, &options->mask, &run, err);
    if (ok) add(tally, &run);
    if (ok && options->history) history_print(&run.history, NULL, 0, stdout);
    if (ok && options->twice) ok = is_same(ground, &run, &options->mask, &same, err);
    if (ok && !same) {
        printf("seed %" PRIu64 ": the second run was another one\n", seed);
        tally->failures++;
    }
    if (ok && run.broken.rule) {
        tally->failures++;
        if (options->shrink > 0 && !options->history)
            ok = shrink(ground, &run, &options->mask, options->shrink * WG_SECOND, err);
        if (ok) tell_failure(&run);
    }
    run_clear(&run);
    return ok;
}

static void tell_tally(const struct tally *tally)
{
    double seconds = (double)tally->took / (double)WG_SECOND;
    printf("%" PRId64 " seeds in %.1f s, %.2f seeds/s; %" PRId64 " failed\n", tally->seeds, seconds,
           seconds > 0 ? (double)tally->seeds / seconds : 0.0, tally->failures);
    printf("  %" PRId64 " devices, %" PRId64 " virtual days, %" PRId64 " steps, %" PRId64
           " batches, %" PRId64 " ticks, %" PRId64 " statements, %" PRId64
           " changes looked at, %" PRId64 " gates passed\n",
           tally->devices, (int64_t)(tally->lasted / WG_DAY), tally->steps, tally->batches,
           tally->ticks, tally->statements, tally->looks, tally->gates);
    printf("  places:");
    for (int state = 0; state < WG_STATES; state++)
        if (tally->finished[state])
            printf(" %s %" PRId64, wg_state_text((enum wg_state)state), tally->finished[state]);
    printf("\n  faults:");
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        if (tally->strikes[kind])
            printf(" %s %" PRId64, fault_text((enum fault_kind)kind), tally->strikes[kind]);
    printf("\n");
}

static bool run_all(struct ground *ground, const struct options *options, struct wg_error *err)
{
    struct tally tally = {0};
    wg_time started = wg_monotonic();
    bool ok = true;
    for (int64_t i = 0; i < options->seeds && ok && tally.failures < options->failures; i++) {
        if (options->seconds && wg_monotonic() - started > options->seconds * WG_SECOND) break;
        ok = one(ground, options->from + (uint64_t)i, options, &tally, err);
    }
    tally.took = wg_monotonic() - started;
    tell_tally(&tally);
    return ok && (tally.failures == 0 ||
                  wg_fail(err, WG_E_FAILED, "%" PRId64 " seeds failed", tally.failures));
}

static bool draw_all(const struct options *options, uint64_t without, struct wg_error *err)
{
    for (int64_t i = 0; i < options->seeds; i++)
        if (!draw_print(options->from + (uint64_t)i, &options->mask, without, stdout, err))
            return false;
    return true;
}

static bool read_number(const struct args *args, const char *name, int64_t otherwise, int64_t *out,
                        struct wg_error *err)
{
    const char *text = args_value(args, name);
    char *end = NULL;
    *out = otherwise;
    if (!text) return true;
    *out = strtoll(text, &end, 10);
    return (end != text && !*end && *out >= 0) ||
           wg_fail(err, WG_E_USAGE, "--%s: expected a number, got \"%.40s\"", name, text);
}

static bool read_options(const struct args *args, struct options *out, struct wg_error *err)
{
    int64_t from, size;
    *out = (struct options){.twice = args_has(args, "twice"), .history = args_has(args, "history")};
    bool ok = read_number(args, "from", 1, &from, err) &&
              read_number(args, "seeds", 1, &out->seeds, err) &&
              read_number(args, "seconds", 0, &out->seconds, err) &&
              read_number(args, "failures", 1, &out->failures, err) &&
              read_number(args, "shrink", SHRINK_SECONDS, &out->shrink, err) &&
              read_number(args, "devices", 0, &size, err);
    if (!ok) return false;
    out->from = (uint64_t)from;
    out->mask.setup.size = (size_t)size;
    return size <= SETUP_DEVICES_MAX ||
           wg_fail(err, WG_E_USAGE, "--devices: at most %d", SETUP_DEVICES_MAX);
}

static bool usage(void)
{
    struct wg_buf text;
    wg_buf_init(&text, 8192);
    wg_buf_text(&text, "usage: wavegate-sim [flags]\n\n");
    args_usage(flags, &text);
    bool ok = fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool command(int argc, char **argv, struct wg_error *err)
{
    static const struct flag *const tables[] = {flags, NULL};
    struct ground ground = {.log = -1};
    struct options options;
    struct args args;
    if (!args_read(&args, argc - 1, argv + 1, tables, err)) return false;
    if (args_has(&args, "help")) return usage();
    if (!read_options(&args, &options, err)) return false;
    bool ok = read_without(args_value(&args, "without"), &ground.without, err);
    if (ok && args_has(&args, "draw")) return draw_all(&options, ground.without, err);
    ok = ok && ground_make(&ground, args_value(&args, "database"), err) &&
         run_all(&ground, &options, err);
    ground_clear(&ground);
    return ok;
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    if (command(argc, argv, &err)) return 0;
    printf("wavegate-sim: %s\n", err.text);
    return wg_error_exit(err.code);
}
