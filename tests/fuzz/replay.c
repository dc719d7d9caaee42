/* replay.c: the main of a fuzz target without libFuzzer, for any compiler: runs the corpus and
 * then, for a time, seeded mutations of it. The flags are libFuzzer's, so are the files: what
 * either finds, the other replays. */
#include "common/crypto.h"
#include "common/posix/file.h"
#include "common/text.h"
#include "tests/fuzz/mutation.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: %s [FLAG...] FILE|FOLDER...\n"
    "Without -max_total_time and -runs: runs every input once, in this process.\n"
    "  -max_total_time=N   then mutations of them, for N seconds\n"
    "  -runs=N             N mutations at most\n"
    "  -seed=N             another seed, other mutations\n"
    "  -max_len=N          bytes of a mutation at most\n"
    "  -timeout=N          seconds that one input may take\n"
    "  -dict=FILE          words to put in\n"
    "  -artifact_prefix=P  what is found is written to P<target>-<how>-<hash>\n";

struct options {
    const char *program; /* as it was called */
    long max_total_time, runs, seed, max_len, timeout;
    const char *dict, *artifact_prefix;
};

struct session {
    struct options options;
    struct corpus corpus;
    struct dictionary dictionary;
};

static bool read_number(const char *text, long *out)
{
    char *end = NULL;
    errno = 0;
    *out = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= 0;
}

static bool read_flag(struct options *options, const char *flag, struct wg_error *err)
{
    const struct {
        const char *name;
        long *number;
        const char **text;
    } flags[] = {{"-max_total_time=", &options->max_total_time, NULL},
                 {"-runs=", &options->runs, NULL},
                 {"-seed=", &options->seed, NULL},
                 {"-max_len=", &options->max_len, NULL},
                 {"-timeout=", &options->timeout, NULL},
                 {"-dict=", NULL, &options->dict},
                 {"-artifact_prefix=", NULL, &options->artifact_prefix}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        size_t len = strlen(flags[i].name);
        if (strncmp(flag, flags[i].name, len) != 0) continue;
        if (flags[i].text) *flags[i].text = flag + len;
        if (flags[i].text || read_number(flag + len, flags[i].number)) return true;
    }
    return wg_fail(err, WG_E_USAGE, "%s: no such flag, or no number", flag);
}

static bool set_up(struct session *session, int argc, char **argv, struct wg_error *err)
{
    struct options *options = &session->options;
    *options = (struct options){.program = argv[0],
                                .runs = -1,
                                .seed = 1,
                                .max_len = 16384,
                                .timeout = 20,
                                .artifact_prefix = "./"};
    for (int i = 1; i < argc; i++) {
        bool ok = argv[i][0] == '-' ? read_flag(options, argv[i], err)
                                    : corpus_add(&session->corpus, argv[i], err);
        if (!ok) return false;
    }
    if (session->corpus.count == 0)
        return wg_fail(err, WG_E_USAGE, "no input: expected files, or folders with files");
    if (options->max_len < 1 || (size_t)options->max_len > CORPUS_INPUT_MAX)
        return wg_fail(err, WG_E_USAGE, "-max_len: expected 1 to %zu", CORPUS_INPUT_MAX);
    return !options->dict || dictionary_load(&session->dictionary, options->dict, err);
}

/* The corpus as it is, then mutations of it. */
static size_t make_input(const void *ctx, uint64_t number, uint8_t *out)
{
    const struct session *session = ctx;
    const struct corpus *corpus = &session->corpus;
    if (number >= corpus->count)
        return mutation_make(corpus, &session->dictionary, (uint64_t)session->options.seed,
                             number - corpus->count, out, (size_t)session->options.max_len);
    const struct corpus_input *input = &corpus->inputs[number];
    if (input->len > 0) memcpy(out, input->data, input->len);
    return input->len;
}

static const char *short_name(const char *program)
{
    const char *slash = strrchr(program, '/');
    return slash ? slash + 1 : program;
}

