/* campaign.c: lifetime and digest of the model. */
#include "orchestrator/campaign/campaign.h"

#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/text_list.h"

#include <stdlib.h>

void campaign_free(struct campaign *campaign)
{
    if (!campaign) return;
    selector_free(campaign->target);
    text_list_clear(&campaign->after);
    text_list_clear(&campaign->excludes);
    text_list_clear(&campaign->supersedes);
    for (size_t i = 0; i < POLICY_WAVES_MAX; i++) {
        text_list_clear(&campaign->waves[i].devices);
        selector_free(campaign->waves[i].select);
    }
    free(campaign);
}

bool campaign_digest(const struct campaign *campaign, char out[WG_SHA256_HEX], struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, YAML_DOC_BYTES_MAX);
    bool ok = campaign_canonical(campaign, &text, err) &&
              wg_sha256_of(wg_buf_str(&text), text.len, out, err);
    wg_buf_clear(&text);
    return ok;
}
