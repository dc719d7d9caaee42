/* web_files.h: the dashboard's built files, read once and kept. Serving is for any thread. */
#ifndef WG_ORCHESTRATOR_API_WEB_FILES_H
#define WG_ORCHESTRATOR_API_WEB_FILES_H

#include "orchestrator/http/server.h"

struct web_files;

/* All regular files of the folder, but for dot files and what lies deeper; NAME.gz is NAME packed.
 * "index.html" is "/". */
struct web_files *web_files_new(const char *folder, struct wg_error *err);
void web_files_free(struct web_files *files);
/* False: it is no file of ours. */
bool web_files_answer(const struct web_files *files, const struct http_request *request,
                      struct http_answer *answer);

#endif
