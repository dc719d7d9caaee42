/* release_member.c: one member of the release in hand, as if it came alone. */
#include "agent/core/core.h"

#include <string.h>

void core_release_member(const struct core_release *release, size_t member,
                         struct core_release *out)
{
    memset(out, 0, sizeof *out);
    bool own = member == 0 || member > release->companion_count;
    const struct core_companion *companion = own ? NULL : &release->companions[member - 1];
    memcpy(out->sha256, own ? release->sha256 : companion->sha256, sizeof out->sha256);
    out->length = own ? release->length : companion->length;
    out->security = own ? release->security : companion->security;
    for (size_t i = 0; i < release->form_count; i++) {
        if (release->forms[i].member != member) continue;
        struct core_form *form = &out->forms[out->form_count++];
        *form = release->forms[i];
        form->member = 0;
    }
}
