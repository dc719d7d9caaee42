/* place.c: paths of configurations. */
#include "common/posix/place.h"

#include "common/posix/file.h"
#include "common/posix/token_uri.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

static const char *credentials(void)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    return folder && folder[0] == '/' ? folder : NULL;
}

static bool is_credential(const char *given)
{
    return strncmp(given, WG_PLACE_CREDENTIAL, sizeof WG_PLACE_CREDENTIAL - 1) == 0;
}

static bool place_credential(const char *given, char out[PATH_MAX], struct wg_error *err)
{
    const char *name = given + sizeof WG_PLACE_CREDENTIAL - 1, *folder = credentials();
    if (!name[0] || name[0] == '.' || strchr(name, '/'))
        return wg_fail(err, WG_E_BAD_FILE, "expected credential:NAME, got \"%.80s\"", given);
    if (folder) return wg_path_join(out, PATH_MAX, folder, name, err);
    return wg_copy(out, PATH_MAX, given) || wg_fail(err, WG_E_LIMIT, "the path is too long");
}

bool wg_place(const char *folder, const char *given, char out[PATH_MAX], struct wg_error *err)
{
    if (is_credential(given)) return place_credential(given, out, err);
    if (given[0] == '/' || wg_token_uri_is(given))
        return wg_copy(out, PATH_MAX, given) || wg_fail(err, WG_E_LIMIT, "the path is too long");
    return wg_path_join(out, PATH_MAX, folder, given, err);
}
