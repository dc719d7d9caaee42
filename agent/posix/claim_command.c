/* claim_command.c: one thread asks, the caller's watches the clock and the signals. */
#include "agent/posix/claim_command.h"

#include "agent/posix/claim.h"
#include "agent/posix/https.h"
#include "agent/posix/pin_store.h"
#include "common/backoff.h"
#include "common/p256.h"
#include "common/posix/file.h"
#include "common/posix/signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TIMEOUT (5 * WG_MINUTE)
#define TIMEOUT_MOST WG_DAY
#define RETRY_FIRST WG_SECOND
#define RETRY_MOST WG_MINUTE
#define ASKED_MOST (10 * WG_MINUTE) /* a server that says "come again" is not waited for longer */

struct asking {
    struct claim *claim;
    struct pin_store pins; /* of the factory; none: tls is NULL */
    char url[WG_URL_MAX];
    wg_time deadline; /* monotonic */
    atomic_bool cancel;
    int stop, ended; /* eventfds: to the thread that asks, and from it */
    int signals;
    bool ok;
    struct wg_error err; /* of the last try */
};

static bool begin(void *ctx, const struct https_head *head, struct wg_error *err)
{
    (void)ctx;
    (void)head;
    (void)err;
    return true;
}

static bool take_body(void *ctx, const char *data, size_t len, struct wg_error *err)
{
    wg_buf_add(ctx, data, len);
    return wg_buf_check(ctx, err, "the answer");
}

/* What the server says against it, and whether it is worth asking again. */
static bool refused(int status, const struct wg_buf *body, bool *again, struct wg_error *err)
{
    struct wg_problem problem = {.status = status};
    enum wg_error_code code = status == 403   ? WG_E_DENIED
                              : status == 409 ? WG_E_CONFLICT
                                              : WG_E_FAILED;
    if (!wg_problem_decode(wg_buf_str(body), body->len, &problem, NULL)) problem.detail[0] = '\0';
    *again = status == 429 || status >= 500;
    return wg_fail(err, code, "the server answers %d%s%s", status, problem.detail[0] ? ": " : "",
                   problem.detail);
}

static bool judge(struct asking *asking, int status, const struct wg_buf *body, bool *again)
{
    struct wg_claim_answer answer;
    struct wg_error *err = &asking->err;
    *again = false;
    if (status != 200) return refused(status, body, again, err);
    if (!wg_claim_answer_decode(wg_buf_str(body), body->len, &answer, err)) {
        err->code = WG_E_VERIFY;
        return wg_context(err, "the answer to the claim");
    }
    return claim_keep(asking->claim, &answer, err);
}

/* One try. *again: it failed, and the next one may not; *retry: not before. */
static bool ask(struct asking *asking, bool *again, wg_duration *retry)
{
    struct wg_buf request, body;
    int status = 0;
    int64_t seconds = 0;
    const struct https_config config = {.ca_file = asking->claim->settings->ca,
                                        .pins = asking->pins.tls,
                                        .settings = &asking->claim->settings->download,
                                        .cancel = &asking->cancel};
    const struct https_sink sink = {.begin = begin, .body = take_body, .ctx = &body};
    asking->err = (struct wg_error){0};
    wg_buf_init(&request, WG_CLAIM_BYTES_MAX);
    wg_buf_init(&body, WG_CLAIM_ANSWER_MAX);
    *again = false;
    bool ok = wg_claim_request_encode(&asking->claim->request, &request, &asking->err);
    if (ok) {
        const struct https_post post = {
            .type = "application/json", .body = request.data, .len = request.len};
        ok = https_post(&config, asking->url, &post, &sink, &status, &seconds, &asking->err);
        *again = !ok && (asking->err.code == WG_E_NETWORK || asking->err.code == WG_E_TIMEOUT);
        ok = ok && judge(asking, status, &body, again);
    }
    *retry = seconds < ASKED_MOST / WG_SECOND ? seconds * WG_SECOND : ASKED_MOST;
    if (request.data) explicit_bzero(request.data, request.cap);
    wg_buf_clear(&request);
    wg_buf_clear(&body);
    return ok;
}

static void ask_until(struct asking *asking)
{
    struct wg_backoff backoff;
    bool again = true;
    wg_backoff_init(&backoff, RETRY_FIRST, RETRY_MOST);
    while (!asking->ok && again && !atomic_load(&asking->cancel)) {
        uint32_t random = 0;
        wg_duration retry = 0;
        asking->ok = ask(asking, &again, &retry);
        if (asking->ok || !again) return;
        if (!wg_random(&random, sizeof random, NULL)) random = 0;
        wg_duration wait = wg_backoff_next(&backoff, random);
        struct pollfd stop = {.fd = asking->stop, .events = POLLIN};
        wg_log(WG_LOG_WARN, "not claimed yet: asked again", "error", asking->err.text, NULL);
        (void)poll(&stop, 1, (int)(wait > retry ? wait : retry));
    }
}

static void *run(void *ctx)
{
    struct asking *asking = ctx;
    ask_until(asking);
    wg_p256_rest();
    (void)eventfd_write(asking->ended, 1);
    return NULL;
}

/* Why it was cancelled; WG_OK: it ended by itself. */
static enum wg_error_code watch(struct asking *asking)
{
    struct pollfd fds[] = {{.fd = asking->ended, .events = POLLIN},
                           {.fd = asking->signals, .events = POLLIN}};
    for (;;) {
        wg_duration left = asking->deadline - wg_monotonic();
        if (left <= 0) return WG_E_TIMEOUT;
        (void)poll(fds, 2, (int)(left < WG_MINUTE ? left : WG_MINUTE));
        if (fds[0].revents) return WG_OK;
        if (fds[1].revents) return WG_E_INTERRUPTED;
    }
}

