/* scene.h: one scenario under way: the file that tells it, the fleet that reports what the file
 * says, the orchestrators that decide, the database, and the time, which only the file moves. */
#ifndef WG_TESTS_SCENARIO_SCENE_H
#define WG_TESTS_SCENARIO_SCENE_H

#include "common/posix/zone_file.h"
#include "orchestrator/store/place.h"
#include "orchestrator/yaml/yaml_doc.h"
#include "tests/scenario/books.h"
#include "tests/scenario/draft.h"
#include "tests/scenario/fleet.h"
#include "tests/scenario/orchestrator.h"
#include "tests/scenario/people.h"

#define SCENE_FAILURE_MAX ((size_t)64 * 1024)
#define SCENE_LOOKS_MAX 12 /* in which everything has come to rest, or never does */
#define SCENE_SAID_MAX 512

struct scene {
    struct yaml_doc *doc;          /* borrowed, as are the next four */
    const struct yaml_value *at;   /* the scenario */
    const struct yaml_value *step; /* that is run now; NULL: none */
    struct db *db;
    struct people *people;
    struct zone_files *zones;
    wg_time now;
    size_t number;   /* of the step, from 1 */
    size_t problems; /* of the file, told so far */
    struct fleet fleet;
    struct drafts drafts;
    struct orchestrator orchestrators[ORCHESTRATORS_MAX];
    struct orchestrator *on_duty; /* it takes in, ticks and is told */
    struct ticker_result looked;  /* by the last look */
    struct intake_result answers;
    struct books books;
    char said[SCENE_SAID_MAX]; /* by the last command, to its operator */
    struct wg_buf failure;     /* "" none */
};

struct scene *scene_new(struct yaml_doc *doc, struct db *db, struct people *people,
                        struct zone_files *zones, struct wg_error *err);
void scene_free(struct scene *scene);

/* Tells what is wrong and where in the file (NULL: the step); always returns false. */
bool scene_fail(struct scene *scene, const struct yaml_value *at, const char *format, ...)
    WG_PRINTF(3, 4);
/* The same of an error. */
bool scene_fail_error(struct scene *scene, const struct yaml_value *at, const struct wg_error *err);

/* Empties the database, makes fleet and campaigns, runs the steps, and looks whether everything has
 * ended or has an explanation. False: scene->failure says why not. */
bool scene_run(struct scene *scene, const struct yaml_value *scenario);

/* ---- what happens in it; false: failed, and told ---- */

/* Commits what devices said, as one batch, and tells them the answers. */
bool scene_take(struct scene *scene, const struct intake_item *items, size_t count);
/* One tick; then orders that are due are received, and the rules are checked. */
bool scene_look(struct scene *scene);
/* Looks until nothing changes any more. */
bool scene_rest(struct scene *scene);

/* The campaign that the map names under "campaign", else the only one there is. */
bool scene_campaign(struct scene *scene, const struct yaml_value *map, char out[WG_NAME_MAX + 1]);

#endif
