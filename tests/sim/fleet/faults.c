/* faults.c: names of faults, and who has them. */
#include "tests/sim/fleet/faults.h"

#include "common/text.h"
#include "tests/sim/dice.h"

#include <stdlib.h>
#include <string.h>

const char *fleet_fault_text(enum fleet_fault fault)
{
    static const char *const texts[FLEET_FAULTS] = {
        [FLEET_DOWNLOAD] = "download",   [FLEET_VERIFY] = "verify",
        [FLEET_INSTALL] = "install",     [FLEET_BOOT] = "boot",
        [FLEET_HEALTH] = "health",       [FLEET_SILENT] = "silent",
        [FLEET_SLOW] = "slow",           [FLEET_DUPLICATE] = "duplicate",
        [FLEET_RECONNECT] = "reconnect", [FLEET_CLOCK] = "clock",
    };
    return texts[fault];
}

bool share_parse(const char *text, double *out)
{
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9') return false;
    double value = strtod(text, &end);
    if (*end == '%') {
        value /= 100;
        end++;
    }
    if (*end || !(value >= 0 && value <= 1)) return false;
    *out = value;
    return true;
}

static bool parse_one(const char *word, struct faults *faults, struct wg_error *err)
{
    const char *equals = strchr(word, '=');
    for (size_t i = 0; equals && i < FLEET_FAULTS; i++) {
        const char *name = fleet_fault_text((enum fleet_fault)i);
        if (strlen(name) != (size_t)(equals - word) || strncmp(word, name, strlen(name)) != 0)
            continue;
        return share_parse(equals + 1, &faults->shares[i]) ||
               wg_fail(err, WG_E_USAGE, "--faults: \"%.40s\": expected a share like 2%%", word);
    }
    return wg_fail(
        err, WG_E_USAGE,
        "--faults: \"%.40s\": expected NAME=SHARE, where NAME is one of download, verify, "
        "install, boot, health, silent, slow, duplicate, reconnect, clock",
        word);
}

bool faults_parse(const char *text, struct faults *faults, struct wg_error *err)
{
    char words[512], *rest = NULL;
    if (!wg_copy(words, sizeof words, text))
        return wg_fail(err, WG_E_LIMIT, "--faults: more than %zu bytes", sizeof words - 1);
    for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
        if (!parse_one(word, faults, err)) return false;
    return true;
}

bool faults_strike(const struct faults *faults, uint64_t seed, uint64_t number,
                   enum fleet_fault fault)
{
    return faults->shares[fault] > 0 &&
           dice_unit(seed, fleet_fault_text(fault), (size_t)number, 0) < faults->shares[fault];
}
