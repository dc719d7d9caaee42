/* papers_fuzz.c: bills of materials and provenance, as strangers write them: a summary is one line
 * that a terminal can show. */
#include "orchestrator/release/repo_evidence.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

static void judge(bool ok, const char *summary, const struct wg_error *err)
{
    if (ok)
        target_shown(summary, strlen(summary));
    else
        target_refused(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const any[] = {NULL};
    char summary[EVIDENCE_SUMMARY_MAX] = "", *text = target_text(data, size);
    struct wg_error sbom = {0}, provenance = {0};
    judge(evidence_sbom(text, size, summary, &sbom), summary, &sbom);
    judge(evidence_provenance(text, size, any, summary, &provenance), summary, &provenance);
    free(text);
    return 0;
}
