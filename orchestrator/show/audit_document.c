/* audit_document.c: pages and head of the audit log. */
#include "orchestrator/show/audit_document.h"

#include "common/text.h"

#include <stdlib.h>

json_t *audit_document(struct db *db, const struct audit_query *query, struct wg_error *err)
{
    int64_t next = 0;
    char cursor[24] = "";
    json_t *rows = audit_find(db, query, &next, err);
    if (!rows) return NULL;
    (void)wg_format(cursor, sizeof cursor, "%lld", (long long)next);
    json_t *out = json_pack("{s:o,s:s?}", "items", rows, "next", next ? cursor : NULL);
    if (!out) (void)wg_fail_memory(err, "reading the audit log");
    return out;
}

bool audit_cursor(const char *text, int64_t *out, struct wg_error *err)
{
    char *end = NULL;
    *out = 0;
    if (!text) return true;
    *out = strtoll(text, &end, 10);
    return (text[0] >= '1' && text[0] <= '9' && *end == '\0' && *out < INT64_MAX) ||
           wg_fail(err, WG_E_USAGE, "expected the number of a row, got \"%.40s\"", text);
}

json_t *audit_head_document(struct db *db, struct wg_error *err)
{
    struct audit_chain chain;
    bool is_protected;
    char head[AUDIT_HEAD_TEXT], login[AUDIT_LOGIN_MAX];
    if (!audit_find_head(db, INT64_MAX, &chain, err) ||
        !audit_find_protected(db, &is_protected, login, err))
        return NULL;
    audit_chain_text(&chain, head);
    json_t *out = json_pack("{s:I,s:s,s:b,s:s}", "rows", (json_int_t)chain.rows, "head", head,
                            "protected", (int)is_protected, "login", login);
    if (!out) (void)wg_fail_memory(err, "reading the audit log");
    return out;
}
