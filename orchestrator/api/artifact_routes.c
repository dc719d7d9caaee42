/* artifact_routes.c: artifacts come in as they are, under their hash, and stay when it holds. */
#include "orchestrator/api/artifact_routes.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/release/artifact.h"

#include <string.h>
#include <sys/statvfs.h>

/* What a full disk must leave to others. */
#define ROOM_LEFT ((int64_t)64 * 1024 * 1024)

bool artifact_folder(struct api_call *call, const char **out, struct wg_error *err)
{
    *out = call->settings->artifacts_folder;
    return (*out)[0] || api_problem(call, 501, "no-artifacts", NULL, err,
                                    "this server keeps no artifacts: artifacts: {folder: ...} is "
                                    "missing in its configuration");
}

static json_t *artifact_json(const struct artifact *artifact, bool added)
{
    return json_pack("{s:s,s:I,s:b}", "sha256", artifact->sha256, "length",
                     (json_int_t)artifact->length, "added", (int)added);
}

static bool get_artifact(struct api_call *call, struct wg_error *err)
{
    const char *folder;
    struct artifact artifact;
    if (!api_parameters(call, NULL, err) || !artifact_folder(call, &folder, err) ||
        !artifact_find(folder, call->values[0], &artifact, err))
        return false;
    return api_json(
        call,
        json_pack("{s:s,s:I}", "sha256", artifact.sha256, "length", (json_int_t)artifact.length),
        err);
}

static bool has_room(struct api_call *call, const char *folder, int64_t length,
                     struct wg_error *err)
{
    struct statvfs disk;
    if (statvfs(folder, &disk) != 0) return true; /* it is made for the first one */
    int64_t left = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    return left - ROOM_LEFT >= length ||
           api_problem(call, 507, "no-room", NULL, err,
                       "the disk of the artifacts has %lld bytes left for others", (long long)left);
}

static bool take_piece(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    return artifact_intake_push(ctx, data, len, err);
}

static void let_go(void *ctx)
{
    artifact_intake_free(ctx);
}

bool artifact_upload_begin(struct api_call *call, struct http_upload *upload, struct wg_error *err)
{
    const char *folder;
    struct artifact there;
    struct wg_error missing = {0};
    const int64_t most = call->settings->api.upload_max;
    if (!api_parameters(call, NULL, err) || !api_may_everywhere(call, MAY_RELEASE_PUBLISH, err) ||
        !artifact_folder(call, &folder, err))
        return false;
    upload->answered = artifact_find(folder, call->values[0], &there, &missing);
    if (upload->answered) return api_json(call, artifact_json(&there, false), err);
    if (missing.code != WG_E_NOT_FOUND) {
        *err = missing;
        return false;
    }
    if (upload->length < 0)
        return api_problem(call, 411, "length", NULL, err,
                           "Content-Length is missing: how large is it?");
    if (upload->length > most)
        return wg_fail(err, WG_E_LIMIT, "%lld bytes: this server takes at most %lld",
                       (long long)upload->length, (long long)most);
    if (!has_room(call, folder, upload->length, err)) return false;
    upload->ctx = artifact_intake_new(folder, err);
    if (!upload->ctx) return false;
    upload->write = take_piece;
    upload->free = let_go;
    return true;
}

static bool put_artifact(struct api_call *call, struct wg_error *err)
{
    const struct http_request *request = call->request;
    struct artifact got;
    if (request->upload_error) {
        *err = *request->upload_error;
        return false;
    }
    if (!request->upload) return wg_fail(err, WG_E_USAGE, "the body: the artifact is missing");
    return artifact_intake_end(request->upload, call->values[0], &got, err) &&
           api_json(call, artifact_json(&got, true), err);
}

static const struct api_route routes[] = {
    {"GET", "/artifacts/{sha256}", "getArtifact", MAY(RELEASE_READ), 0, get_artifact},
    {"PUT", "/artifacts/{sha256}", "putArtifact", MAY(RELEASE_PUBLISH),
     API_UPLOAD | API_OWN_TRANSACTION, put_artifact},
};
const struct api_room artifact_room = {routes, sizeof routes / sizeof routes[0]};
