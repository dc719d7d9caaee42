/* pager.h: long text on a terminal, through the pager that the person wants. */
#ifndef WG_ORCHESTRATOR_CLI_PAGER_H
#define WG_ORCHESTRATOR_CLI_PAGER_H

#include <stdbool.h>
#include <stddef.h>

/* Shows the text with $WAVEGATE_PAGER, $PAGER, or less -FRX, and waits until the person has done
 * with it. False: there is no pager ("" and cat are none), and nothing was shown. */
bool pager_show(const char *text, size_t len);

#endif
