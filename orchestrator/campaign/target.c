/* target.c: selectors as SQL. Values travel as parameters only; what is written into the text is
 * ours. */
#include "orchestrator/campaign/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAUSE_MAX 65536

struct compiler {
    struct target *target;
    struct wg_error *err;
};

/* Takes over text; returns its number, 0 on failure. */
static size_t bind(struct compiler *compiler, char *text)
{
    struct target *target = compiler->target;
    if (!text) {
        (void)wg_fail_memory(compiler->err, "compiling the target");
        return 0;
    }
    if (target->param_count == TARGET_PARAMS_MAX) {
        free(text);
        (void)wg_fail(compiler->err, WG_E_LIMIT, "the target has more than %d values",
                      TARGET_PARAMS_MAX);
        return 0;
    }
    target->params[target->param_count++] = text;
    return target->param_count;
}

/* A PostgreSQL array literal; every element quoted. */
static char *array_text(const struct text_list *list)
{
    struct wg_buf out;
    wg_buf_init(&out, (size_t)CAMPAIGN_LIST_MAX * (2 * WG_NAME_MAX + 4));
    wg_buf_char(&out, '{');
    for (size_t i = 0; i < list->count; i++) {
        wg_buf_text(&out, i ? ",\"" : "\"");
        for (const char *c = list->items[i]; *c; c++) {
            if (*c == '"' || *c == '\\') wg_buf_char(&out, '\\');
            wg_buf_char(&out, *c);
        }
        wg_buf_char(&out, '"');
    }
    wg_buf_char(&out, '}');
    return wg_buf_take(&out);
}

static bool compile_list(struct compiler *compiler, const struct selector *selector,
                         struct wg_buf *sql)
{
    size_t n = bind(compiler, array_text(&selector->values));
    if (!n) return false;
    if (selector->kind == SELECT_DEVICE)
        wg_buf_printf(sql, "d.id = any($%zu::text[])", n);
    else if (selector->kind == SELECT_REGION) /* a country stands for all that is below it */
        wg_buf_printf(sql,
                      "(d.region = any($%zu::text[]) or split_part(d.region, '-', 1) = "
                      "any($%zu::text[]))",
                      n, n);
    else
        wg_buf_printf(sql,
                      "exists (select 1 from device_tag t where t.device_id = d.id and t.tag = "
                      "any($%zu::text[]))",
                      n);
    return true;
}

static bool compile_end(struct compiler *compiler, const char *column,
                        const struct wg_range_end *end, char sign, struct wg_buf *sql)
{
    if (end->open) return true;
    size_t n = bind(compiler, strdup(end->key));
    if (!n) return false;
    wg_buf_printf(sql, " and %s %c%s $%zu::text collate \"C\"", column, sign,
                  end->inclusive ? "=" : "", n);
    return true;
}

/* " and (span or span)" over a column of sort keys; nothing when everything is in. */
static bool compile_range(struct compiler *compiler, const char *column,
                          const struct wg_range *range, struct wg_buf *sql)
{
    for (size_t i = 0; i < range->count; i++)
        if (range->spans[i].from.open && range->spans[i].to.open) return true;
    /* '' is the key of what has no order: no bound may hold for it */
    wg_buf_printf(sql, " and %s <> '' and (", column);
    for (size_t i = 0; i < range->count; i++) {
        wg_buf_text(sql, i ? " or (true" : "(true");
        if (!compile_end(compiler, column, &range->spans[i].from, '>', sql) ||
            !compile_end(compiler, column, &range->spans[i].to, '<', sql))
            return false;
        wg_buf_char(sql, ')');
    }
    wg_buf_char(sql, ')');
    return true;
}

static bool compile_hardware(struct compiler *compiler, const struct selector *selector,
                             struct wg_buf *sql)
{
    size_t n = bind(compiler, strdup(selector->name));
    if (!n) return false;
    wg_buf_printf(sql, "(d.hardware_model = $%zu::text", n);
    if (!compile_range(compiler, "d.hardware_revision_key", &selector->range, sql)) return false;
    wg_buf_char(sql, ')');
    return true;
}

static bool compile_software(struct compiler *compiler, const struct selector *selector,
                             struct wg_buf *sql)
{
    size_t n = bind(compiler, strdup(selector->name));
    if (!n) return false;
    wg_buf_printf(sql,
                  "exists (select 1 from device_software s where s.device_id = d.id and "
                  "s.component = $%zu::text",
                  n);
    if (!compile_range(compiler, "s.version_key", &selector->range, sql)) return false;
    wg_buf_char(sql, ')');
    return true;
}

static bool compile(struct compiler *compiler, const struct selector *selector, struct wg_buf *sql);

