/* installer_fuzz.c: what an installer answers: whole and within its bounds, or nothing is filled
 * in. */
#include "agent/posix/slot/exec_answer.h"
#include "agent/posix/slot/exec_run.h"
#include "tests/fuzz/target.h"

#define MOST 1000000

static void check_status(const char *text, size_t size)
{
    struct slot_status status = {0};
    struct wg_error err = {0};
    if (!exec_answer_status(text, size, &status, &err)) {
        target_refused(&err);
        MUST(!status.running[0] && status.component_count == 0, "half a status");
        return;
    }
    MUST(wg_name_is_valid(status.running) && wg_name_is_valid(status.idle),
         "a slot without a name");
    MUST(status.component_count <= WG_COMPONENTS_MAX, "%zu components", status.component_count);
    for (size_t i = 0; i < status.component_count; i++)
        MUST(wg_name_is_valid(status.components[i].name), "a component without a name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct wg_error err = {0};
    int64_t have = -1;
    check_status(text, size);
    if (exec_answer_have(text, size, MOST, &have, &err))
        MUST(have >= 0 && have <= MOST && size <= EXEC_ANSWER_MAX, "have %lld", (long long)have);
    else
        target_refused(&err);
    if (!exec_answer_protocol(text, size, &err)) target_refused(&err);
    return 0;
}
