/* main.c: runs the catalogue: every file, or those and the scenarios that are named.
 *
 * usage: test_scenario FOLDER-OR-FILE... [-n PART-OF-A-NAME] [-v]
 * The database is the one that PGHOST and its like say; it is emptied for each scenario. */
#include "tests/scenario/scene.h"

#include "common/log.h"
#include "common/posix/file.h"
#include "orchestrator/store/migrate.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct catalogue {
    struct db *db;
    struct people *people;
    struct zone_files *zones;
    const char *only; /* part of a name; NULL: all */
    bool loud;
    int run, failed;
};

static void print_places(const struct scene *scene)
{
    const struct book_page *page = &scene->books.now;
    char at[WG_TIME_TEXT], words[64];
    wg_time_text(scene->now, at);
    printf("    as it stands at %s:\n", at);
    for (size_t c = 0; c < page->campaign_count; c++) {
        const struct book_campaign *campaign = &page->campaigns[c];
        printf("    %s is %s%s (%s); %s\n", campaign->name, campaign->state,
               campaign->held ? ", held" : "", campaign->cause, campaign->waves);
        for (size_t i = 0; i < page->count; i++) {
            const struct book_place *place = &page->places[i];
            if (place->campaign != (int64_t)c) continue;
            book_place_words(place, words);
            printf("      %-8s wave %lld  %-22s attempt %lld spent %lld%s", place->device,
                   (long long)place->wave, words, (long long)place->attempt,
                   (long long)place->spent, place->ready_at ? " ready" : "");
            if (place->retry_at) {
                wg_time_text(place->retry_at, at);
                printf(" not before %s", at);
            }
            printf("%s%s\n", place->detail[0] ? " : " : "", place->detail);
        }
    }
}

static void print_failure(const struct scene *scene, const char *name)
{
    char *text = strdup(wg_buf_str(&scene->failure)), *rest = NULL;
    printf("FAILED: %s\n", name);
    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        printf("  %s\n", line);
    free(text);
    print_places(scene);
}

static bool run_scenario(struct catalogue *catalogue, struct yaml_doc *doc,
                         const struct yaml_value *at)
{
    char name[256] = "";
    struct wg_error err = {0};
    (void)yaml_read_text(doc, yaml_get(at, "scenario"), "scenario", name, sizeof name);
    if (catalogue->only && !strstr(name, catalogue->only)) return true;
    struct scene *scene = scene_new(doc, catalogue->db, catalogue->people, catalogue->zones, &err);
    if (!scene) return false;
    wg_time begin = wg_monotonic();
    bool ok = name[0] ? scene_run(scene, at) : scene_fail(scene, at, "a scenario without a name");
    if (catalogue->loud)
        printf("%s  %5lld ms  %s\n", ok ? "ok    " : "FAILED", (long long)(wg_monotonic() - begin),
               name);
    if (!ok) print_failure(scene, name);
    catalogue->run++;
    catalogue->failed += !ok;
    scene_free(scene);
    return ok;
}

static bool run_file(struct catalogue *catalogue, const char *path)
{
    struct wg_buf bytes;
    struct wg_error err = {0};
    struct yaml_doc doc = {0};
    int failed = catalogue->failed, run = catalogue->run;
    wg_buf_init(&bytes, YAML_DOC_BYTES_MAX);
    bool ok = wg_file_read(path, &bytes, &err) &&
              (yaml_doc_parse(&doc, path, wg_buf_str(&bytes), bytes.len, &err) ||
               (doc.problem_count > 0 && yaml_doc_fail(&doc, &err)));
    if (ok && (!doc.root || doc.root->kind != YAML_LIST))
        ok = wg_fail(&err, WG_E_BAD_FILE, "%s: expected a list of scenarios", path);
    if (!ok) {
        printf("FAILED: %s\n", err.text);
        catalogue->failed++;
    }
    for (size_t i = 0; ok && doc.root && i < doc.root->count; i++)
        (void)run_scenario(catalogue, &doc, doc.root->items[i]);
    if (catalogue->failed > failed)
        printf("%s: %d of %d failed\n\n", path, catalogue->failed - failed, catalogue->run - run);
    yaml_doc_clear(&doc);
    wg_buf_clear(&bytes);
    return ok;
}

static void run_path(struct catalogue *catalogue, const char *path)
{
    struct stat about;
    glob_t found = {0};
    char pattern[4096];
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode)) {
        (void)run_file(catalogue, path);
        return;
    }
    (void)wg_format(pattern, sizeof pattern, "%s/*.yaml", path);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) (void)run_file(catalogue, found.gl_pathv[i]);
    globfree(&found);
}

static bool open_all(struct catalogue *catalogue, struct wg_error *err)
{
    catalogue->zones = zone_files_new(NULL);
    if (!catalogue->zones) return wg_fail_memory(err, "reading time zones");
    return (catalogue->people = people_new(err)) &&
           (catalogue->db = db_open("", "scenario", err)) && migrate(catalogue->db, NULL, err);
}

int main(int argc, char **argv)
{
    struct catalogue catalogue = {0};
    struct wg_error err = {0};
    wg_log_setup("scenario", WG_LOG_ERROR);
    bool ok = open_all(&catalogue, &err);
    if (!ok) printf("%s\n", err.text);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0) catalogue.loud = true;
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc) catalogue.only = argv[i + 1];
    }
    for (int i = 1; i < argc && ok; i++) {
        if (strcmp(argv[i], "-n") == 0)
            i++;
        else if (strcmp(argv[i], "-v") != 0)
            run_path(&catalogue, argv[i]);
    }
    printf("%d scenarios, %d failed\n", catalogue.run, catalogue.failed);
    db_close(catalogue.db);
    people_free(catalogue.people);
    zone_files_free(catalogue.zones);
    return ok && catalogue.run > 0 && catalogue.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
