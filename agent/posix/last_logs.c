/* last_logs.c: which report takes logs along, and what goes into them. */
#include "agent/posix/last_logs.h"

#include "common/log.h"
#include "common/redact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REDACTED_MAX                                                                               \
    ((size_t)1 << 20) /* the words in the place of secrets may be longer than they */

static void take_line(void *ctx, const char *line, size_t len)
{
    struct last_logs *logs = ctx;
    trail_add(&logs->trail, WG_LOG_OF_AGENT, line, len);
}

void last_logs_heard(void *ctx, const char *bytes, size_t len)
{
    struct last_logs *logs = ctx;
    trail_add(&logs->trail, WG_LOG_OF_PAYLOAD, bytes, len);
}

/* The end is kept. */
static void hear_program(void *ctx, const char *bytes, size_t len)
{
    struct last_logs *logs = ctx;
    size_t room = sizeof logs->output - logs->output_len;
    if (len > room) {
        size_t drop = len - room;
        if (drop > logs->output_len) drop = logs->output_len;
        memmove(logs->output, logs->output + drop, logs->output_len - drop);
        logs->output_len -= drop;
        logs->output_cut = true;
    }
    memcpy(logs->output + logs->output_len, bytes, len);
    logs->output_len += len;
}

bool last_logs_open(struct last_logs *logs, const struct last_logs_config *config,
                    struct wg_error *err)
{
    logs->config = *config;
    logs->up = false;
    logs->due.seq = 0;
    runner_init(&logs->program);
    logs->program.heard = hear_program;
    logs->program.ctx = logs;
    if (!trail_open(&logs->trail, config->state, err) ||
        !log_quota_open(&logs->quota, config->state, err))
        return false;
    wg_log_tap(take_line, logs);
    return true;
}

void last_logs_close(struct last_logs *logs)
{
    wg_log_tap(NULL, NULL);
    runner_stop(&logs->program);
    trail_sync(&logs->trail);
    trail_close(&logs->trail);
}

void last_logs_begin(struct last_logs *logs, const char *verb, const char *component,
                     const char *version, wg_time wall)
{
    char line[WG_TIME_TEXT + 64 + WG_NAME_MAX + WG_VERSION_MAX], at[WG_TIME_TEXT];
    wg_time_text(wall, at);
    (void)snprintf(line, sizeof line, "# %s %s of %s %s", wall ? at : "(no clock)", verb, component,
                   version);
    trail_note(&logs->trail, WG_LOG_OF_PAYLOAD, line);
}

void last_logs_order(struct last_logs *logs, const char *order)
{
    struct wg_error err = {0};
    if (strcmp(logs->quota.order, order) == 0) return;
    trail_forget(&logs->trail, WG_LOG_OF_PAYLOAD);
    if (!log_quota_give(&logs->quota, order, &err)) wg_log_error("logs will not be sent", &err);
}

void last_logs_link(struct last_logs *logs, bool up)
{
    logs->up = up;
}

static bool is_told(const struct last_logs *logs, const struct wg_report *report)
{
    if (strcmp(logs->told_order, report->order) == 0) return true; /* it was asked again */
    return strcmp(logs->told_journal, report->journal) == 0 && report->seq <= logs->told_seq;
}

static void remember(struct last_logs *logs, const struct wg_report *report)
{
    (void)wg_copy(logs->told_journal, sizeof logs->told_journal, report->journal);
    (void)wg_copy(logs->told_order, sizeof logs->told_order, report->order);
    logs->told_seq = report->seq;
}

static void fill_head(struct last_logs *logs, const struct wg_report *report, wg_time wall)
{
    struct wg_log_message *message = &logs->message;
    (void)wg_copy(message->journal, sizeof message->journal, report->journal);
    (void)wg_copy(message->order, sizeof message->order, report->order);
    (void)wg_copy(message->campaign, sizeof message->campaign, report->campaign);
    (void)wg_copy(message->boot, sizeof message->boot, logs->config.boot);
    message->seq = report->seq;
    message->attempt = report->attempt;
    message->at = wall;
}

