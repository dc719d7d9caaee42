/* lockout.c: how long a name or an address waits. */
#include "orchestrator/people/lockout.h"

static wg_duration wait_after(int64_t failures)
{
    wg_duration wait = LOCKOUT_FIRST;
    for (int64_t i = LOCKOUT_FREE; i < failures && wait < LOCKOUT_LONGEST; i++) wait *= 2;
    return wait < LOCKOUT_LONGEST ? wait : LOCKOUT_LONGEST;
}

bool lockout_is_locked(const struct lockout *lockout, wg_time now)
{
    return now < lockout->until;
}

void lockout_count(struct lockout *lockout, wg_time now)
{
    if (now - lockout->last >= LOCKOUT_MEMORY) lockout->failures = 0;
    lockout->failures++;
    lockout->last = now;
    lockout->until = lockout->failures < LOCKOUT_FREE ? 0 : now + wait_after(lockout->failures);
}

void lockout_forgive(struct lockout *lockout)
{
    *lockout = (struct lockout){0};
}

void lockout_take_back(struct lockout *lockout)
{
    if (lockout->failures > 0) lockout->failures--;
    lockout->until = 0;
}