static bool make_folder(const char *prefix, struct wg_error *err)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(prefix, '/');
    if (!slash || slash == prefix) return true;
    return (wg_copy_n(folder, sizeof folder, prefix, (size_t)(slash - prefix)) ||
            wg_fail(err, WG_E_LIMIT, "the path is too long")) &&
           wg_folder_make(folder, 0755, err);
}

/* Tells what was found, and keeps the input where it can be run again. */
static bool report(const struct session *session, const struct watch_result *result,
                   struct wg_error *err)
{
    static const char *const words[] = {
        [WATCH_CRASHED] = "crash", [WATCH_HUNG] = "hang", [WATCH_LEAKED] = "leak"};
    const struct options *options = &session->options;
    char hex[WG_SHA256_HEX], path[PATH_MAX];
    if (!wg_sha256_of(result->data, result->len, hex, err)) return false;
    if (!wg_format(path, sizeof path, "%s%s-%s-%.12s", options->artifact_prefix,
                   short_name(options->program), words[result->end], hex))
        return wg_fail(err, WG_E_LIMIT, "the path is too long");
    if (!make_folder(path, err) || !wg_file_replace(path, result->data, result->len, 0644, err))
        return wg_context(err, "keeping the input of a %s", words[result->end]);
    return wg_fail(err, WG_E_FAILED,
                   "%s after %llu inputs, on one of %zu bytes (seed %ld), kept: %s\nagain: %s %s",
                   words[result->end], (unsigned long long)result->runs, result->len, options->seed,
                   path, options->program, path);
}

static bool run_watched(const struct session *session, struct wg_error *err)
{
    const struct options *options = &session->options;
    struct watch_plan plan = {.make = make_input,
                              .ctx = session,
                              .at_least = session->corpus.count,
                              .time = options->max_total_time * WG_SECOND,
                              .hang_after = options->timeout * WG_SECOND};
    struct watch_result result;
    plan.to = options->runs < 0 ? UINT64_MAX : session->corpus.count + (uint64_t)options->runs;
    if (options->max_total_time == 0) plan.at_least = plan.to;
    if (!watch_run(&plan, &result, err)) return false;
    if (result.end == WATCH_DONE) {
        printf("%s: %zu inputs, %llu mutations of seed %ld\n", short_name(options->program),
               session->corpus.count, (unsigned long long)(result.runs - session->corpus.count),
               options->seed);
        return true;
    }
    uint64_t runs = result.runs;
    if (result.end == WATCH_LEAKED) {
        plan.to = plan.from + runs;
        if (!watch_find_leak(&plan, &result, err)) return wg_context(err, "memory leaked");
        result.runs = runs;
    }
    bool ok = report(session, &result, err);
    free(result.data);
    return ok;
}

static void run_here(const struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) {
        const struct corpus_input *input = &corpus->inputs[i];
        fprintf(stderr, "%s: %zu bytes\n", input->path, input->len);
        uint8_t *exact = malloc(input->len > 0 ? input->len : 1);
        MUST(exact, "out of memory");
        if (input->len > 0) memcpy(exact, input->data, input->len);
        (void)LLVMFuzzerTestOneInput(exact, input->len);
        free(exact);
    }
}

int main(int argc, char **argv)
{
    struct session session = {.corpus = {0}};
    struct wg_error err = {0};
    bool ok = set_up(&session, argc, argv, &err);
    if (!ok && err.code == WG_E_USAGE) fprintf(stderr, usage, argv[0]);
    if (ok && (session.options.max_total_time > 0 || session.options.runs >= 0))
        ok = run_watched(&session, &err);
    else if (ok)
        run_here(&session.corpus);
    if (!ok) fprintf(stderr, "%s: %s\n", short_name(argv[0]), err.text);
    corpus_clear(&session.corpus);
    dictionary_clear(&session.dictionary);
    return ok ? EXIT_SUCCESS : wg_error_exit(err.code);
}
