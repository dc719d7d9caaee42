/* event_routes.c: live events: a stream a reader. It waits in memory; the database is asked only
 * which devices are within the scope of who may see a part of the fleet. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/event_text.h"
#include "orchestrator/api/events.h"
#include "orchestrator/api/rooms.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 512
#define ALIVE_EVERY (10 * WG_SECOND)
#define RETRY ((wg_duration)1000)
#define LIFE                                                                                       \
    (30 * WG_MINUTE) /* then who it is, is asked again: the reader comes back by itself            \
                      */
#define POOL_PATIENCE WG_SECOND
#define SCOPES_MAX ((size_t)65536)

struct event_stream {
    struct api *api;
    event_kinds kinds;
    struct wg_buf scopes;
    struct change_place after;
    bool begun, lost; /* lost: what it came with is no place */
    wg_time alive_at, end_at;
    struct change_row rows[AT_ONCE];
};

static bool is_listed(const PGresult *result, const char *id)
{
    for (int row = 0; row < PQntuples(result); row++)
        if (strcmp(db_text(result, row, 0), id) == 0) return true;
    return false;
}

static PGresult *ask_inside(struct event_stream *stream, size_t count, struct wg_error *err)
{
    struct param_array ids;
    struct db *db = db_pool_borrow(stream->api->pool, POOL_PATIENCE, err);
    if (!db) return NULL;
    param_array_init(&ids);
    for (size_t i = 0; i < count; i++)
        if (event_is_of_device(&stream->rows[i])) param_array_add(&ids, stream->rows[i].subject);
    const char *const params[] = {param_array_text(&ids), grants_scopes_param(&stream->scopes)};
    PGresult *result =
        param_array_check(&ids, err) ? db_query(db, SQL_CHANGE_INSIDE, 2, params, err) : NULL;
    param_array_clear(&ids);
    db_pool_return(stream->api->pool, db);
    return result;
}

/* Devices outside of the scope are dropped. */
static bool limit(struct event_stream *stream, size_t *count, struct wg_error *err)
{
    size_t left = 0, devices = 0;
    for (size_t i = 0; i < *count; i++) devices += event_is_of_device(&stream->rows[i]);
    if (!grants_scopes_param(&stream->scopes) || devices == 0) return true;
    PGresult *result = ask_inside(stream, *count, err);
    if (!result) return false;
    for (size_t i = 0; i < *count; i++)
        if (!event_is_of_device(&stream->rows[i]) || is_listed(result, stream->rows[i].subject))
            stream->rows[left++] = stream->rows[i];
    PQclear(result);
    *count = left;
    return true;
}

/* Who may what has changed, perhaps of this reader. */
static bool people_changed(const struct event_stream *stream, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(stream->rows[i].kind, "people") == 0) return true;
    return false;
}

static bool put_rows(struct event_stream *stream, size_t count, struct wg_buf *out, bool *end,
                     struct wg_error *err)
{
    *end = people_changed(stream, count);
    count = event_digest(stream->rows, count, stream->kinds);
    if (!limit(stream, &count, err)) return false;
    for (size_t i = 0; i < count; i++) event_put(out, &stream->rows[i]);
    if (*end) event_put_start(out, stream->after, RETRY);
    return true;
}

static void begin(struct event_stream *stream, struct wg_buf *out)
{
    stream->begun = true;
    if (stream->lost) {
        (void)events_newest(stream->api->events, &stream->after);
        event_put_reset(out, stream->after, wg_now());
    }
    event_put_start(out, stream->after, RETRY);
    stream->alive_at = wg_monotonic() + ALIVE_EVERY;
}

static void put_alive(struct event_stream *stream, struct wg_buf *out, bool *end)
{
    wg_time now = wg_monotonic();
    if (now >= stream->alive_at) {
        event_put_alive(out, wg_now());
        stream->alive_at = now + ALIVE_EVERY;
    }
    if (now < stream->end_at) return;
    event_put_end(out, RETRY);
    *end = true;
}

static bool stream_read(void *ctx, struct wg_buf *out, bool *end, struct wg_error *err)
{
    struct event_stream *stream = ctx;
    size_t count;
    if (!stream->begun) {
        begin(stream, out);
        return true;
    }
    switch (events_next(stream->api->events, &stream->after, stream->rows, AT_ONCE, &count,
                        stream->alive_at)) {
    case EVENTS_STOP:
        event_put_end(out, RETRY);
        *end = true;
        return true;
    case EVENTS_LOST:
        event_put_reset(out, stream->after, wg_now());
        break;
    case EVENTS_SOME:
        if (!put_rows(stream, count, out, end, err)) return false;
        break;
    case EVENTS_NONE:
        break;
    }
    if (!*end) put_alive(stream, out, end);
    return true;
}

static void stream_free(void *ctx)
{
    struct event_stream *stream = ctx;
    events_leave(stream->api->events);
    wg_buf_clear(&stream->scopes);
    free(stream);
}

/* Behind what the reader has seen, else behind what there is now. */
static bool find_start(struct api_call *call, struct event_stream *stream, struct wg_error *err)
{
    const char *seen = http_request_header(call->request, "Last-Event-ID");
    if (!events_newest(call->api->events, &stream->after))
        return api_problem(call, 503, "not-ready", NULL, err, "events cannot be read yet");
    stream->lost = seen && seen[0] && !change_place_parse(seen, &stream->after);
    return true;
}

static bool fill(struct api_call *call, struct event_stream *stream, struct wg_error *err)
{
    const struct who *who = call->who;
    stream->api = call->api;
    stream->end_at = wg_monotonic() + LIFE;
    if (who->ends && who->ends - call->now < LIFE)
        stream->end_at = wg_monotonic() + (who->ends - call->now);
    wg_buf_init(&stream->scopes, SCOPES_MAX);
    return event_topics_parse(api_parameter(call, "topics"), who->permissions, &stream->kinds,
                              err) &&
           grants_scopes(&who->grants, MAY_DEVICE_READ, &stream->scopes, err) &&
           find_start(call, stream, err);
}

static bool open_stream(struct api_call *call, struct wg_error *err)
{
    static const char *const known[] = {"topics", NULL};
    struct api *api = call->api;
    struct http_answer *answer = call->answer;
    const size_t most = (size_t)(call->settings->api.connections * 3 / 4);
    if (!api_parameters(call, known, err)) return false;
    if (!events_enter(api->events, most)) {
        (void)http_answer_header(answer, "Retry-After", "30");
        return api_problem(call, 503, "busy", NULL, err, "too many streams are open: %zu", most);
    }
    struct event_stream *stream = calloc(1, sizeof *stream);
    if (!stream) {
        events_leave(api->events);
        return wg_fail_memory(err, "a stream");
    }
    if (!fill(call, stream, err)) {
        stream->api = api;
        stream_free(stream);
        return false;
    }
    answer->status = 200;
    (void)wg_copy(answer->type, sizeof answer->type, "text/event-stream");
    (void)http_answer_header(answer, "X-Accel-Buffering", "no");
    answer->stream = (struct http_stream){stream_read, stream_free, stream};
    return true;
}

static const struct api_route routes[] = {
    {"GET", "/events", "streamEvents", MAY(CAMPAIGN_READ) | MAY(DEVICE_READ), API_STREAMS,
     open_stream},
};
const struct api_room event_room = {routes, sizeof routes / sizeof routes[0]};
