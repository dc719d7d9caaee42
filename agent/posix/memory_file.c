/* memory_file.c: the core's memory in a file that is kept twice. */
#include "agent/posix/memory_file.h"

#include "common/log.h"
#include "common/posix/file.h"
#include "common/posix/kept.h"

#include <limits.h>

static bool path_of(const char *state, char out[PATH_MAX], struct wg_error *err)
{
    return wg_path_join(out, PATH_MAX, state, "memory.json", err);
}

bool memory_file_save(const char *state, const char *bytes, size_t len, struct wg_error *err)
{
    char path[PATH_MAX];
    return (path_of(state, path, err) && kept_save(path, bytes, len, err)) ||
           wg_context(err, "saving the agent's memory");
}

static bool load(void *core, const char *bytes, size_t len, struct wg_error *err)
{
    return core_load(core, bytes, len, err);
}

bool memory_file_load(const char *state, struct core *core, struct wg_error *err)
{
    char path[PATH_MAX];
    if (!path_of(state, path, err)) return false;
    switch (kept_load(path, CORE_MEMORY_MAX, load, core, err)) {
    case KEPT_FAILED:
        return wg_context(err, "loading the agent's memory");
    case KEPT_DAMAGED:
        wg_log(WG_LOG_WARN, "no copy of the agent's memory can be used: it starts with a new one",
               NULL);
        return true;
    case KEPT_NONE:
    case KEPT_WHOLE:
        break;
    }
    return true;
}
