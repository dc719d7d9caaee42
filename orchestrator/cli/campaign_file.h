/* campaign_file.h: a campaign file read from disk, with the files it names beside it. */
#ifndef WG_ORCHESTRATOR_CLI_CAMPAIGN_FILE_H
#define WG_ORCHESTRATOR_CLI_CAMPAIGN_FILE_H

#include "orchestrator/campaign/campaign.h"

/* text (may be NULL): receives the file's bytes as written. NULL on failure. */
struct campaign *campaign_file_read(const char *file, struct wg_buf *text, struct wg_error *err);

#endif
