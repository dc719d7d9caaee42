/* device_enrol.c: `device enrol FILE`: signed enrolment records, a line each. All of them are taken
 * in, or none. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/file_sending.h"

bool device_enrol_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/devices/enrol");
    json_t *answer = file_send(cli, &path, "application/x-ndjson", cli->args->positionals[0], err);
    if (!answer) return false;
    if (cli->screen.json) return screen_json(answer, err);
    long long devices = document_number(answer, "devices");
    json_decref(answer);
    screen_text(&cli->screen, "%lld %s enrolled.\n", devices,
                devices == 1 ? "device is" : "devices are");
    return screen_flush(&cli->screen, err);
}