/* *any: there is something to say. */
static bool make(struct last_logs *logs, const char *text, size_t len, struct wg_buf *out,
                 bool *any, struct wg_error *err)
{
    struct wg_log_message *message = &logs->message;
    struct wg_buf clean;
    wg_buf_init(&clean, REDACTED_MAX);
    bool ok = wg_redact(text, len, message->cut, &clean, err);
    *any = ok &&
           wg_log_message_fill(message, wg_buf_str(&clean), clean.len, logs->config.settings->max);
    wg_buf_clear(&clean);
    return ok && (!*any || wg_log_message_encode(message, out, err));
}

/* False when it would have to be tried again; what cannot be made is told here. */
static bool send(struct last_logs *logs, enum wg_log_source source, const char *text, size_t len,
                 bool cut)
{
    struct wg_error err = {0};
    struct wg_buf bytes;
    bool any = false, sent = true;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    logs->message.source = source;
    logs->message.cut = cut;
    if (!make(logs, text, len, &bytes, &any, &err))
        wg_log_error("a log is not sent", &err);
    else if (any)
        sent = logs->config.publish(logs->config.ctx, wg_buf_str(&bytes), bytes.len);
    wg_buf_clear(&bytes);
    return sent;
}

static bool send_trail(struct last_logs *logs, enum wg_log_source source)
{
    struct wg_buf kept;
    bool cut = false;
    wg_buf_init(&kept, TRAIL_MAX);
    trail_read(&logs->trail, source, &kept, &cut);
    bool ok = send(logs, source, wg_buf_str(&kept), kept.len, cut);
    wg_buf_clear(&kept);
    return ok;
}

static void start_program(struct last_logs *logs, wg_time now)
{
    struct wg_error err = {0};
    char state[PATH_MAX + 32];
    const char *const environment[] = {state, NULL};
    const struct runner_job job = {.program = logs->config.settings->program,
                                   .verb = "logs",
                                   .folder = "/",
                                   .environment = environment,
                                   .timeout = LAST_LOGS_PROGRAM_TIME};
    (void)snprintf(state, sizeof state, "WAVEGATE_STATE=%s", logs->config.state);
    logs->output_len = 0;
    logs->output_cut = logs->output_ready = false;
    if (job.program[0] && !runner_start(&logs->program, &job, now, &err))
        wg_log_error("the program for logs", &err);
}

/* Of several, that one whose payload's output is kept: the agent's log is the same for all. */
void last_logs_report(struct last_logs *logs, const char *payload, size_t len)
{
    struct wg_report report;
    struct wg_error err = {0};
    if (logs->config.settings->per_day == 0 || !wg_report_decode(payload, len, &report, &err) ||
        report.seq == 0 || (report.state != WG_FAILED && report.state != WG_ROLLED_BACK) ||
        is_told(logs, &report))
        return;
    if (logs->due.seq == 0 || strcmp(logs->due.order, logs->quota.order) != 0) logs->due = report;
}

void last_logs_ack(struct last_logs *logs, wg_time now, wg_time wall)
{
    struct wg_error err = {0};
    struct wg_report report = logs->due;
    if (!logs->up || report.seq == 0) return;
    logs->due.seq = 0;
    remember(logs, &report);
    if (!log_quota_take(&logs->quota, wall, logs->config.settings->per_day, &err)) {
        wg_log(WG_LOG_WARN, "logs of a failure are not sent", "error", err.text, NULL);
        return;
    }
    fill_head(logs, &report, wall);
    bool own = strcmp(logs->quota.order, report.order) == 0;
    if (!send_trail(logs, WG_LOG_OF_AGENT) || (own && !send_trail(logs, WG_LOG_OF_PAYLOAD)))
        wg_log(WG_LOG_WARN, "logs of a failure were not sent", NULL);
    start_program(logs, now);
}

void last_logs_look(struct last_logs *logs, wg_time now)
{
    struct runner_end end;
    if (runner_look(&logs->program, now, &end)) {
        logs->output_ready = logs->output_len > 0;
        if (end.code != 0) wg_log(WG_LOG_WARN, "the program for logs", "error", end.text, NULL);
    }
    if (logs->output_ready && logs->up &&
        send(logs, WG_LOG_OF_PROGRAM, logs->output, logs->output_len, logs->output_cut))
        logs->output_ready = false;
}
