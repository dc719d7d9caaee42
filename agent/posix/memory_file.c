/* memory_file.c: two copies, the newer replaced atomically. */
#include "agent/posix/memory_file.h"

#include "common/log.h"
#include "common/posix/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#define NEWER "memory.json"
#define OLDER "memory.json.1"
#define DAMAGED "memory.json.damaged"

bool memory_file_save(const char *state, const char *bytes, size_t len, struct wg_error *err)
{
    char newer[PATH_MAX], older[PATH_MAX];
    if (!wg_path_join(newer, sizeof newer, state, NEWER, err) ||
        !wg_path_join(older, sizeof older, state, OLDER, err))
        return false;
    /* between the two steps the older copy is the only one, and it is whole */
    if (rename(newer, older) != 0 && errno != ENOENT) return wg_fail_errno(err, "%s", older);
    return wg_file_replace(newer, bytes, len, 0600, err) ||
           wg_context(err, "saving the agent's memory");
}

/* *found: a file is there. */
static bool load(const char *state, const char *name, struct core *core, bool *found,
                 struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_buf bytes;
    if (!wg_path_join(path, sizeof path, state, name, err)) return false;
    wg_buf_init(&bytes, CORE_MEMORY_MAX);
    bool ok = wg_file_read(path, &bytes, err);
    *found = ok || !err || err->code != WG_E_NOT_FOUND;
    ok = ok && core_load(core, wg_buf_str(&bytes), bytes.len, err);
    wg_buf_clear(&bytes);
    return ok;
}

/* The next save would put it in the place of the good copy. It is kept for people to look at. */
static bool set_aside(const char *state, struct wg_error *err)
{
    char newer[PATH_MAX], damaged[PATH_MAX];
    if (!wg_path_join(newer, sizeof newer, state, NEWER, err) ||
        !wg_path_join(damaged, sizeof damaged, state, DAMAGED, err))
        return false;
    return rename(newer, damaged) == 0 || wg_fail_errno(err, "setting %s aside", newer);
}

bool memory_file_load(const char *state, struct core *core, struct wg_error *err)
{
    struct wg_error newer = {0}, older = {0};
    bool newer_found = false, older_found = false;
    if (load(state, NEWER, core, &newer_found, &newer)) return true;
    if (newer.code == WG_E_MEMORY) return wg_fail_memory(err, "loading the agent's memory");
    if (newer_found) {
        wg_log_error("memory.json cannot be used, taking the copy before it", &newer);
        if (!set_aside(state, err)) return false;
    }
    if (load(state, OLDER, core, &older_found, &older)) return true;
    if (older.code == WG_E_MEMORY) return wg_fail_memory(err, "loading the agent's memory");
    if (older_found)
        wg_log_error("memory.json.1 cannot be used, starting with a new memory", &older);
    return true;
}
