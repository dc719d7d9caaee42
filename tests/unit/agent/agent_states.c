/* agent_states.c: prints docs/agent-states.md (make docs). */
#include "agent/core/table_page.h"

#include <stdio.h>

int main(void)
{
    struct wg_error err;
    struct wg_buf page;
    wg_buf_init(&page, 1 << 20);
    bool ok = table_page(&page, &err) && fwrite(page.data, 1, page.len, stdout) == page.len;
    if (!ok) (void)fprintf(stderr, "agent_states: not printed\n");
    wg_buf_clear(&page);
    return ok ? 0 : 1;
}
