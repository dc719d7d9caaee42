/* sent_file.h: a campaign file that came over the wire, with the files that it names sent along. No
 * path of this machine is looked at. Pure. */
#ifndef WG_ORCHESTRATOR_STEERING_SENT_FILE_H
#define WG_ORCHESTRATOR_STEERING_SENT_FILE_H

#include "common/json.h"
#include "orchestrator/campaign/campaign.h"
#include "orchestrator/yaml/yaml_doc.h"

/* body: {"file": YAML, "files": {"lab.txt": TEXT}}, "files" may be missing. text (may be NULL)
 * receives the file's bytes. doc (zeroed by the caller, who clears it) receives the problems of the
 * file. NULL on failure: WG_E_BAD_FILE with problems, WG_E_BAD_INPUT, WG_E_LIMIT. */
struct campaign *sent_file_check(const json_t *body, struct wg_buf *text, struct yaml_doc *doc,
                                 struct wg_error *err);

#endif
