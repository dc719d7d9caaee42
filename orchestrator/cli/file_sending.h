/* file_sending.h: a file that goes to the server as it is, with its progress, and what the server
 * finds wrong with it, by line. */
#ifndef WG_ORCHESTRATOR_CLI_FILE_SENDING_H
#define WG_ORCHESTRATOR_CLI_FILE_SENDING_H

#include "orchestrator/cli/command.h"

/* given: a file, or "-" for standard input. The answer's document, a new reference. NULL: an error;
 * what is wrong with the file as "FILE:LINE: error: why". */
json_t *file_send(struct cli *cli, const struct remote_path *path, const char *type,
                  const char *given, struct wg_error *err);
/* The same by PUT. */
json_t *file_put(struct cli *cli, const struct remote_path *path, const char *type,
                 const char *given, struct wg_error *err);
/* How messages name it. */
const char *file_sending_name(const char *given);

/* The problem of a file by its line, where it has one: always false. */
bool file_sending_problem(const struct cli *cli, const char *given, struct wg_error *err);

#endif
