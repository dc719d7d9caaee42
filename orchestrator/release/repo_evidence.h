/* repo_evidence.h: what may go with an artifact: a software bill of materials (CycloneDX, SPDX) and
 * a provenance statement (in-toto, SLSA; bare or in a DSSE envelope). Pure. */
#ifndef WG_ORCHESTRATOR_RELEASE_REPO_EVIDENCE_H
#define WG_ORCHESTRATOR_RELEASE_REPO_EVIDENCE_H

#include "common/json.h"

#define EVIDENCE_MAX ((size_t)64 << 20) /* bytes */
#define EVIDENCE_SUMMARY_MAX 512

/* One line, for people: "CycloneDX 1.5, 214 components". WG_E_BAD_FILE when it is not JSON, or of
 * no kind that is known. */
WG_MUST_CHECK bool evidence_sbom(const char *bytes, size_t len, char out[EVIDENCE_SUMMARY_MAX],
                                 struct wg_error *err);
/* "SLSA provenance v1 by BUILDER, built as TYPE". sha256s: digests, one of which a subject must
 * have; NULL-terminated; empty: any. WG_E_VERIFY when none has. */
WG_MUST_CHECK bool evidence_provenance(const char *bytes, size_t len, const char *const *sha256s,
                                       char out[EVIDENCE_SUMMARY_MAX], struct wg_error *err);

#endif
