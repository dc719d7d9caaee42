/* selector_json.h: selectors as JSON that reads back as the same selector. Internal to the room. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_SELECTOR_JSON_H
#define WG_ORCHESTRATOR_CAMPAIGN_SELECTOR_JSON_H

#include "orchestrator/campaign/campaign.h"

#include <jansson.h>

/* New references; NULL without memory. */
json_t *selector_json(const struct selector *selector);
json_t *text_list_json(const struct text_list *list);
/* The value with so many decimals, as text. */
json_t *decimal_json(int64_t value, int decimals);

#endif
