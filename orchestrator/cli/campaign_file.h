/* campaign_file.h: a campaign file read from disk, with the files it names beside it. Only plain
 * files are opened, and those named inside only in the campaign's folder or below, wherever
 * symbolic links lead. */
#ifndef WG_ORCHESTRATOR_CLI_CAMPAIGN_FILE_H
#define WG_ORCHESTRATOR_CLI_CAMPAIGN_FILE_H

#include "common/json.h"
#include "orchestrator/campaign/campaign.h"
#include "orchestrator/yaml/yaml_doc.h"

/* sent: receives what the API takes, {"file": TEXT, "files": {"lab.txt": TEXT}}: a new reference.
 * NULL on failure. */
struct campaign *campaign_file_read(const char *file, json_t **sent, struct wg_error *err);

/* The same; doc (zeroed by the caller, who clears it) receives the problems of a file that could be
 * read; it has none when the failure is another. */
struct campaign *campaign_file_check(const char *file, struct yaml_doc *doc, struct wg_error *err);

#endif
