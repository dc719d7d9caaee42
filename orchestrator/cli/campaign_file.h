/* campaign_file.h: a campaign file read from disk, with the files it names beside it. Only plain
 * files are opened, and those named inside only in the campaign's folder or below, wherever
 * symbolic links lead. */
#ifndef WG_ORCHESTRATOR_CLI_CAMPAIGN_FILE_H
#define WG_ORCHESTRATOR_CLI_CAMPAIGN_FILE_H

#include "orchestrator/campaign/campaign.h"
#include "orchestrator/yaml/yaml_doc.h"

/* text (may be NULL): receives the file's bytes as written. NULL on failure. */
struct campaign *campaign_file_read(const char *file, struct wg_buf *text, struct wg_error *err);

/* The same; doc (zeroed by the caller, who clears it) receives the problems of a file that could be
 * read; it has none when the failure is another. */
struct campaign *campaign_file_check(const char *file, struct yaml_doc *doc, struct wg_error *err);

#endif
