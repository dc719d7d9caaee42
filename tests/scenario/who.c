/* who.c: words for devices. */
#include "tests/scenario/who.h"

#include <stdlib.h>
#include <string.h>

static void add(struct who *out, struct machine *machine)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->machines[i] == machine) return;
    out->machines[out->count++] = machine;
}

static bool add_range(struct scene *scene, const struct yaml_value *at, struct who *out)
{
    char first[WG_NAME_MAX + 1];
    const char *dots = strstr(at->text, "..");
    if (!dots || !wg_copy_n(first, sizeof first, at->text, (size_t)(dots - at->text))) return false;
    struct machine *from = fleet_find(&scene->fleet, first);
    struct machine *to = fleet_find(&scene->fleet, dots + 2);
    for (struct machine *machine = from; from && to && machine <= to; machine++) add(out, machine);
    return from && to;
}

/* "3 of waiting offline": state, then cause. */
static bool add_in_state(struct scene *scene, const struct yaml_value *at, const char *campaign,
                         struct who *out)
{
    char words[64], place[64];
    const char *text = at->text;
    char *end = NULL;
    long most = strtol(text, &end, 10);
    bool counted = end != text && strncmp(end, " of ", 4) == 0;
    size_t found = 0;
    enum wg_state state;
    (void)wg_copy(words, sizeof words, counted ? end + 4 : text);
    (void)wg_copy(place, sizeof place, words);
    if (strchr(place, ' ')) *strchr(place, ' ') = '\0';
    if (!wg_state_parse(place, &state)) return false;
    const struct book_page *page = &scene->books.now;
    for (size_t i = 0; i < page->count && (!counted || (long)found < most); i++) {
        const struct book_place *one = &page->places[i];
        book_place_words(one, place);
        if (strchr(words, ' ') ? strcmp(place, words) != 0 : one->state != state) continue;
        if (campaign[0] && strcmp(page->campaigns[one->campaign].name, campaign) != 0) continue;
        struct machine *machine = fleet_find(&scene->fleet, one->device);
        if (!machine) continue;
        add(out, machine);
        found++;
    }
    if (found == 0 || (counted && (long)found < most))
        return scene_fail(scene, at, "who: expected %s, found %zu", text, found);
    return true;
}

static bool add_one(struct scene *scene, const struct yaml_value *at, const char *campaign,
                    struct who *out)
{
    if (at->kind != YAML_TEXT)
        return scene_fail(scene, at, "who: expected a word, got %s", yaml_kind_text(at));
    struct machine *machine = fleet_find(&scene->fleet, at->text);
    if (machine) {
        add(out, machine);
        return true;
    }
    if (strcmp(at->text, "all") == 0) {
        for (size_t i = 0; i < scene->fleet.count; i++)
            if (!scene->fleet.machines[i].deleted) add(out, &scene->fleet.machines[i]);
        return true;
    }
    size_t told = scene->failure.len;
    return add_range(scene, at, out) || add_in_state(scene, at, campaign, out) ||
           (scene->failure.len == told && scene_fail(scene, at, "who: nobody is \"%s\"", at->text));
}

bool who_read(struct scene *scene, const struct yaml_value *at, const char *campaign,
              struct who *out)
{
    out->count = 0;
    if (!at) return scene_fail(scene, NULL, "says not who");
    if (at->kind != YAML_LIST) return add_one(scene, at, campaign, out);
    for (size_t i = 0; i < at->count; i++)
        if (!add_one(scene, at->items[i], campaign, out)) return false;
    return true;
}
