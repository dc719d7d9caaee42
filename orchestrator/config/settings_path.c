/* settings_path.c: reads a path. */
#include "orchestrator/config/settings_path.h"

#include "common/posix/place.h"
#include "orchestrator/yaml/yaml_doc.h"

void settings_path_read(struct yaml_doc *doc, const struct yaml_value *at, const char *key,
                        const char *folder, char out[PATH_MAX])
{
    char given[PATH_MAX] = "";
    struct wg_error problem = {0};
    if (!at || !yaml_read_text(doc, at, key, given, sizeof given)) return;
    if (wg_place(folder, given, out, &problem)) return;
    out[0] = '\0';
    yaml_doc_problem(doc, at, "%s: %s", key, problem.text);
}
