/* text_list.h: a growing list of owned texts. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_TEXT_LIST_H
#define WG_ORCHESTRATOR_CAMPAIGN_TEXT_LIST_H

#include "orchestrator/campaign/campaign.h"

WG_MUST_CHECK bool text_list_add(struct text_list *list,
                                 const char *text); /* copies; false: no memory */
void text_list_clear(struct text_list *list);
/* In byte order, without doubles: the canonical form of a set. */
void text_list_sort(struct text_list *list);

#endif
