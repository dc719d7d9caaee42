/* campaign_validate.c: `campaign validate FILE...` */
#include "orchestrator/cli/campaign_file.h"
#include "orchestrator/cli/command.h"

#include <stdio.h>

static json_t *file_json(const char *file, const struct wg_error *problem)
{
    return json_pack("{s:s,s:b,s:s}", "file", file, "valid", problem->code == WG_OK, "problems",
                     problem->text);
}

bool campaign_validate_run(struct cli *cli, struct wg_error *err)
{
    json_t *files = json_array();
    size_t bad = 0;
    struct wg_error last = {0};
    for (size_t i = 0; i < cli->args->positional_count; i++) {
        struct wg_error problem = {0};
        const char *file = cli->args->positionals[i];
        struct campaign *campaign = campaign_file_read(file, NULL, &problem);
        campaign_free(campaign);
        if (!campaign) {
            bad++;
            last = problem;
        }
        if (cli->screen.json)
            (void)json_array_append_new(files, file_json(file, &problem));
        else if (campaign)
            screen_text(&cli->screen, "%s: valid\n", file);
        else
            (void)fprintf(stderr, "%s\n", problem.text);
    }
    if (cli->screen.json && !screen_json(json_incref(files), err)) bad++;
    json_decref(files);
    if (!screen_flush(&cli->screen, err)) return false;
    /* all has been said: only the code is left */
    return bad == 0 || wg_fail(err, last.code ? last.code : WG_E_BAD_FILE, "%s", "");
}