static bool compile_children(struct compiler *compiler, const struct selector *selector,
                             const char *between, struct wg_buf *sql)
{
    wg_buf_char(sql, '(');
    for (size_t i = 0; i < selector->child_count; i++) {
        if (i) wg_buf_text(sql, between);
        if (!compile(compiler, selector->children[i], sql)) return false;
    }
    if (selector->child_count == 0) wg_buf_text(sql, "true");
    wg_buf_char(sql, ')');
    return true;
}

static bool compile(struct compiler *compiler, const struct selector *selector, struct wg_buf *sql)
{
    switch (selector->kind) {
    case SELECT_ALL:
        return compile_children(compiler, selector, " and ", sql);
    case SELECT_ANY:
        return compile_children(compiler, selector, " or ", sql);
    case SELECT_NOT:
        wg_buf_text(sql, "not ");
        return compile_children(compiler, selector, " and ", sql);
    case SELECT_HARDWARE:
        return compile_hardware(compiler, selector, sql);
    case SELECT_SOFTWARE:
        return compile_software(compiler, selector, sql);
    case SELECT_DEVICE:
    case SELECT_REGION:
    case SELECT_TAG:
        return compile_list(compiler, selector, sql);
    }
    return false;
}

static void list_words(const char *what, const struct text_list *list, struct wg_buf *out)
{
    wg_buf_printf(out, "%s ", what);
    for (size_t i = 0; i < list->count && i < 4; i++)
        wg_buf_printf(out, "%s%s", i ? ", " : "", list->items[i]);
    if (list->count > 4) wg_buf_printf(out, " and %zu more", list->count - 4);
}

static void words(const struct selector *selector, bool nested, struct wg_buf *out);

/* In brackets where "and" and "or" could be taken for each other. */
static void children_words(const struct selector *selector, bool nested, struct wg_buf *out)
{
    bool brackets = nested && selector->child_count > 1;
    bool inner = selector->child_count > 1 || nested;
    if (brackets) wg_buf_char(out, '(');
    for (size_t i = 0; i < selector->child_count; i++) {
        if (i) wg_buf_text(out, selector->kind == SELECT_ANY ? " or " : " and ");
        words(selector->children[i], inner, out);
    }
    if (brackets) wg_buf_char(out, ')');
}

static void words(const struct selector *selector, bool nested, struct wg_buf *out)
{
    switch (selector->kind) {
    case SELECT_DEVICE:
        list_words("device", &selector->values, out);
        break;
    case SELECT_REGION:
        list_words("region", &selector->values, out);
        break;
    case SELECT_TAG:
        list_words("tag", &selector->values, out);
        break;
    case SELECT_HARDWARE:
        wg_buf_printf(out, "hardware %s%s%s", selector->name,
                      selector->range_text[0] ? " revision " : "", selector->range_text);
        break;
    case SELECT_SOFTWARE:
        wg_buf_printf(out, "software %s %s", selector->name, selector->range_text);
        break;
    case SELECT_NOT: /* its one child is an "all" */
        wg_buf_text(out, "not ");
        words(selector->children[0], true, out);
        break;
    case SELECT_ALL:
    case SELECT_ANY:
        children_words(selector, nested, out);
        break;
    }
}

static void copy_words(struct target_clause *clause, const char *text)
{
    static const char more[] = "...";
    if (!wg_copy(clause->words, sizeof clause->words, text))
        memcpy(clause->words + sizeof clause->words - sizeof more, more, sizeof more);
}

static bool compile_clause(struct compiler *compiler, const struct selector *selector)
{
    struct target *target = compiler->target;
    struct wg_buf sql, text;
    if (target->clause_count == TARGET_CLAUSES_MAX)
        return wg_fail(compiler->err, WG_E_LIMIT, "the target has more than %d conditions",
                       TARGET_CLAUSES_MAX);
    struct target_clause *clause = &target->clauses[target->clause_count++];
    wg_buf_init(&sql, CLAUSE_MAX);
    wg_buf_init(&text, CLAUSE_MAX);
    words(selector, false, &text);
    bool ok = compile(compiler, selector, &sql) &&
              wg_buf_check(&sql, compiler->err, "one condition of the target") &&
              wg_buf_check(&text, compiler->err, "the words for a condition of the target");
    copy_words(clause, wg_buf_str(&text));
    wg_buf_clear(&text);
    clause->sql = ok ? wg_buf_take(&sql) : NULL;
    wg_buf_clear(&sql);
    return ok;
}

bool target_compile(const struct selector *all, struct target *out, struct wg_error *err)
{
    struct compiler compiler = {.target = out, .err = err};
    *out = (struct target){0};
    for (size_t i = 0; i < all->child_count; i++)
        if (!compile_clause(&compiler, all->children[i])) {
            target_clear(out);
            return false;
        }
    return true;
}

void target_clear(struct target *target)
{
    for (size_t i = 0; i < target->clause_count; i++) free(target->clauses[i].sql);
    for (size_t i = 0; i < target->param_count; i++) free(target->params[i]);
    *target = (struct target){0};
}
