/* call.c: what handlers ask of a request, and say. */
#include "orchestrator/api/call.h"

#include "common/crypto.h"
#include "common/text.h"
#include "orchestrator/people/role.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/device_page.h"

#include <stdio.h>
#include <string.h>

#define REASON_MAX 160
#define VERSION_TEXT 24
#define TAG_TEXT (VERSION_TEXT + 40)
#define SCOPES_MAX ((size_t)65536)

const char *api_parameter(const struct api_call *call, const char *name)
{
    const char *value = http_target_parameter(call->request->target, name);
    return value ? value : "";
}

static bool is_known(const char *name, const char *const *known)
{
    static const char *const always[] = {"limit", "cursor", "format", NULL};
    for (const char *const *list = always; *list; list++)
        if (strcmp(*list, name) == 0) return true;
    for (; known && *known; known++)
        if (strcmp(*known, name) == 0) return true;
    return false;
}

bool api_parameters(const struct api_call *call, const char *const *known, struct wg_error *err)
{
    const struct http_target *target = call->request->target;
    for (size_t i = 0; i < target->count; i++)
        if (!is_known(target->parameters[i].name, known))
            return wg_fail(err, WG_E_USAGE, "there is no parameter \"%.40s\" here",
                           target->parameters[i].name);
    return true;
}

bool api_name_value(const struct api_call *call, size_t index, const char *what,
                    struct wg_error *err)
{
    return wg_name_is_valid(call->values[index]) ||
           wg_fail(err, WG_E_USAGE, "\"%.64s\" is no %s", call->values[index], what);
}

bool api_is_write(const struct api_call *call)
{
    return strcmp(call->route->method, "GET") != 0;
}

bool api_read_file(void *ctx, char *out, size_t size, size_t *got, struct wg_error *err)
{
    const struct api_call *call = ctx;
    return spool_read(call->request->file, out, size, got, err);
}

bool api_flag(const struct api_call *call, const char *name, bool *out, struct wg_error *err)
{
    const char *text = api_parameter(call, name);
    *out = strcmp(text, "true") == 0;
    return !text[0] || *out || strcmp(text, "false") == 0 ||
           wg_fail(err, WG_E_USAGE, "%s: expected true or false, got \"%.20s\"", name, text);
}

bool api_reason(const struct api_call *call, char out[WG_DETAIL_MAX + 1], struct wg_error *err)
{
    out[0] = '\0';
    if (!wg_json_text(call->body, "reason", out, WG_DETAIL_MAX + 1, err)) return false;
    if (!out[0]) return wg_fail(err, WG_E_USAGE, "reason: it is kept, for others: say why");
    bool plain = strlen(out) <= REASON_MAX;
    for (const char *c = out; *c; c++) plain = plain && (unsigned char)*c >= ' ' && *c != 0x7f;
    if (!plain)
        return wg_fail(err, WG_E_USAGE, "reason: at most %d bytes of plain text on one line",
                       REASON_MAX);
    return audit_row_plain("reason", out, err);
}

bool api_may_at_all(struct api_call *call, permission_set any_of, struct wg_error *err)
{
    char roles[ROLES_TEXT];
    if (call->who->permissions & any_of) return true;
    role_names(any_of, roles);
    return api_problem(call, 403, "not-allowed",
                       json_pack("{s:o}", "permissions", permission_set_json(any_of)), err,
                       "%s may not do that: it is for %s", call->who->name, roles);
}

bool api_may_everywhere(const struct api_call *call, enum permission permission,
                        struct wg_error *err)
{
    return grants_may_everywhere(&call->who->grants, permission) ||
           wg_fail(err, WG_E_DENIED, "%s may %s on a part of the fleet alone", call->who->name,
                   permission_name(permission));
}

bool api_scopes(const struct api_call *call, enum permission permission, struct wg_buf *out,
                struct wg_error *err)
{
    wg_buf_init(out, SCOPES_MAX);
    return grants_scopes(&call->who->grants, permission, out, err);
}

