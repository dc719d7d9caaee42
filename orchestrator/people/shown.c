/* shown.c: words in one line. */
#include "orchestrator/people/shown.h"

#include "common/text.h"

void people_shown(const char *text, char out[SHOWN])
{
    char whole[WG_SHOWN];
    wg_text_shown(whole, text);
    (void)wg_copy(out, SHOWN, whole);
}