static bool open_fds(struct asking *asking, struct wg_error *err)
{
    asking->stop = eventfd(0, EFD_CLOEXEC);
    asking->ended = eventfd(0, EFD_CLOEXEC);
    if (!wg_signals_open(&asking->signals, err)) return false;
    return (asking->stop >= 0 && asking->ended >= 0) || wg_fail_errno(err, "starting");
}

static void close_fds(const struct asking *asking)
{
    if (asking->stop >= 0) (void)close(asking->stop);
    if (asking->ended >= 0) (void)close(asking->ended);
    if (asking->signals >= 0) (void)close(asking->signals);
}

static bool ask_in_thread(struct asking *asking, struct wg_error *err)
{
    pthread_t thread;
    if (!open_fds(asking, err)) return false;
    if (pthread_create(&thread, NULL, run, asking) != 0)
        return wg_fail(err, WG_E_FAILED, "a thread could not be started");
    enum wg_error_code why = watch(asking);
    atomic_store(&asking->cancel, true);
    (void)eventfd_write(asking->stop, 1);
    (void)pthread_join(thread, NULL);
    if (asking->ok) return true;
    if (why == WG_OK) {
        *err = asking->err;
        return false;
    }
    return wg_fail(err, why, "%s%s%s", why == WG_E_TIMEOUT ? "the time is up" : "interrupted",
                   asking->err.text[0] ? "; at last: " : "", asking->err.text);
}

static bool read_url(const char *given, char out[WG_URL_MAX], struct wg_error *err)
{
    static const char scheme[] = "https://";
    if (!given) return wg_fail(err, WG_E_USAGE, "--claim needs --claim-url https://HOST:PORT");
    if (strncmp(given, scheme, sizeof scheme - 1) != 0)
        return wg_fail(err, WG_E_USAGE, "--claim-url: expected https://HOST:PORT");
    bool has_path = strchr(given + sizeof scheme - 1, '/') != NULL;
    return wg_format(out, WG_URL_MAX, "%s%s", given, has_path ? "" : WG_CLAIM_PATH) ||
           wg_fail(err, WG_E_USAGE, "--claim-url: longer than %d bytes", WG_URL_MAX - 1);
}

static bool read_flags(const struct args *args, struct settings *settings, struct asking *asking,
                       struct wg_error *err)
{
    const char *id = args_value(args, "claim-id"), *state = args_value(args, "state");
    const char *level = args_value(args, "log"), *timeout = args_value(args, "timeout");
    wg_duration lasts = TIMEOUT;
    if (!read_url(args_value(args, "claim-url"), asking->url, err)) return false;
    if (timeout &&
        (!wg_duration_parse(timeout, &lasts) || lasts < WG_SECOND || lasts > TIMEOUT_MOST))
        return wg_fail(err, WG_E_USAGE, "--timeout: expected a duration like 5m, at most 24h");
    asking->deadline = wg_monotonic() + lasts;
    if (state && !settings_set_state(settings, state, err)) return wg_context(err, "--state");
    if (level && !wg_log_level_parse(level, &settings->log))
        return wg_fail(err, WG_E_USAGE,
                       "--log: expected error, warn, info or debug, and json or journal");
    if (id && !wg_copy(settings->core.device, sizeof settings->core.device, id))
        settings->core.device[0] = '\0';
    return wg_name_is_valid(settings->core.device) ||
           wg_fail(err, WG_E_USAGE,
                   "who the device is: expected \"id\" in the configuration, or --claim-id ID");
}

static bool claim_all(struct asking *asking, struct claim_done *done, struct wg_error *err)
{
    struct claim *claim = asking->claim;
    done->before = claim->done;
    if (!done->before && !ask_in_thread(asking, err)) return false;
    if (!claim_finish(claim, err)) return false;
    done->not_after = claim->not_after;
    (void)wg_copy(done->certificate, sizeof done->certificate, claim->settings->certificate);
    return true;
}

/* The same key signs both lists: none is believed here that the agent would not believe. */
static bool open_pins(struct asking *asking, const struct settings *settings, struct wg_error *err)
{
    return !settings->pins[0] || pin_store_open(&asking->pins, settings->state, settings->pins,
                                                settings->pins_key, settings->core.resend, err);
}

bool claim_credentials(const struct args *args, const char *config, wg_duration within,
                       struct claim_done *done, struct wg_error *err)
{
    static struct settings settings; /* large */
    struct claim claim = {.lock = -1};
    struct asking asking = {.claim = &claim, .stop = -1, .ended = -1, .signals = -1};
    memset(done, 0, sizeof *done);
    if (!settings_load_unclaimed(&settings, config, err) ||
        !read_flags(args, &settings, &asking, err))
        return false;
    if (within > 0) asking.deadline = wg_monotonic() + within;
    (void)wg_copy(done->device, sizeof done->device, settings.core.device);
    wg_log_setup("wavegate-agent", settings.log);
    bool ok = claim_open(&claim, &settings, args_value(args, "claim"), err) &&
              open_pins(&asking, &settings, err) && claim_all(&asking, done, err);
    claim_close(&claim);
    pin_store_clear(&asking.pins);
    close_fds(&asking);
    return ok;
}

bool claim_command(const struct args *args, const char *config, struct wg_error *err)
{
    char text[WG_TIME_TEXT];
    struct claim_done done;
    if (!claim_credentials(args, config, 0, &done, err)) return false;
    wg_time_text(done.not_after, text);
    return printf("%s %s: %s, until %s\n", done.device,
                  done.before ? "was claimed before" : "is claimed", done.certificate, text) > 0;
}
