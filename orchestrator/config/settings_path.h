/* settings_path.h: a value of the configuration that is a path. */
#ifndef WG_ORCHESTRATOR_CONFIG_SETTINGS_PATH_H
#define WG_ORCHESTRATOR_CONFIG_SETTINGS_PATH_H

#include <limits.h>

struct yaml_doc;
struct yaml_value;

/* As wg_place() has it, relative to folder; at NULL: out stays. Problems are told in doc. */
void settings_path_read(struct yaml_doc *doc, const struct yaml_value *at, const char *key,
                        const char *folder, char out[PATH_MAX]);

#endif
