/* trust_policy.h: policy.json, a target of the TUF repository that the repository's admins sign:
 * whose orders a device takes, who may approve, and how many approvals each class of hardware
 * needs. Pure.
 *
 *   {"_type": "wavegate-policy", "v": 1,
 *    "directors": [KEY, ...],                                    whose signature makes an order
 *    "people": [{"name": "alice", "role": "rollout-admin", "key": KEY}, ...],
 *    "approvals": [{"hardware": ["brake-*"], "role": "rollout-admin", "count": 2}, ...],
 *    "downgrade": {"role": "rollout-admin", "count": 2},
 *    "erase": {"role": "deployment-admin", "count": 2},
 *    "require": ["sbom", "provenance"]}                          of every release; may be left out
 *
 * KEY is a key object of TUF. The first entry of "approvals" with a pattern that fits a device's
 * hardware model decides; a model that none fits is never updated. Without "downgrade" nobody may
 * permit one; without "erase" nobody may have a device destroy its keys. */
#ifndef WG_COMMON_TRUST_TRUST_POLICY_H
#define WG_COMMON_TRUST_TRUST_POLICY_H

#include "common/text.h"
#include "common/trust/release_facts.h"
#include "common/tuf/key.h"

#define TRUST_POLICY_MAX 65536 /* bytes of the file */
#define TRUST_DIRECTORS_MAX 4
#define TRUST_PEOPLE_MAX 64
#define TRUST_CLASSES_MAX 32
#define TRUST_PATTERNS_MAX 16
#define TRUST_COUNT_MAX 16 /* approvals that can be asked for */

struct trust_person {
    char name[WG_NAME_MAX + 1];
    char role[WG_NAME_MAX + 1];
    struct tuf_key key;
};

struct trust_quorum {
    char role[WG_NAME_MAX + 1];
    int64_t count; /* 0: none is needed */
};

struct trust_class {
    size_t pattern_count;
    char patterns[TRUST_PATTERNS_MAX][WG_NAME_MAX + 1]; /* of hardware models, with '*' and '?' */
    struct trust_quorum quorum;
};

struct trust_policy {
    size_t director_count;
    struct tuf_key directors[TRUST_DIRECTORS_MAX];
    size_t people_count;
    struct trust_person people[TRUST_PEOPLE_MAX];
    size_t class_count;
    struct trust_class classes[TRUST_CLASSES_MAX];
    bool has_downgrade;
    struct trust_quorum downgrade;
    bool has_erase;
    struct trust_quorum erase;
    bool requires_sbom, requires_provenance;
};

/* Fills the whole struct or nothing. WG_E_BAD_INPUT names what is wrong and where: among others a
 * name or a key that stands twice, and a quorum that its people cannot reach. */
WG_MUST_CHECK bool trust_policy_read(const char *bytes, size_t len, struct trust_policy *out,
                                     struct wg_error *err);

/* NULL: the hardware is in no class. */
const struct trust_quorum *trust_policy_quorum(const struct trust_policy *policy,
                                               const char *hardware_model);
/* Has the release what the policy asks of every one? False: why says what is lacking. */
bool trust_policy_takes(const struct trust_policy *policy, const struct release_facts *facts,
                        char *why, size_t size);

#endif
