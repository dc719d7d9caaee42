/* release_write_routes.c: a release, or another form of one, is published: its artifact came before
 * (artifact_routes.c). */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/artifact_routes.h"
#include "orchestrator/api/campaign_act.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/release/artifact.h"
#include "orchestrator/steering/publishing.h"
#include "orchestrator/store/document.h"

#include <stdlib.h>
#include <string.h>

static bool answer_release(struct api_call *call, const struct release_row *row, bool added,
                           struct wg_error *err)
{
    json_t *document = document_get(call->db, SQL_RELEASE_DOCUMENT, 3,
                                    (const char *const[]){row->component, row->version, NULL}, err);
    if (!document) return false;
    (void)json_object_set_new(document, "added", json_boolean(added));
    return api_json(call, document, err);
}

/* Who publishes it, when. */
static void fill(const struct api_call *call, struct release_row *row)
{
    (void)wg_copy(row->added_by, sizeof row->added_by, call->who->name);
    row->added_at = call->now;
    row->approvals_wanted = call->settings->release_approvals;
}

/* That it is missing is told behind all else that is wrong, so that nobody sends it in vain. */
static bool take(struct api_call *call, struct publishing *publishing, struct wg_error *err)
{
    const char *folder;
    struct artifact artifact;
    struct wg_error missing = {0};
    if (!artifact_folder(call, &folder, err)) return false;
    if (!artifact_find(folder, publishing->row.sha256, &artifact, &missing) &&
        missing.code == WG_E_NOT_FOUND)
        return api_problem(call, 404, "no-artifact", NULL, err,
                           "%s: PUT " API_PREFIX "/artifacts/... comes first", missing.text);
    return publishing_take(publishing, call->settings, err);
}

static bool sign(struct api_call *call, struct publishing *publishing, struct wg_error *err)
{
    struct sent_word *word = NULL;
    struct signing signing;
    const struct signature_authority authority = authority_lend(call->api->authority);
    bool ok = campaign_word(call, MAY_RELEASE_PUBLISH, &authority, &word, &signing, err);
    authority_give_back(call->api->authority);
    ok = ok && publishing_sign(publishing, call->db, &signing, err);
    campaign_word_free(word);
    return ok;
}

static bool add(struct api_call *call, struct publishing *publishing, struct wg_error *err)
{
    bool added = false;
    if (!publishing_read(call->body, publishing, err)) return false;
    fill(call, &publishing->row);
    return sign(call, publishing, err) && take(call, publishing, err) &&
           publishing_add(publishing, call->db, &added, err) &&
           answer_release(call, &publishing->row, added, err);
}

static bool publish(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"component", "version",        "sha256",  "from",
                                       "notes",     "hardware_model", "depends", "with",
                                       "header",    "statement",      "chain",   NULL};
    if (!api_parameters(call, NULL, err) || !wg_json_only_keys(call->body, keys, err) ||
        !api_may_everywhere(call, MAY_RELEASE_PUBLISH, err))
        return false;
    struct publishing *publishing = calloc(1, sizeof *publishing);
    if (!publishing) return wg_fail_memory(err, "a release");
    bool ok = add(call, publishing, err);
    free(publishing);
    return ok;
}

static bool add_form(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"sha256", "header", NULL};
    bool added = false;
    if (!api_parameters(call, NULL, err) || !wg_json_only_keys(call->body, keys, err) ||
        !api_name_value(call, 0, "component", err) ||
        !api_may_everywhere(call, MAY_RELEASE_PUBLISH, err))
        return false;
    struct publishing *form = calloc(1, sizeof *form);
    if (!form) return wg_fail_memory(err, "a form");
    bool ok = publishing_read_form(call->body, call->values[0], call->values[1], form, err);
    if (ok) fill(call, &form->row);
    ok = ok && take(call, form, err) && release_form_add(call->db, &form->row, &added, err) &&
         answer_release(call, &form->row, added, err);
    free(form);
    return ok;
}

/* ---- the word of others ---- */

static bool read_names(struct api_call *call, const char *const *keys, struct wg_error *err)
{
    return api_parameters(call, NULL, err) && wg_json_only_keys(call->body, keys, err) &&
           api_name_value(call, 0, "component", err);
}

/* Told as it stands now. */
static bool answer_standing(struct api_call *call, const char *key, bool value,
                            struct wg_error *err)
{
    json_t *document =
        document_get(call->db, SQL_RELEASE_DOCUMENT, 3,
                     (const char *const[]){call->values[0], call->values[1], NULL}, err);
    if (document) (void)json_object_set_new(document, key, json_boolean(value));
    return document && api_json(call, document, err);
}

static bool approve(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {NULL};
    bool counts = false;
    return read_names(call, keys, err) && api_may_everywhere(call, MAY_RELEASE_APPROVE, err) &&
           release_row_approve(call->db, call->values[0], call->values[1], call->who->name,
                               call->now, &counts, err) &&
           answer_standing(call, "counts", counts, err);
}

/* By whoever may approve; what one published oneself is withdrawn so. */
static bool refuse(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"reason", NULL};
    char reason[WG_DETAIL_MAX + 1];
    struct release_row *row = calloc(1, sizeof *row);
    if (!row) return wg_fail_memory(err, "refusing a release");
    bool ok = read_names(call, keys, err) && api_reason(call, reason, err) &&
              release_row_get(call->db, call->values[0], call->values[1], row, err);
    bool own = ok && strcmp(row->added_by, call->who->name) == 0;
    free(row);
    return ok && api_may_everywhere(call, own ? MAY_RELEASE_PUBLISH : MAY_RELEASE_APPROVE, err) &&
           release_row_refuse(call->db, call->values[0], call->values[1], call->who->name, reason,
                              call->now, err) &&
           answer_standing(call, "withdrawn", own, err);
}

static const struct api_route routes[] = {
    {"POST", "/releases", "publishRelease", MAY(RELEASE_PUBLISH), API_BODY, publish},
    {"POST", "/releases/{component}/{version}/forms", "addReleaseForm", MAY(RELEASE_PUBLISH),
     API_BODY, add_form},
    {"POST", "/releases/{component}/{version}/approve", "approveRelease", MAY(RELEASE_APPROVE),
     API_BODY, approve},
    {"POST", "/releases/{component}/{version}/refuse", "refuseRelease",
     MAY(RELEASE_APPROVE) | MAY(RELEASE_PUBLISH), API_BODY, refuse},
};
const struct api_room release_write_room = {routes, sizeof routes / sizeof routes[0]};
