/* settings_secret.h: the password of a database login, which stands in a file of its own. */
#ifndef WG_ORCHESTRATOR_CONFIG_SETTINGS_SECRET_H
#define WG_ORCHESTRATOR_CONFIG_SETTINGS_SECRET_H

#include "common/error.h"

#include <stddef.h>

struct yaml_doc;
struct yaml_value;

/* A connection string that a password can be added to is one of keys and values, and has none.
 * at: where database_secret is; NULL: it is not there, and nothing is asked. */
void settings_secret_check(struct yaml_doc *doc, const struct yaml_value *at, const char *conninfo);
/* Appends password='...' to the connection string; file "": nothing. */
WG_MUST_CHECK bool settings_secret_add(const char *file, char *conninfo, size_t size,
                                       struct wg_error *err);

#endif
