/* control.h: a socket on which others steer the fleet: a line a command, a line an answer. */
#ifndef WG_TESTS_SIM_FLEET_CONTROL_H
#define WG_TESTS_SIM_FLEET_CONTROL_H

#include "common/error.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_CLIENTS 8
#define CONTROL_LINE 80

enum control_word { CONTROL_NONE, CONTROL_SUMMARY, CONTROL_DROP, CONTROL_STOP };

struct control_command {
    enum control_word word;
    double share; /* drop */
    size_t client;
};

struct control_client {
    int fd;          /* -1: none */
    uint32_t awaits; /* number of the sum that it is told; 0: it waits for none */
    size_t len;
    char line[CONTROL_LINE];
};

struct control {
    const char *path; /* NULL: there is no socket */
    int fd;
    struct control_client clients[CONTROL_CLIENTS];
};

/* path NULL: nobody steers. */
WG_MUST_CHECK bool control_open(struct control *control, const char *path, struct wg_error *err);
void control_close(struct control *control);
/* "summary", "drop all", "drop 10%", "stop". */
WG_MUST_CHECK bool control_parse(const char *line, struct control_command *out);

/* What to wait for; out holds CONTROL_CLIENTS + 1. Returns how many. */
size_t control_poll(const struct control *control, struct pollfd *out);
/* The next command of those that are ready; call until it says none. What cannot be understood is
 * answered here. */
enum control_word control_next(struct control *control, struct control_command *out);
void control_answer(struct control *control, size_t client, const char *line);

#endif
