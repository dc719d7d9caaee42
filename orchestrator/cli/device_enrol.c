/* device_enrol.c: `device enrol FILE`: signed enrolment records, a line each. All of them are taken
 * in, or none. */
#include "orchestrator/cli/command.h"
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/place.h"

#include "common/enrolment.h"
#include "common/posix/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct enrolling {
    struct cli *cli;
    struct wg_identity_public key;
    const char *file;
    int64_t line, devices;
};

static bool take_line(struct enrolling *with, const char *line, size_t len, struct wg_error *err)
{
    struct wg_enrolment record;
    with->line++;
    if (len == 0) return true;
    if (len >= DEVICE_ENROLMENT_MAX)
        return wg_fail(err, WG_E_BAD_FILE, "a record of %zu bytes: at most %d are kept", len,
                       DEVICE_ENROLMENT_MAX - 1);
    if (!wg_enrolment_read(line, len, &with->key, 1, &record, err) ||
        !device_row_enrol(with->cli->db, record.device, line, record.age_key, wg_now(), err))
        return false;
    with->devices++;
    return true;
}

static bool take_lines(struct enrolling *with, FILE *file, struct wg_error *err)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    bool ok = true;
    while (ok && (len = getline(&line, &size, file)) >= 0) {
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r')) line[--len] = '\0';
        ok = take_line(with, line, (size_t)len, err);
        if (!ok && err->code != WG_E_DATABASE && err->code != WG_E_MEMORY)
            err->code = WG_E_BAD_FILE;
        if (!ok) (void)wg_context(err, "%s:%lld", with->file, (long long)with->line);
    }
    free(line);
    return ok;
}

static bool take_file(struct enrolling *with, struct wg_error *err)
{
    FILE *file = fopen(with->file, "re");
    if (!file) return wg_fail_errno(err, "%s", with->file);
    bool ok = db_begin(with->cli->db, err) && take_lines(with, file, err) &&
              db_commit(with->cli->db, err);
    db_rollback(with->cli->db);
    (void)fclose(file);
    return ok;
}

bool device_enrol_run(struct cli *cli, struct wg_error *err)
{
    struct enrolling with = {.cli = cli, .file = cli->args->positionals[0]};
    if (!cli->settings->enrolment[0])
        return wg_fail(err, WG_E_USAGE,
                       "%s: the key \"enrolment\" is missing: whose signature on records counts",
                       cli->settings->file);
    if (!wg_identity_public_load(cli->settings->enrolment, &with.key, err) ||
        !take_file(&with, err))
        return false;
    if (cli->screen.json)
        return screen_json(json_pack("{s:I}", "devices", (json_int_t)with.devices), err);
    screen_text(&cli->screen, "%lld devices are enrolled.\n", (long long)with.devices);
    return screen_flush(&cli->screen, err);
}
