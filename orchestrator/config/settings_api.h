/* settings_api.h: "api:" of the configuration file. */
#ifndef WG_ORCHESTRATOR_CONFIG_SETTINGS_API_H
#define WG_ORCHESTRATOR_CONFIG_SETTINGS_API_H

#include "orchestrator/config/settings.h"

struct yaml_doc;
struct yaml_value;

void settings_api_init(struct settings_api *out); /* what holds when nothing is said */
/* at NULL: nothing is set. Problems are told in doc. folder: what paths are relative to. */
void settings_api_read(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                       struct settings_api *out);

#endif
