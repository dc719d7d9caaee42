/* call.h: one request on its way through: who asks, which route, with what, and the answer. Belongs
 * to one thread. */
#ifndef WG_ORCHESTRATOR_API_CALL_H
#define WG_ORCHESTRATOR_API_CALL_H

#include "orchestrator/api/db_pool.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/http/server.h"
#include "orchestrator/people/who.h"

#define API_PREFIX "/api/v1"
#define API_VALUES_MAX 4 /* {names} in one path */

struct api;
struct api_call;

/* False: the error becomes a problem, by its code. */
typedef bool (*api_handle_fn)(struct api_call *call, struct wg_error *err);

enum api_route_flag {
    API_OPEN = 1,    /* for anybody, signed in or not */
    API_BODY = 2,    /* a JSON object is wanted */
    API_STREAMS = 4, /* the handler leaves a stream, and needs no database connection before */
    API_NO_DATABASE = 8,
    API_OWN_TRANSACTION = 16, /* of a write: the handler begins and ends it */
    API_UNVERSIONED = 32,     /* outside of API_PREFIX */
    /* a password is in the body: an Idempotency-Key is passed over, since it is kept with a hash of
     * the body, from which a password could be guessed */
    API_SECRET_BODY = 64,
    API_FILE = 128, /* the body is a file, of up to api.file_max bytes: request->file */
    /* the body is an artifact, that is taken as it comes: request->upload (artifact_routes.h) */
    API_UPLOAD = 256
};

struct api_route {
    const char *method;    /* "GET" */
    const char *path;      /* behind API_PREFIX: "/devices/{id}" */
    const char *operation; /* operationId of openapi.yaml */
    permission_set any_of; /* one of these suffices; 0: signed in is enough */
    unsigned flags;
    api_handle_fn handle;
};

struct api_call {
    struct api *api;
    const struct settings *settings;
    const struct http_request *request;
    struct http_answer *answer;
    const struct api_route *route;
    char values[API_VALUES_MAX][WG_VERSION_MAX + 1]; /* of the path's {names}, in order */
    struct who *who;                                 /* nobody on open routes, perhaps */
    char chain_name[WG_NAME_MAX + 1], chain_role[WG_NAME_MAX + 1]; /* of a certificate that holds */
    struct db *db;                                                 /* NULL: API_NO_DATABASE */
    json_t *body;                                                  /* API_BODY: an object */
    wg_time now;
};

/* What a query parameter says; "" when it is not there. Borrowed. */
const char *api_parameter(const struct api_call *call, const char *name);
/* Only these parameters (NULL-terminated; limit, cursor and format are for lists): WG_E_USAGE names
 * the one that is not known. */
WG_MUST_CHECK bool api_parameters(const struct api_call *call, const char *const *known,
                                  struct wg_error *err);
/* A name (device, campaign, wave ...) or WG_E_USAGE. */
WG_MUST_CHECK bool api_name_value(const struct api_call *call, size_t index, const char *what,
                                  struct wg_error *err);
bool api_is_write(const struct api_call *call);
/* The next bytes of an API_FILE. ctx: the call. As source_read_fn (registry/source.h). */
bool api_read_file(void *ctx, char *out, size_t size, size_t *got, struct wg_error *err);
/* A parameter that is "true" or "false", or not there. WG_E_USAGE. */
WG_MUST_CHECK bool api_flag(const struct api_call *call, const char *name, bool *out,
                            struct wg_error *err);
/* The reason that a body gives: 1 to 160 bytes of plain text in one line; WG_E_USAGE. */
WG_MUST_CHECK bool api_reason(const struct api_call *call, char out[WG_DETAIL_MAX + 1],
                              struct wg_error *err);

/* One of these, on whatever? WG_E_DENIED, with who may. */
WG_MUST_CHECK bool api_may_at_all(struct api_call *call, permission_set any_of,
                                  struct wg_error *err);
/* May they, on all there is? Else, on that device? WG_E_DENIED. */
WG_MUST_CHECK bool api_may_everywhere(const struct api_call *call, enum permission permission,
                                      struct wg_error *err);
/* Of who asks: a list for grants_scopes_param(). wg_buf_clear() it, also after a failure. */
WG_MUST_CHECK bool api_scopes(const struct api_call *call, enum permission permission,
                              struct wg_buf *out, struct wg_error *err);
WG_MUST_CHECK bool api_may_on_device(const struct api_call *call, enum permission permission,
                                     const char *device, struct wg_error *err);

/* 200 with the document, which is taken over. */
WG_MUST_CHECK bool api_json(struct api_call *call, json_t *document, struct wg_error *err);
/* The same with an ETag of these bytes; 304 when the client has it. */
WG_MUST_CHECK bool api_json_tagged(struct api_call *call, json_t *document, struct wg_error *err);
/* The same with the thing's version in the ETag, "vN-HASH", so that api_if_match() knows it. */
WG_MUST_CHECK bool api_json_versioned(struct api_call *call, json_t *document, int64_t version,
                                      struct wg_error *err);
/* ETag of a version number; WG_E_CONFLICT with status 412 when If-Match names another. */
void api_tag_version(struct api_call *call, int64_t version);
WG_MUST_CHECK bool api_if_match(struct api_call *call, int64_t version, struct wg_error *err);

/* A problem of its own, instead of the error's: returns false, for "return api_problem(...)". */
bool api_problem(struct api_call *call, unsigned status, const char *code, json_t *members,
                 struct wg_error *err, const char *format, ...) WG_PRINTF(6, 7);

#endif
