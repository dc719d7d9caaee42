/* target.c: selectors as SQL. Values travel as parameters only; what is written into the text is
 * ours. */
#include "orchestrator/campaign/compiler.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAUSE_MAX 65536

size_t compiler_bind(struct compiler *compiler, char *text)
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

size_t compiler_bind_number(struct compiler *compiler, int64_t number)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    return compiler_bind(compiler, strdup(text));
}

/* A PostgreSQL array literal; every element quoted. */
char *target_array(const struct text_list *list)
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

size_t compiler_bind_list(struct compiler *compiler, const struct text_list *list)
{
    return compiler_bind(compiler, target_array(list));
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
    bool ok;
    switch (selector->kind) {
    case SELECT_ALL:
        return compile_children(compiler, selector, " and ", sql);
    case SELECT_ANY:
        return compile_children(compiler, selector, " or ", sql);
    case SELECT_NOT:
        wg_buf_text(sql, "not ");
        compiler->negations++;
        ok = compile_children(compiler, selector, " and ", sql);
        compiler->negations--;
        return ok;
    default:
        return compile_leaf(compiler, selector, sql);
    }
}

static bool asks_place(const struct selector *selector)
{
    for (size_t i = 0; i < selector->child_count; i++)
        if (asks_place(selector->children[i])) return true;
    return selector->kind == SELECT_WITHIN || selector->kind == SELECT_INSIDE ||
           selector->kind == SELECT_BBOX;
}

static void copy_words(struct target_clause *clause, const char *text)
{
    static const char more[] = "...";
    if (wg_copy(clause->words, sizeof clause->words, text)) return;
    (void)wg_copy(clause->words, sizeof clause->words - strlen(more), text);
    memcpy(clause->words + strlen(clause->words), more, sizeof more);
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
    selector_words(selector, &text);
    clause->places = asks_place(selector);
    if (selector->kind == SELECT_SOFTWARE)
        (void)wg_copy(clause->component, sizeof clause->component, selector->name);
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

/* Takes over sql. */
static bool take(struct wg_buf *sql, bool ok, char **out, struct wg_error *err)
{
    *out = ok && wg_buf_check(sql, err, "one condition of the campaign") ? wg_buf_take(sql) : NULL;
    wg_buf_clear(sql);
    return *out != NULL;
}

bool target_condition(struct target *target, const struct selector *all, char **sql,
                      struct wg_error *err)
{
    struct compiler compiler = {.target = target, .err = err};
    struct wg_buf text;
    wg_buf_init(&text, CLAUSE_MAX);
    bool ok = compile(&compiler, all, &text);
    return take(&text, ok, sql, err);
}

bool target_range(struct target *target, const char *column, const struct wg_range *range,
                  char **sql, struct wg_error *err)
{
    struct compiler compiler = {.target = target, .err = err};
    struct wg_buf text;
    wg_buf_init(&text, CLAUSE_MAX);
    wg_buf_text(&text, "");
    bool ok = compile_range(&compiler, column, range, &text);
    return take(&text, ok, sql, err);
}

size_t target_bind(struct target *target, const char *text, struct wg_error *err)
{
    struct compiler compiler = {.target = target, .err = err};
    return compiler_bind(&compiler, strdup(text));
}

size_t target_bind_list(struct target *target, const struct text_list *list, struct wg_error *err)
{
    struct compiler compiler = {.target = target, .err = err};
    return compiler_bind_list(&compiler, list);
}

void target_clear(struct target *target)
{
    for (size_t i = 0; i < target->clause_count; i++) free(target->clauses[i].sql);
    for (size_t i = 0; i < target->param_count; i++) free(target->params[i]);
    *target = (struct target){0};
}
