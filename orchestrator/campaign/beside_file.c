/* beside_file.c: files that a campaign names: in its own folder or below it. */
#include "orchestrator/campaign/parse.h"

#include <string.h>

static bool leaves_folder(const char *name)
{
    for (const char *part = name; part; part = strchr(part, '/')) {
        while (*part == '/') part++;
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) return true;
    }
    return name[0] == '/';
}

bool parse_file(struct parse *parse, const struct yaml_value *at, struct wg_buf *out)
{
    struct wg_error problem = {0};
    char name[256];
    if (!at || !yaml_read_text(&parse->doc, at, "file", name, sizeof name)) return false;
    if (!parse->load || leaves_folder(name)) {
        yaml_doc_problem(&parse->doc, at,
                         "file: expected a file in the campaign's folder, got \"%s\"", name);
        return false;
    }
    if (!parse->load(parse->ctx, name, out, &problem)) {
        yaml_doc_problem(&parse->doc, at, "file: %.200s", problem.text);
        return false;
    }
    if (!out->data || wg_text_is_utf8(out->data, out->len)) return true;
    yaml_doc_problem(&parse->doc, at, "file: \"%s\" is not text", name);
    return false;
}
