/* scope_fuzz.c: grants and scopes. What was taken has one form, which reads back to the same; a
 * scope contains itself, and what two share lies within both. */
#include "orchestrator/people/grants.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define TEXT_MAX ((size_t)256 * 1024)

static void write_grants(const struct grants *grants, struct wg_buf *out)
{
    struct wg_error err = {0};
    json_t *list = grants_json(grants);
    MUST(list, "out of memory");
    wg_buf_init(out, TEXT_MAX);
    MUST(wg_json_canonical(list, out, &err), "%s", err.text);
    json_decref(list);
}

static void must_be_same(const struct grants *got, const struct grants *expected)
{
    struct wg_buf one, other;
    write_grants(got, &one);
    write_grants(expected, &other);
    target_same(&one, &other, "grants");
    MUST(grants_permissions(got) == grants_permissions(expected), "other permissions");
    wg_buf_clear(&one);
    wg_buf_clear(&other);
}

static void read_back(const struct grants *grants)
{
    struct wg_error err = {0};
    struct wg_buf text;
    struct grants *back = malloc(sizeof *back);
    MUST(back, "out of memory");
    write_grants(grants, &text);
    MUST(grants_parse(wg_buf_str(&text), back, &err), "%s: %s", err.text, wg_buf_str(&text));
    must_be_same(back, grants);
    wg_buf_clear(&text);
    free(back);
}

static void check_pair(const struct scope *a, const struct scope *b)
{
    struct scope both, turned;
    MUST(scope_contains(a, a), "does not contain itself");
    bool shared = scope_intersect(a, b, &both);
    MUST(shared == scope_intersect(b, a, &turned), "depends on the order");
    MUST(!shared || (scope_contains(a, &both) && scope_contains(b, &both)), "wider than one");
    MUST(!scope_contains(a, b) || (shared && scope_contains(&both, b)), "narrower than the inner");
    if (scope_contains(a, b) && scope_contains(b, a))
        MUST(memcmp(a, b, sizeof *a) == 0, "the same in two forms");
}

static void check_giving(const struct grants *grants)
{
    static const struct scope everything;
    struct grants *token = malloc(sizeof *token);
    MUST(token, "out of memory");
    MUST(grants_cover_all(grants, grants), "does not cover itself");
    for (size_t i = 0; i < grants->count; i++) {
        grants_limit(grants, PERMISSION_ALL, &grants->items[i].scope, token);
        MUST(grants_cover_all(grants, token), "a token wider than its maker");
    }
    grants_limit(grants, PERMISSION_ALL, &everything, token);
    must_be_same(token, grants);
    free(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_error err = {0};
    struct grants *grants = malloc(sizeof *grants);
    char *text = target_text(data, size);
    MUST(grants, "out of memory");
    if (strlen(text) == size) {
        if (grants_parse(text, grants, &err)) {
            read_back(grants);
            check_giving(grants);
            for (size_t i = 0; i < grants->count; i++)
                for (size_t j = 0; j < grants->count; j++)
                    check_pair(&grants->items[i].scope, &grants->items[j].scope);
        } else {
            target_refused(&err);
        }
    }
    free(text);
    free(grants);
    return 0;
}
