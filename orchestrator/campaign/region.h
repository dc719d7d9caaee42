/* region.h: ISO 3166 codes: countries (3166-1 alpha-2: DE) and their subdivisions (3166-2: US-CA),
 * all that were in force when iso-codes was packaged. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_REGION_H
#define WG_ORCHESTRATOR_CAMPAIGN_REGION_H

#include <stdbool.h>

#define REGION_TEXT 16 /* holds any code, with NUL */

bool region_is_known(const char *region); /* in capitals, as the standard writes it */

/* What was probably meant by a code that is not known: "de", "US_CA", "USA", "Germany", "UK",
 * "DE-BAY". False: no guess, or several as good; out is then as it was. */
bool region_nearest(const char *wrong, char out[REGION_TEXT]);

#endif
