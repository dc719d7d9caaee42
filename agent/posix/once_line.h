/* once_line.h: what the factory's jig reads: one line of JSON (schemas/once.schema.json). */
#ifndef WG_AGENT_POSIX_ONCE_LINE_H
#define WG_AGENT_POSIX_ONCE_LINE_H

#include "agent/core/once.h"

#define ONCE_TEXT_MAX 256

enum once_check {
    ONCE_CHECK_HEALTH,
    ONCE_CHECK_SLOTS,
    ONCE_CHECK_IDENTITY,
    ONCE_CHECK_PINS,
    ONCE_CHECK_CLOCK,
    ONCE_CHECKS
};

struct once_line {
    enum once_result result;
    char text[ONCE_TEXT_MAX]; /* for a person: why; "" nothing is to be said */
    char device[WG_NAME_MAX + 1];
    char slot[WG_NAME_MAX + 1]; /* that runs; "": the device was not looked at */
    size_t component_count;     /* of it */
    struct wg_component components[WG_COMPONENTS_MAX];
    bool claimed;                            /* its certificate was claimed by this call */
    bool is_checked;                         /* the checks were made */
    char checks[ONCE_CHECKS][ONCE_TEXT_MAX]; /* "ok", or what is wrong */
    wg_time certificate_until;               /* 0: not known */
    int64_t pins;                            /* number of the list in force; 0: none */
    char order[WG_ORDER_ID_MAX];             /* the last one that ended; "": none */
    char campaign[WG_NAME_MAX + 1], detail[WG_DETAIL_MAX + 1]; /* of it */
    enum wg_state state;
    enum wg_cause cause;
    wg_duration took;
};

/* The line that the caller writes, with its end. */
WG_MUST_CHECK bool once_line_write(const struct once_line *line, struct wg_buf *out,
                                   struct wg_error *err);

#endif
