/* device_erase.c: `device erase ID`: a signed statement that the device is to destroy its keys, and
 * the device revoked with it. */
#include "orchestrator/cli/device_act.h"

#include "orchestrator/cli/document.h"
#include "orchestrator/cli/operator_word.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* There is no way back but to enrol the device anew. */
static bool confirm(struct cli *cli, const char *device, struct wg_error *err)
{
    char line[WG_NAME_MAX + 2] = "";
    if (args_has(cli->args, "yes")) return true;
    if (!isatty(STDIN_FILENO))
        return wg_fail(err, WG_E_USAGE,
                       "this cannot be taken back once %s has obeyed: add --yes if you mean it",
                       device);
    (void)fprintf(stderr,
                  "%s will destroy its keys, and has to be claimed anew where it stands.\n"
                  "Type its id to go on: ",
                  device);
    if (!fgets(line, sizeof line, stdin)) line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    return strcmp(line, device) == 0 || wg_fail(err, WG_E_INTERRUPTED, "nothing was changed");
}

static bool sign(struct cli *cli, const char *device, json_t *request, struct wg_error *err)
{
    struct statement expected = {.kind = STATEMENT_ERASE};
    (void)wg_copy(expected.device, sizeof expected.device, device);
    json_t *asked = device_act_send(cli, "POST", device, "statement",
                                    json_pack("{s:s}", "action", "erase"), err);
    bool ok =
        asked && operator_word_sign(cli, document_at(asked, "statement"), &expected, request, err);
    json_decref(asked);
    return ok;
}

bool device_erase_run(struct cli *cli, struct wg_error *err)
{
    const char *device;
    json_t *request = device_act_request(cli, "what happened", &device, err);
    if (!request) return false;
    if (!confirm(cli, device, err) || !sign(cli, device, request, err)) {
        json_decref(request);
        return false;
    }
    return device_act_show(cli, device_act_send(cli, "POST", device, "erase", request, err), "",
                           err);
}
