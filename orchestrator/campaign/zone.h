/* zone.h: names of time zones of the IANA database, links (old names) among them. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_ZONE_H
#define WG_ORCHESTRATOR_CAMPAIGN_ZONE_H

#include "common/text.h"

#include <stdbool.h>

#define ZONE_TEXT (WG_ZONE_MAX + 1) /* holds any name, with NUL */

bool zone_is_known(const char *name); /* "Europe/Berlin"; spelled exactly so */

/* Whether a name, or '*' and '?' as in wg_glob_match(), fits any zone. */
bool zone_glob_matches_any(const char *glob);

/* What was probably meant by a name or glob that fits no zone: "europe/berlin", "Berlin",
 * "America/New York", "Eruope/Berlin", "europe/?*". False: no guess, or several as good; out is
 * then as it was. */
bool zone_nearest(const char *wrong, char out[ZONE_TEXT]);

#endif
