/* people.c: certificates are made once, when somebody is first asked for. */
#include "tests/scenario/people.h"

#include "common/posix/file.h"
#include "pki/issue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAYS 30

static const struct person everybody[] = {
    {.name = "alice", .role = "rollout-admin"}, {.name = "bob", .role = "rollout-admin"},
    {.name = "carol", .role = "rollout-admin"}, {.name = "dora", .role = "rollout-admin"},
    {.name = "sam", .role = "support-agent"},   {.name = "rita", .role = "repository-admin"}};
#define PEOPLE (sizeof everybody / sizeof everybody[0])

struct people {
    char folder[128], root[160];
    struct issuer authority;
    struct person persons[PEOPLE];
};

static bool make_root(struct people *people, struct wg_error *err)
{
    char pem[ISSUE_PEM_MAX];
    const char *base = getenv("TMPDIR");
    (void)wg_format(people->folder, sizeof people->folder, "%s/wg-scenario.XXXXXX",
                    base ? base : "/tmp");
    if (!mkdtemp(people->folder)) {
        people->folder[0] = '\0';
        return wg_fail_errno(err, "making a folder");
    }
    (void)wg_format(people->root, sizeof people->root, "%s/root.crt", people->folder);
    const struct issue_scope scope = {
        .organisation = "Wavegate", .name = "scenario operators", .days = DAYS + 1, .client = true};
    return issue_authority(&scope, NULL, WG_IDENTITY_ED25519, wg_now(), &people->authority, err) &&
           issue_pem(&people->authority, pem, err) &&
           wg_file_replace(people->root, pem, strlen(pem), 0644, err);
}

struct people *people_new(struct wg_error *err)
{
    struct people *people = calloc(1, sizeof *people);
    if (!people) {
        (void)wg_fail_memory(err, "making operators");
        return NULL;
    }
    memcpy(people->persons, everybody, sizeof everybody);
    if (make_root(people, err)) return people;
    people_free(people);
    return NULL;
}

void people_free(struct people *people)
{
    if (!people) return;
    if (people->root[0]) (void)unlink(people->root);
    if (people->folder[0]) (void)rmdir(people->folder);
    for (size_t i = 0; i < PEOPLE; i++) wg_identity_clear(&people->persons[i].key);
    issuer_clear(&people->authority);
    free(people);
}

const char *people_root(const struct people *people)
{
    return people->root;
}

static bool issue(struct people *people, struct person *person, struct wg_error *err)
{
    const struct issue_leaf leaf = {.organisation = "Wavegate",
                                    .unit = person->role,
                                    .name = person->name,
                                    .usage = ISSUE_CLIENT,
                                    .key = WG_IDENTITY_ED25519,
                                    .days = DAYS};
    struct issued *issued = calloc(1, sizeof *issued);
    if (!issued) return wg_fail_memory(err, "making an operator");
    bool ok = issue_leaf(&leaf, &people->authority, wg_now(), issued, err) &&
              wg_identity_from_pem(issued->key, strlen(issued->key), &person->key, err);
    if (ok) (void)wg_copy(person->chain, sizeof person->chain, issued->certificate);
    free(issued);
    return ok;
}

const struct person *people_get(struct people *people, const char *name, struct wg_error *err)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        struct person *person = &people->persons[i];
        if (strcmp(person->name, name) != 0) continue;
        return person->chain[0] || issue(people, person, err) ? person : NULL;
    }
    (void)wg_fail(err, WG_E_NOT_FOUND, "nobody is called %s: tests/scenario/people.c", name);
    return NULL;
}
