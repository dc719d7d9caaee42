/* audit_chain.c: hashes and links of the audit log's rows. */
#include "common/audit_chain.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

void audit_chain_init(struct audit_chain *chain)
{
    chain->rows = 0;
    memset(chain->head, '0', WG_SHA256_HEX - 1);
    chain->head[WG_SHA256_HEX - 1] = '\0';
}

void audit_chain_text(const struct audit_chain *chain, char out[AUDIT_HEAD_TEXT])
{
    (void)wg_format(out, AUDIT_HEAD_TEXT, "%lld:%s", (long long)chain->rows, chain->head);
}

/* Of all but the hash itself; false for what has no canonical form, which no program of ours wrote.
 */
static bool hash_of(const json_t *row, char hash[WG_SHA256_HEX])
{
    struct wg_buf bytes;
    json_t *rest = json_copy((json_t *)(uintptr_t)row);
    wg_buf_init(&bytes, AUDIT_ROW_MAX);
    bool ok = rest && json_object_del(rest, "hash") == 0 && wg_json_canonical(rest, &bytes, NULL) &&
              wg_sha256_of(wg_buf_str(&bytes), bytes.len, hash, NULL);
    wg_buf_clear(&bytes);
    json_decref(rest);
    return ok;
}

static bool says(const json_t *row, const char *key, const char *text)
{
    const char *said = json_string_value(json_object_get(row, key));
    return said && strcmp(said, text) == 0;
}

static bool wrong_number(const struct audit_chain *chain, int64_t number, enum audit_break *what,
                         struct wg_error *err)
{
    *what = number > chain->rows + 1 ? AUDIT_MISSING : AUDIT_MOVED;
    if (*what == AUDIT_MISSING)
        return wg_fail(err, WG_E_VERIFY, "row %lld is missing: row %lld stands in its place",
                       (long long)chain->rows + 1, (long long)number);
    return wg_fail(err, WG_E_VERIFY, "row %lld is out of order: it stands behind row %lld",
                   (long long)number, (long long)chain->rows);
}

bool audit_chain_add(struct audit_chain *chain, const json_t *row, enum audit_break *what,
                     struct wg_error *err)
{
    char hash[WG_SHA256_HEX] = "";
    const json_t *number = json_object_get(row, "number");
    long long next = (long long)chain->rows + 1;
    *what = AUDIT_EDITED;
    if (!json_is_integer(number))
        return wg_fail(err, WG_E_VERIFY, "row %lld was edited: it has no number", next);
    if (json_integer_value(number) != chain->rows + 1)
        return wrong_number(chain, json_integer_value(number), what, err);
    if (!says(row, "previous", chain->head)) {
        *what = AUDIT_MOVED;
        return chain->rows == 0
                   ? wg_fail(err, WG_E_VERIFY, "row 1 was replaced: nothing can be before it")
                   : wg_fail(err, WG_E_VERIFY,
                             "row %lld does not follow on row %lld: one of them was moved or "
                             "replaced",
                             next, next - 1);
    }
    if (!hash_of(row, hash) || !says(row, "hash", hash))
        return wg_fail(err, WG_E_VERIFY, "row %lld was edited: its hash is not that of its content",
                       next);
    *what = AUDIT_HOLDS;
    chain->rows++;
    memcpy(chain->head, hash, sizeof chain->head);
    return true;
}

static bool is_hash(const char *text)
{
    uint8_t bytes[WG_SHA256_SIZE];
    return strlen(text) == WG_SHA256_HEX - 1 && wg_unhex(text, bytes, sizeof bytes);
}

bool audit_head_parse(const char *text, struct audit_head *out, struct wg_error *err)
{
    const char *colon = strchr(text, ':'), *hash = colon ? colon + 1 : text;
    char *end = NULL;
    *out = (struct audit_head){0};
    if (colon) out->number = strtoll(text, &end, 10);
    if (!is_hash(hash) ||
        (colon && (end != colon || text[0] < '1' || text[0] > '9' || out->number == INT64_MAX)))
        return wg_fail(err, WG_E_USAGE,
                       "a head: expected NUMBER:HASH or HASH as audit verify prints it, got "
                       "\"%.80s\"",
                       text);
    (void)wg_copy(out->hash, sizeof out->hash, hash);
    return true;
}

void audit_head_look(struct audit_head *head, const struct audit_chain *chain)
{
    bool here = head->number == 0 || head->number == chain->rows;
    head->met = head->met || (here && strcmp(head->hash, chain->head) == 0);
}

bool audit_head_check(const struct audit_head *head, const struct audit_chain *chain,
                      struct wg_error *err)
{
    long long rows = (long long)chain->rows, noted = (long long)head->number;
    if (head->met) return true;
    if (noted > rows)
        return wg_fail(err, WG_E_VERIFY,
                       "row %lld is missing: the log is cut off there, the head that was noted is "
                       "of row %lld",
                       rows + 1, noted);
    if (noted > 0)
        return wg_fail(err, WG_E_VERIFY,
                       "row %lld is not the one that was noted: the log was made anew", noted);
    return wg_fail(err, WG_E_VERIFY,
                   "none of %lld rows has the hash that was noted: the log is cut off at row %lld, "
                   "or was made anew",
                   rows, rows + 1);
}
