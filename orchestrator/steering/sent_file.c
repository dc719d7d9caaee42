/* sent_file.c: the text, and its companions by name. */
#include "orchestrator/steering/sent_file.h"

#define SHOWN "campaign.yaml" /* how problems name it */

/* The reader has refused names that lead out of a folder already; here there is no folder. */
static bool load(void *ctx, const char *name, struct wg_buf *out, struct wg_error *err)
{
    const json_t *text = json_object_get(ctx, name);
    if (!json_is_string(text))
        return wg_fail(err, WG_E_NOT_FOUND, "\"%s\" was not sent along, in \"files\"", name);
    wg_buf_add(out, json_string_value(text), json_string_length(text));
    return wg_buf_check(out, err, name);
}

struct campaign *sent_file_check(const json_t *body, struct wg_buf *text, struct yaml_doc *doc,
                                 struct wg_error *err)
{
    const json_t *file = json_object_get(body, "file");
    json_t *files = json_object_get(body, "files");
    if (json_is_null(files)) files = NULL;
    if (!json_is_string(file)) {
        (void)wg_fail(err, WG_E_BAD_INPUT, "file: expected the text of a campaign file");
        return NULL;
    }
    if (files && !json_is_object(files)) {
        (void)wg_fail(err, WG_E_BAD_INPUT, "files: expected texts by the names in the file");
        return NULL;
    }
    size_t len = json_string_length(file);
    if (len > CAMPAIGN_FILE_MAX) {
        (void)wg_fail(err, WG_E_LIMIT, "file: at most %zu bytes", CAMPAIGN_FILE_MAX);
        return NULL;
    }
    struct campaign *campaign =
        campaign_check(SHOWN, json_string_value(file), len, load, files, doc, err);
    if (text && campaign) wg_buf_add(text, json_string_value(file), len);
    return campaign;
}
