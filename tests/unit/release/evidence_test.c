/* evidence_test.c: bills of materials and provenance. */
#include "orchestrator/release/repo_evidence.h"

#include "tests/unit/harness.h"

#include <string.h>

#define DIGEST "179c23f41ee27a7474df0662f97023168ddcf837989573fcddd5941adca62a68"
#define OTHER "00000000000000000000000000000000000000000000000000000000000000ff"
#define STATEMENT                                                                                  \
    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":{\"sha256\":\"" OTHER \
    "\"}},{\"digest\":{\"sha256\":\"" DIGEST                                                       \
    "\"}}],\"predicateType\":\"https://slsa.dev/provenance/v1\","                                  \
    "\"predicate\":{\"buildDefinition\":{\"buildType\":\"make\"},"                                 \
    "\"runDetails\":{\"builder\":{\"id\":\"https://ci\\u001b[31m\"}}}}"

static struct wg_error err;
static char line[EVIDENCE_SUMMARY_MAX];

static bool sbom(const char *text)
{
    wg_error_clear(&err);
    return evidence_sbom(text, strlen(text), line, &err);
}

static bool provenance(const char *text, const char *digest)
{
    const char *digests[] = {digest, NULL};
    wg_error_clear(&err);
    return evidence_provenance(text, strlen(text), digests, line, &err);
}

static void test_sbom(void)
{
    ASSERT_OK(sbom("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":[{},{}]}"),
              &err);
    ASSERT_TEXT(line, "CycloneDX 1.5, 2 components");
    ASSERT_OK(sbom("{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{}]}"), &err);
    ASSERT_TEXT(line, "SPDX-2.3, 1 packages");
    ASSERT_OK(sbom("{\"bomFormat\":\"CycloneDX\",\"components\":7}"), &err);
    ASSERT_TEXT(line, "CycloneDX ?, 0 components");
    CU_ASSERT_FALSE(sbom("{\"bomFormat\":7}"));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
    CU_ASSERT_FALSE(sbom("[]"));
    CU_ASSERT_FALSE(sbom("{"));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
}

static void test_provenance(void)
{
    ASSERT_OK(provenance(STATEMENT, DIGEST), &err);
    ASSERT_TEXT(line, "https://slsa.dev/provenance/v1, by https://ci?[31m, build type make");
    ASSERT_OK(provenance(STATEMENT, OTHER), &err);
    CU_ASSERT_FALSE(provenance(STATEMENT, "11" DIGEST));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    CU_ASSERT_FALSE(provenance("{\"_type\":\"x\"}", NULL));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
    CU_ASSERT_FALSE(provenance("{\"_type\":\"https://in-toto.io/Statement/v1\"}", DIGEST));
}

static void test_dsse(void)
{
    /* base64 of {"_type":"https://in-toto.io/Statement/v1"} */
    static const char good[] =
        "{\"payload\":\"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEifQ==\"}";
    ASSERT_OK(provenance(good, NULL), &err);
    ASSERT_TEXT(line, "no predicate, by an unnamed builder, build type not told");
    CU_ASSERT_FALSE(provenance("{\"payload\":\"!\"}", NULL));
    CU_ASSERT_FALSE(provenance("{\"payload\":\"\"}", NULL));
    CU_ASSERT_FALSE(provenance("{\"payload\":7}", NULL));
    CU_ASSERT_FALSE(provenance("{\"payload\":\"e30=\"}", NULL));
}

WG_SUITE("evidence", {"bills of materials", test_sbom}, {"provenance", test_provenance},
         {"in a DSSE envelope", test_dsse})
