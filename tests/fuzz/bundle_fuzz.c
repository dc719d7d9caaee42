/* bundle_fuzz.c: bundles with a repository's metadata. What is believed is written again as it was
 * read, and nothing that is staged is behind what is published. */
#include "orchestrator/release/repo_bundle.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

static void check_staged(const struct repo_state *state)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    json_object_foreach(state->staged, role, envelope)
    {
        MUST(repo_version(state->staged, role) == repo_version(state->live, role) + 1,
             "a staged version that does not follow");
    }
}

static void write_again(const struct repo_state *state)
{
    struct wg_error err = {0};
    struct repo_state again;
    struct wg_buf bytes;
    wg_buf_init(&bytes, BUNDLE_MAX);
    MUST(repo_bundle_write(state, &bytes, &err), "%s", err.text);
    MUST(repo_bundle_read(wg_buf_str(&bytes), bytes.len, &again, &err), "%s", err.text);
    MUST(json_equal(again.live, state->live) && json_equal(again.staged, state->staged),
         "written again, it says something else");
    repo_state_clear(&again);
    wg_buf_clear(&bytes);
}

static void judge(const struct repo_state *state)
{
    struct wg_error err = {0};
    json_t *complete = repo_complete(state, &err), *standing = repo_standing(state, &err);
    MUST(complete, "%s", err.text);
    MUST(json_object_size(complete) <= json_object_size(state->staged), "more than there is");
    json_decref(complete);
    json_decref(standing);
}

static void take(const char *text, size_t size)
{
    struct repo_state state;
    struct wg_error err = {0};
    if (repo_bundle_read(text, size, &state, &err)) {
        check_staged(&state);
        write_again(&state);
        judge(&state);
    } else {
        target_refused(&err);
    }
    repo_state_clear(&state);
}

/* With hashes that fit what the texts have become: else nothing behind them would be reached. */
static void take_repaired(const char *text, size_t size)
{
    json_t *bundle = wg_json_parse(text, size, size, NULL), *file = NULL;
    const char *name = NULL;
    json_object_foreach(json_object_get(bundle, "files"), name, file)
    {
        char hex[WG_SHA256_HEX];
        const json_t *inner = json_object_get(file, "text");
        if (json_is_string(inner) &&
            wg_sha256_of(json_string_value(inner), json_string_length(inner), hex, NULL))
            (void)json_object_set_new(file, "sha256", json_string(hex));
    }
    char *again = bundle ? json_dumps(bundle, JSON_COMPACT) : NULL;
    if (again) take(again, strlen(again));
    free(again);
    json_decref(bundle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = target_text(data, size);
    take(text, size);
    take_repaired(text, size);
    free(text);
    return 0;
}
