/* document.h: what the API has answered, member by member. */
#ifndef WG_ORCHESTRATOR_CLI_DOCUMENT_H
#define WG_ORCHESTRATOR_CLI_DOCUMENT_H

#include "common/time.h"

#include <jansson.h>

/* Members of members: "repository_policy.problem". What is not there, or null, is "", 0, false. */
const json_t *document_at(const json_t *document, const char *path); /* borrowed; NULL */
const char *document_text(const json_t *document, const char *path); /* borrowed */
long long document_number(const json_t *document, const char *path);
bool document_is(const json_t *document, const char *path);
wg_time document_time(const json_t *document, const char *path);

#endif
