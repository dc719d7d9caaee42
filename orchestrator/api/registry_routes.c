/* registry_routes.c: the registry as files: devices in and out, records of their enrolment. */
#include "orchestrator/api/list.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/steering/enrolling.h"
#include "orchestrator/steering/registry_export.h"
#include "orchestrator/steering/registry_import.h"

#include <stdlib.h>
#include <string.h>

#define SCOPES_MAX ((size_t)65536)
#define BLOCK ((size_t)64 * 1024)

static bool read_format(const struct api_call *call, enum device_format *out, struct wg_error *err)
{
    const char *text = api_parameter(call, "format");
    return !text[0] || device_format_parse(text, out) ||
           wg_fail(err, WG_E_USAGE, "format: expected csv or ndjson, got \"%.20s\"", text);
}

/* A file that cannot be read on: 422, and where. */
static bool bad_line(struct api_call *call, int64_t line, struct wg_error *err)
{
    char why[WG_ERROR_TEXT_MAX];
    (void)wg_copy(why, sizeof why, err->text);
    return api_problem(
        call, 422, "bad-file",
        json_pack("{s:[{s:I,s:s}]}", "problems", "line", (json_int_t)line, "reason", why), err,
        "line %lld: %s", (long long)line, why);
}

/* ---- in ---- */

static bool import_answer(struct api_call *call, const struct registry_import *import,
                          struct wg_error *err)
{
    json_t *document = registry_import_json(import);
    if (import->refused == 0 || !import->all_or_nothing) return api_json(call, document, err);
    return api_problem(call, 422, "bad-file", document, err, "nothing is stored: %lld rows are bad",
                       (long long)import->refused);
}

static bool import_read(struct api_call *call, struct registry_import *import, struct wg_error *err)
{
    static const char *const parameters[] = {"all_or_nothing", "dry_run", NULL};
    import->read = api_read_file;
    import->ctx = call;
    return api_parameters(call, parameters, err) && read_format(call, &import->format, err) &&
           api_flag(call, "all_or_nothing", &import->all_or_nothing, err) &&
           api_flag(call, "dry_run", &import->dry_run, err);
}

static bool import_devices(struct api_call *call, struct wg_error *err)
{
    struct wg_buf scopes;
    struct registry_import *import = calloc(1, sizeof *import);
    if (!import) return wg_fail_memory(err, "importing devices");
    wg_buf_init(&scopes, SCOPES_MAX);
    bool ok = import_read(call, import, err) &&
              grants_scopes(&call->who->grants, MAY_DEVICE_EDIT, &scopes, err);
    import->scopes = grants_scopes_param(&scopes);
    if (ok && !registry_import_run(call->db, import, call->now, err))
        ok = import->line > 0 ? bad_line(call, import->line, err) : false;
    ok = ok && import_answer(call, import, err);
    wg_buf_clear(&scopes);
    free(import);
    return ok;
}

/* ---- out ---- */

static bool keep_block(void *ctx, const void *bytes, size_t len, struct wg_error *err)
{
    struct spool *spool = ctx;
    return spool_add(spool, bytes, len, err) &&
           (!spool->over || wg_fail(err, WG_E_LIMIT,
                                    "the file is larger than the server's api.file_max: ask for a "
                                    "tag or a group"));
}

static bool send_block(void *ctx, struct wg_buf *out, bool *end, struct wg_error *err)
{
    char block[BLOCK];
    size_t got;
    if (!spool_read(ctx, block, sizeof block, &got, err)) return false;
    wg_buf_add(out, block, got);
    *end = got == 0;
    return true;
}

static void free_spool(void *ctx)
{
    spool_clear(ctx);
    free(ctx);
}

static void stream_file(struct api_call *call, struct spool *spool, enum device_format format)
{
    struct http_answer *answer = call->answer;
    bool csv = format == DEVICE_FORMAT_CSV;
    answer->status = 200;
    (void)wg_copy(answer->type, sizeof answer->type,
                  csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson");
    (void)http_answer_header(answer, "Content-Disposition",
                             csv ? "attachment; filename=\"devices.csv\""
                                 : "attachment; filename=\"devices.ndjson\"");
    answer->stream = (struct http_stream){send_block, free_spool, spool};
}

static bool name_parameter(const struct api_call *call, const char *name, const char **out,
                           struct wg_error *err)
{
    const char *text = api_parameter(call, name);
    *out = text[0] ? text : NULL;
    return !*out || wg_name_is_valid(text) ||
           wg_fail(err, WG_E_USAGE, "%s: \"%.64s\" is none", name, text);
}

/* All of it as of one moment, whole before the first byte goes out: a client that is slow keeps no
 * transaction open, and what fails is a problem instead of a file that lacks its end. */
static bool export_devices(struct api_call *call, struct wg_error *err)
{
    static const char *const parameters[] = {"tag", "group", NULL};
    struct wg_buf scopes;
    struct device_export from = {.tag = NULL};
    enum device_format format = DEVICE_FORMAT_CSV;
    struct spool *spool = calloc(1, sizeof *spool);
    if (!spool) return wg_fail_memory(err, "exporting devices");
    spool_init(spool);
    wg_buf_init(&scopes, SCOPES_MAX);
    bool ok = api_parameters(call, parameters, err) && read_format(call, &format, err) &&
              name_parameter(call, "tag", &from.tag, err) &&
              name_parameter(call, "group", &from.group, err) &&
              grants_scopes(&call->who->grants, MAY_DEVICE_READ, &scopes, err) &&
              spool_open(spool, call->settings->api.files, call->settings->api.file_max, err);
    from.scopes = grants_scopes_param(&scopes);
    ok = ok && registry_export_run(call->db, &from, format, keep_block, spool, err) &&
         spool_rewind(spool, err);
    wg_buf_clear(&scopes);
    if (ok)
        stream_file(call, spool, format);
    else
        free_spool(spool);
    return ok;
}

/* ---- enrolment ---- */

static bool enrol_devices(struct api_call *call, struct wg_error *err)
{
    struct enrolling with = {.read = api_read_file, .ctx = call, .key = call->settings->enrolment};
    if (!api_parameters(call, NULL, err) || !api_may_everywhere(call, MAY_DEVICE_EDIT, err))
        return false;
    if (!enrolling_run(call->db, &with, call->now, err))
        return with.line > 0 && err->code == WG_E_BAD_FILE ? bad_line(call, with.line, err) : false;
    return api_json(call, json_pack("{s:I}", "devices", (json_int_t)with.devices), err);
}

static const struct api_route routes[] = {
    {"POST", "/devices/import", "importDevices", MAY(DEVICE_EDIT), API_FILE | API_OWN_TRANSACTION,
     import_devices},
    {"GET", "/devices/export", "exportDevices", MAY(DEVICE_READ), 0, export_devices},
    {"POST", "/devices/enrol", "enrolDevices", MAY(DEVICE_EDIT), API_FILE | API_OWN_TRANSACTION,
     enrol_devices},
};
const struct api_room registry_room = {routes, sizeof routes / sizeof routes[0]};