bool api_may_on_device(const struct api_call *call, enum permission permission, const char *device,
                       struct wg_error *err)
{
    struct wg_buf scopes;
    bool inside = false;
    bool ok = api_scopes(call, permission, &scopes, err) &&
              device_in_scopes(call->db, device, grants_scopes_param(&scopes), &inside, err);
    wg_buf_clear(&scopes);
    return ok && (inside || wg_fail(err, WG_E_DENIED, "%s may not %s on %s", call->who->name,
                                    permission_name(permission), device));
}

bool api_json(struct api_call *call, json_t *document, struct wg_error *err)
{
    if (!document && err && err->code) return false;
    return http_answer_json(call->answer, 200, document, err);
}

/* A list of tags, or "*" (RFC 9110, section 13.1); weak ones are the same to us. */
static bool lists_tag(const char *list, const char *tag)
{
    size_t len = strlen(tag);
    while (*list) {
        list += strspn(list, " \t,");
        if (*list == '*') return true;
        if (strncmp(list, "W/", 2) == 0) list += 2;
        if (strncmp(list, tag, len) == 0) return true;
        list += strcspn(list, ",");
    }
    return false;
}

/* before: the beginning of the tag. */
static bool tag_json(struct api_call *call, json_t *document, const char *before,
                     struct wg_error *err)
{
    uint8_t hash[WG_SHA256_SIZE];
    char hex[WG_SHA256_HEX], tag[TAG_TEXT];
    if (!api_json(call, document, err)) return false;
    struct http_answer *answer = call->answer;
    if (!wg_sha256_digest(answer->body.data, answer->body.len, hash, err)) return false;
    wg_hex(hash, 16, hex);
    (void)snprintf(tag, sizeof tag, "\"%s%.32s\"", before, hex);
    (void)http_answer_header(answer, "ETag", tag);
    const char *known = http_request_header(call->request, "If-None-Match");
    if (known && lists_tag(known, tag)) {
        answer->status = 304;
        wg_buf_clear(&answer->body);
        wg_buf_init(&answer->body, HTTP_ANSWER_MAX);
        answer->type[0] = '\0';
    }
    return true;
}

bool api_json_tagged(struct api_call *call, json_t *document, struct wg_error *err)
{
    return tag_json(call, document, "", err);
}

bool api_json_versioned(struct api_call *call, json_t *document, int64_t version,
                        struct wg_error *err)
{
    char before[VERSION_TEXT];
    (void)snprintf(before, sizeof before, "v%lld-", (long long)version);
    return tag_json(call, document, before, err);
}

void api_tag_version(struct api_call *call, int64_t version)
{
    char tag[TAG_TEXT];
    (void)snprintf(tag, sizeof tag, "\"v%lld\"", (long long)version);
    (void)http_answer_header(call->answer, "ETag", tag);
}

bool api_if_match(struct api_call *call, int64_t version, struct wg_error *err)
{
    char tag[TAG_TEXT];
    const char *given = http_request_header(call->request, "If-Match");
    (void)snprintf(tag, sizeof tag, "\"v%lld\"", (long long)version);
    if (!given || lists_tag(given, tag)) return true;
    tag[strlen(tag) - 1] = '-'; /* of a document that has the version in its tag */
    return lists_tag(given, tag) || api_problem(call, 412, "stale", NULL, err,
                                                "it was changed since you read it: read it again");
}

bool api_problem(struct api_call *call, unsigned status, const char *code, json_t *members,
                 struct wg_error *err, const char *format, ...)
{
    char detail[WG_ERROR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    (void)wg_format_args(detail, sizeof detail, format, args);
    va_end(args);
    wg_text_tame(detail);
    http_answer_problem(call->answer, status, code, detail, members);
    json_decref(members);
    return wg_fail(err, WG_E_FAILED, "%s", detail);
}
