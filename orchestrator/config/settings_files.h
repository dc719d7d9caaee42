/* settings_files.h: whether the files that a configuration names are there, and may be used: told
 * at their places in it. */
#ifndef WG_ORCHESTRATOR_CONFIG_SETTINGS_FILES_H
#define WG_ORCHESTRATOR_CONFIG_SETTINGS_FILES_H

#include <stdbool.h>

struct yaml_doc;

/* Those that these programs (enum settings_program) read; problems are told in doc. folder: what
 * paths are relative to. starting: credentials must have been handed over. */
void settings_files_check(struct yaml_doc *doc, const char *folder, unsigned programs,
                          bool starting);

#endif
