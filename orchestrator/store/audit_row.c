/* audit_row.c: rows of the audit log as they are written. */
#include "orchestrator/store/audit_row.h"

#include "common/audit_chain.h"
#include "common/redact.h"
#include "common/text.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define AUDIT_ORIGIN_MAX 128

bool audit_row_actor(struct db *db, const char *actor, struct wg_error *err)
{
    return db_set(db, "wavegate.actor", actor, err);
}

/* Without an address it is that which the database sees. */
bool audit_row_origin(struct db *db, const char *origin, struct wg_error *err)
{
    char whole[AUDIT_ORIGIN_MAX];
    if (strchr(origin, ' ')) return db_set(db, "wavegate.origin", origin, err);
    PGresult *result = db_query(db, SQL_SESSION_ADDRESS, 0, NULL, err);
    if (!result) return false;
    bool ok = wg_format(whole, sizeof whole, "%s%s", origin, db_text(result, 0, 0)) ||
              wg_fail(err, WG_E_USAGE, "an origin of more than %zu bytes", sizeof whole - 1);
    PQclear(result);
    return ok && db_set(db, "wavegate.origin", whole, err);
}

/* ---- without secrets ---- */

/* Whether something was taken out; what is redacted only in its form (colours, line ends) is not.
 */
static bool redact(const char *text, struct wg_buf *out, bool *removed, struct wg_error *err)
{
    wg_buf_init(out, AUDIT_ROW_MAX);
    if (!wg_redact(text, strlen(text), false, out, err)) return false;
    *removed = strstr(wg_buf_str(out), WG_REDACTED) && !strstr(text, WG_REDACTED);
    return true;
}

bool audit_row_plain(const char *what, const char *text, struct wg_error *err)
{
    struct wg_buf out;
    bool removed = false, ok = redact(text, &out, &removed, err);
    wg_buf_clear(&out);
    return ok && (!removed || wg_fail(err, WG_E_USAGE,
                                      "%s: it looks as if it held a key, token or password; it is "
                                      "kept for others to read: say it without",
                                      what));
}

/* The text, or what is left of it, which is kept in *out. */
static const char *told(const char *text, struct wg_buf *out)
{
    bool removed = false;
    wg_buf_init(out, AUDIT_ROW_MAX);
    if (!text) return NULL;
    if (!redact(text, out, &removed, NULL)) return WG_REDACTED;
    return removed ? wg_buf_str(out) : text;
}

/* A copy of the value whose strings are told(); keys are ours. */
static json_t *told_json(const json_t *value)
{
    if (json_is_string(value)) {
        struct wg_buf text;
        json_t *out = json_string(told(json_string_value(value), &text));
        wg_buf_clear(&text);
        return out;
    }
    if (json_is_array(value)) {
        json_t *out = json_array();
        for (size_t i = 0; out && i < json_array_size(value); i++)
            (void)json_array_append_new(out, told_json(json_array_get(value, i)));
        return out;
    }
    if (json_is_object(value)) {
        json_t *out = json_object(), *member;
        const char *key;
        json_object_foreach((json_t *)(uintptr_t)value, key, member)(void)
            json_object_set_new(out, key, told_json(member));
        return out;
    }
    return json_incref((json_t *)(uintptr_t)value);
}

/* Takes the reference over; the caller frees the text. NULL for NULL, and out of memory. */
static char *text_of(json_t *value)
{
    json_t *clean = value ? told_json(value) : NULL;
    char *text = clean ? json_dumps(clean, JSON_COMPACT) : NULL;
    json_decref(clean);
    json_decref(value);
    return text;
}

/* ---- rows ---- */

bool audit_row_change(struct db *db, const struct audit_change *change, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    struct wg_buf why;
    bool whole = change->detail != NULL, was = change->before != NULL, is = change->after != NULL;
    char *detail = text_of(change->detail), *before = text_of(change->before);
    char *after = text_of(change->after);
    const char *const params[] = {
        param_number(at, change->at), change->kind, change->subject, detail, before, after,
        told(change->why, &why)};
    bool ok = whole && detail && (!was || before) && (!is || after);
    ok = ok ? db_run(db, SQL_AUDIT_ADD, 7, params, NULL, err)
            : wg_fail_memory(err, "writing the audit log");
    free(detail);
    free(before);
    free(after);
    wg_buf_clear(&why);
    return ok;
}

bool audit_row_add(struct db *db, const char *kind, const char *subject, json_t *detail,
                   wg_time now, struct wg_error *err)
{
    const struct audit_change change = {
        .kind = kind, .subject = subject, .detail = detail, .at = now};
    return audit_row_change(db, &change, err);
}

bool audit_row_refused(struct db *db, const struct audit_refusal *refusal, struct wg_error *err)
{
    struct wg_buf why, subject;
    db_rollback(db);
    char *detail = text_of(refusal->detail);
    const char *const params[] = {refusal->who,  refusal->origin,
                                  refusal->what, told(refusal->subject, &subject),
                                  detail,        told(refusal->why, &why)};
    bool ok = db_run(db, SQL_AUDIT_REFUSED, 6, params, NULL, err);
    free(detail);
    wg_buf_clear(&subject);
    wg_buf_clear(&why);
    return ok;
}

bool audit_row_settle(struct db *db, struct wg_error *err)
{
    return db_run(db, SQL_AUDIT_REPEATED, 0, NULL, NULL, err) &&
           db_run(db, SQL_AUDIT_SETTLE, 0, NULL, NULL, err);
}
