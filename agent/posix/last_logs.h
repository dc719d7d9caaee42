/* last_logs.h: shows the orchestrator what a device said before an update failed: the trail, and
 * what the device's own program prints, without secrets (common/redact.h). Sent once, of so many
 * failures a day, when the orchestrator is heard after the report of the failure was published: the
 * broker drops what nobody is there to take. */
#ifndef WG_AGENT_POSIX_LAST_LOGS_H
#define WG_AGENT_POSIX_LAST_LOGS_H

#include "agent/posix/log_quota.h"
#include "agent/posix/runner.h"
#include "agent/posix/settings.h"
#include "agent/posix/trail.h"

#define LAST_LOGS_PROGRAM_TIME (20 * WG_SECOND)

struct last_logs_config {
    const struct last_logs_settings *settings; /* borrowed */
    const char *state, *boot;                  /* borrowed */
    /* false: it could not be sent now */
    bool (*publish)(void *ctx, const char *payload, size_t len);
    void *ctx;
};

struct last_logs {
    struct last_logs_config config;
    struct trail trail;
    struct log_quota quota;
    bool up;              /* there is a connection */
    struct wg_report due; /* of a failure of which logs are to be sent; seq 0: none */
    /* of which they were sent, or not, last */
    char told_journal[WG_JOURNAL_MAX], told_order[WG_ORDER_ID_MAX];
    int64_t told_seq;
    struct runner program;
    struct wg_log_message message; /* the one that is sent */
    char output[TRAIL_MAX];        /* the end of it */
    size_t output_len;
    bool output_cut, output_ready;
};

/* Takes the agent's log, too: wg_log_tap(). It stays where it is until it is closed. */
WG_MUST_CHECK bool last_logs_open(struct last_logs *logs, const struct last_logs_config *config,
                                  struct wg_error *err);
void last_logs_close(struct last_logs *logs);

/* What payloads print, as runner.heard: ctx is the last_logs. */
void last_logs_heard(void *logs, const char *bytes, size_t len);
/* A payload is started: a line that says so. wall: 0, no clock. */
void last_logs_begin(struct last_logs *logs, const char *verb, const char *component,
                     const char *version, wg_time wall);
/* An order begins: output of another one goes. */
void last_logs_order(struct last_logs *logs, const char *order);

void last_logs_link(struct last_logs *logs, bool up);
/* A report is published. */
void last_logs_report(struct last_logs *logs, const char *payload, size_t len);
/* The orchestrator is there: it has acknowledged something. */
void last_logs_ack(struct last_logs *logs, wg_time now, wg_time wall);
/* Looks after the program; to be called in every round. program.process_fd, program.output_fd and
 * program.deadline say when. */
void last_logs_look(struct last_logs *logs, wg_time now);

#endif
