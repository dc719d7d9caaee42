/* language_test.c: every key of the campaign language: what it is read as, that its canonical form
 * reads back to itself, what is refused, where, and in which words. */
#include "orchestrator/campaign/campaign.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "wavegate: 1\ncampaign: c\nrelease: app/1.2.3\n"
#define WAVES "waves: [{name: rest, remaining: true}]\n"
#define CANONICAL_MAX ((size_t)16 << 20)
#define CORNERS 20000 /* of zigzag.geojson */

/* Along one parallel and back along another, in steps. */
static void write_zigzag(struct wg_buf *out)
{
    wg_buf_text(out, "{\"type\": \"Polygon\", \"coordinates\": [[");
    for (int i = 0; i < CORNERS; i++) {
        bool back = i >= CORNERS / 2;
        wg_buf_printf(out, "[%d.%03d, %d.%d], ", (back ? CORNERS - i : i) / 1000,
                      (back ? CORNERS - i : i) % 1000, back ? 2 : 1, i % 2);
    }
    wg_buf_text(out, "[0, 1]]]}\n");
}

static bool load(void *ctx, const char *name, struct wg_buf *out, struct wg_error *err)
{
    (void)ctx;
    if (strcmp(name, "list.txt") == 0)
        wg_buf_text(out, "dev-2\ndev-1 # twice\n\ndev-1\n");
    else if (strcmp(name, "areas/box.geojson") == 0)
        wg_buf_text(out, "{\"type\": \"Polygon\",\n"
                         " \"coordinates\": [[[5, 45], [9, 45], [9, 48], [5, 45]]]}\n");
    else if (strcmp(name, "bad.geojson") == 0)
        wg_buf_text(out, "{\"type\": \"Polygon\",\n"
                         " \"coordinates\": [[[5, 45], [9, 95], [9, 48], [5, 45]]]}\n");
    else if (strcmp(name, "zigzag.geojson") == 0)
        write_zigzag(out);
    else if (strcmp(name, "ids.txt") == 0)
        wg_buf_text(out, "dev-1\n\ndev 2\n");
    else
        return wg_fail(err, WG_E_NOT_FOUND, "%s: not there", name);
    return wg_buf_check(out, err, name);
}

static struct campaign *read_text(const char *text, struct wg_error *err)
{
    return campaign_parse("c.yaml", text, strlen(text), load, NULL, err);
}

/* target: NULL for one that is not in question. */
static struct campaign *read_parts(const char *target, const char *more, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, CANONICAL_MAX);
    wg_buf_printf(&text, HEAD "target: %s\n%s", target ? target : "{tag: t}", more);
    if (!strstr(more, "waves:")) wg_buf_text(&text, WAVES);
    struct campaign *campaign = read_text(wg_buf_str(&text), err);
    wg_buf_clear(&text);
    return campaign;
}

/* False, with words, when the canonical form does not read back to itself. */
static bool reads_back(const struct campaign *campaign, struct wg_buf *canonical)
{
    struct wg_error err = {0};
    struct wg_buf again;
    char digest[WG_SHA256_HEX] = "", same[WG_SHA256_HEX] = "other";
    wg_buf_init(canonical, CANONICAL_MAX);
    wg_buf_init(&again, CANONICAL_MAX);
    struct campaign *back = NULL;
    if (campaign_canonical(campaign, canonical, &err) && campaign_digest(campaign, digest, &err))
        back = campaign_parse("canonical", canonical->data, canonical->len, NULL, NULL, &err);
    bool ok = back && campaign_canonical(back, &again, &err) && campaign_digest(back, same, &err);
    if (!ok) printf("\n    %s\n    of %s\n", err.text, wg_buf_str(canonical));
    if (ok) ASSERT_TEXT(wg_buf_str(&again), wg_buf_str(canonical));
    if (ok) ASSERT_TEXT(same, digest);
    ok = ok && strcmp(wg_buf_str(&again), wg_buf_str(canonical)) == 0 && strcmp(same, digest) == 0;
    wg_buf_clear(&again);
    campaign_free(back);
    return ok;
}

static void check_canonical(const char *target, const char *more, const char *part)
{
    struct wg_error err = {0};
    struct wg_buf canonical;
    struct campaign *campaign = read_parts(target, more, &err);
    if (!campaign) printf("\n    %s%s: %s\n", target ? target : "", more, err.text);
    CU_ASSERT_PTR_NOT_NULL(campaign);
    if (!campaign) return;
    CU_ASSERT_TRUE(reads_back(campaign, &canonical));
    if (!strstr(wg_buf_str(&canonical), part))
        printf("\n    %s\n    expected %s\n", wg_buf_str(&canonical), part);
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&canonical), part));
    wg_buf_clear(&canonical);
    campaign_free(campaign);
}

static void selectors_have_one_form(void)
{
    static const struct {
        const char *target, *canonical;
    } rows[] = {
        {"{device: [dev-2, \"d*\", dev-1, \"d?\", dev-2]}",
         "{\"device\":[\"dev-1\",\"dev-2\",\"d*\",\"d?\"]}"},
        {"{device: {file: list.txt}}", "{\"device\":[\"dev-1\",\"dev-2\"]}"},
        {"{hardware: {model: m}}", "{\"hardware\":{\"model\":\"m\"}}"},
        {"{hardware: {revision: '>=C || A', model: m}}",
         "{\"hardware\":{\"model\":\"m\",\"revision\":\">=C || A\"}}"},
        {"{software: {b: ^1.2, a: 1.x}}",
         "{\"software\":{\"b\":\"^1.2\"}},{\"software\":{\"a\":\"1.x\"}}"},
        {"{software: {a: {version: 1.x}}}", "{\"software\":{\"a\":\"1.x\"}}"},
        {"{software: {a: {version: '>= 1:2-3', scheme: debian}}}",
         "{\"software\":{\"a\":{\"scheme\":\"debian\",\"version\":\">= 1:2-3\"}}}"},
        {"{software: {a: {scheme: calver, version: 2026.11}}}",
         "{\"software\":{\"a\":{\"scheme\":\"calver\",\"version\":\"2026.11\"}}}"},
        {"{software: {a: {scheme: opaque, version: [y, x y, y]}}}",
         "{\"software\":{\"a\":{\"scheme\":\"opaque\",\"version\":[\"x y\",\"y\"]}}}"},
        {"{attribute: {n: 5}}", "{\"attribute\":{\"n\":[\"5\"]}}"},
        {"{attribute: {n: '=  5'}}", "{\"attribute\":{\"n\":[\"5\"]}}"},
        {"{attribute: {n: [no, yes, '> 5', no]}}",
         "{\"attribute\":{\"n\":[\"> 5\",\"no\",\"yes\"]}}"},
        {"{attribute: {n: '!=no'}}", "{\"attribute\":{\"n\":\"!= no\"}}"},
        {"{attribute: {n: <5}}", "{\"attribute\":{\"n\":\"< 5\"}}"},
        {"{attribute: {n: <=-0.50}}", "{\"attribute\":{\"n\":\"<= -0.50\"}}"},
        {"{attribute: {n: '>   007'}}", "{\"attribute\":{\"n\":\"> 007\"}}"},
        {"{attribute: {n: '>=5'}}", "{\"attribute\":{\"n\":\">= 5\"}}"},
        {"{attribute: {n: {exists: true}}}", "{\"attribute\":{\"n\":{\"exists\":true}}}"},
        {"{attribute: {n: {exists: false}}}", "{\"attribute\":{\"n\":{\"exists\":false}}}"},
        {"{attribute: {n: 'a \"b\" \\c'}}", "{\"attribute\":{\"n\":[\"a \\\"b\\\" \\\\c\"]}}"},
        {"{attribute: {n: \"\\u00e9\\uFEFF\\uFFFD\\U0001F600\"}}",
         "{\"attribute\":{\"n\":[\"\u00e9\ufeff\ufffd\U0001f600\"]}}"},
        {"{tag: [b, a]}", "{\"tag\":[\"a\",\"b\"]}"},
        {"{group: g}", "{\"group\":[\"g\"]}"},
        {"{region: [US-CA, NO, DE]}", "{\"region\":[\"DE\",\"NO\",\"US-CA\"]}"},
        {"{timezone: [UTC, 'Europe/*', Asia/Tokyo]}",
         "{\"timezone\":[\"Asia/Tokyo\",\"UTC\",\"Europe/*\"]}"},
        {"{within: {lat: 48.1400000, lon: -11.58, km: 250.0}}",
         "{\"within\":{\"km\":\"250\",\"lat\":\"48.14\",\"lon\":\"-11.58\"}}"},
        {"{within: {lat: '-0.0000001', lon: -0, km: 0.001}}",
         "{\"within\":{\"km\":\"0.001\",\"lat\":\"-0.0000001\",\"lon\":\"0\"}}"},
        {"{bbox: {north: 90, west: 170.5, south: '-90', east: -170}}",
         "{\"bbox\":{\"east\":\"-170\",\"north\":\"90\",\"south\":\"-90\",\"west\":\"170.5\"}}"},
        {"{inside: areas/box.geojson}",
         "{\"inside\":\"MULTIPOLYGON (((5 45, 9 45, 9 48, 5 45)))\"}"},
        {"{inside: {type: Polygon, coordinates: [[[9, 48], [9, 45], [5, 45], [9, 48]]]}}",
         "{\"inside\":\"MULTIPOLYGON (((5 45, 9 45, 9 48, 5 45)))\"}"},
        {"{inside: 'POLYGON  ((5 45, 9 45, 9 48, 5 45))'}",
         "{\"inside\":\"MULTIPOLYGON (((5 45, 9 45, 9 48, 5 45)))\"}"},
        {"{inside: {type: Polygon, coordinates: [[[179, 0], [-179, 0], [-179, 2], [179, 0]]]}}",
         "{\"inside\":\"MULTIPOLYGON (((179 0, 180 0, 180 1, 179 0)), "
         "((-180 0, -179 0, -179 2, -180 1, -180 0)))\"}"},
        {"{last_seen: {within: 168h}}", "{\"last_seen\":{\"within\":\"7d\"}}"},
        {"{last_seen: {before: 90m}}", "{\"last_seen\":{\"before\":\"1h30m\"}}"},
        {"{installed: app/1.0.0}", "{\"installed\":[\"app/1.0.0\"]}"},
        {"{not_installed: [b/1.0.0, a/1.0.0-rc.1+b]}",
         "{\"not_installed\":[\"a/1.0.0-rc.1+b\",\"b/1.0.0\"]}"},
        {"{failed_in: [z, y]}", "{\"failed_in\":[\"y\",\"z\"]}"},
        {"{succeeded_in: z}", "{\"succeeded_in\":[\"z\"]}"},
        {"{not: {tag: a, group: b}}",
         "{\"not\":[{\"all\":[{\"tag\":[\"a\"]},{\"group\":[\"b\"]}]}]}"},
        {"{any: [{attribute: {a: 1, b: 2}}, {tag: t}]}",
         "{\"any\":[{\"all\":[{\"attribute\":{\"a\":[\"1\"]}},{\"attribute\":{\"b\":[\"2\"]}}]},"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_canonical(rows[i].target, "", rows[i].canonical);
}

static void the_rest_has_one_form(void)
{
    static const struct {
        const char *more, *canonical;
    } rows[] = {
        {"", "\"membership\":\"snapshot\",\"pace\":{\"in_flight\":100},\"priority\":50,"},
        {"membership: continuous\n", "\"membership\":\"continuous\""},
        {"priority: 0\n", "\"priority\":0,"},
        {"priority: 100\n", "\"priority\":100,"},
        {"after: x\n", "{\"after\":[\"x\"],"},
        {"excludes: [z, y, z]\n", "\"excludes\":[\"y\",\"z\"],"},
        {"rollback_to: app/1.2.2-rc.1\n", "\"rollback_to\":\"app/1.2.2-rc.1\","},
        {"waves: [{name: w, select: {tag: b, not: {tag: a}}}]\n",
         "\"name\":\"w\",\"select\":{\"all\":[{\"tag\":[\"b\"]},{\"not\":[{\"tag\":[\"a\"]}]}]}}"},
        {"waves: [{name: w, percent: 1, spread: region}]\n",
         "\"name\":\"w\",\"percent\":\"1%\",\"spread\":[\"region\"]}"},
        {"waves: [{name: w, count: 5, spread: [timezone, hardware.model, software.a-1, "
         "attribute.b]}]\n",
         "\"spread\":[\"timezone\",\"hardware.model\",\"software.a-1\",\"attribute.b\"]}"},
        {"waves: [{name: w, devices: {file: list.txt}}]\n", "{\"devices\":[\"dev-1\",\"dev-2\"],"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_canonical(NULL, rows[i].more, rows[i].canonical);
}

/* ---- problems ---- */

static void check_problem(const char *target, const char *more, const char *expected)
{
    struct wg_error err = {0};
    struct campaign *campaign = read_parts(target, more, &err);
    if (campaign || !strstr(err.text, expected))
        printf("\n    %s%s\n    got      %s\n    expected %s\n", target ? target : "", more,
               campaign ? "nothing" : err.text, expected);
    CU_ASSERT_PTR_NULL(campaign);
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, expected));
    campaign_free(campaign);
}

struct refused {
    const char *text, *expected;
};

#define RING "[[5, 45], [9, 45], [9, 48], [5, 45]]"

static void selectors_are_refused_at_their_place(void)
{
    static const struct refused rows[] = {
        {"{all: {tag: a}}",
         "4:15: error: all: expected a list of at least one selector, got a map"},
        {"{not: [beta]}", "4:16: error: selector: expected a map of keys and values"},
        {"{timezon: UTC}", "c.yaml:4:10: error: selector has no key \"timezon\": did you mean "
                           "\"timezone\"?"},
        {"{region: [DE, Germany]}", "c.yaml:4:23: error: region: expected an ISO 3166 code like DE "
                                    "or US-CA, got \"Germany\": did you mean \"DE\"?"},
        {"{region: no}", "4:18: error: region: expected an ISO 3166 code like DE or US-CA, got "
                         "\"no\": did you mean \"NO\"?"},
        {"{timezone: [UTC, Europe/Berln]}",
         "4:26: error: timezone: expected an IANA time zone like Europe/Berlin or Europe/*, got "
         "\"Europe/Berln\": did you mean \"Europe/Berlin\"?"},
        {"{timezone: 'Eurpoe/*'}", "got \"Eurpoe/*\": did you mean \"Europe/*\"?"},
        {"{device: ['d/*']}", "4:19: error: device: \"d/*\" can be no device id"},
        {"{device: {file: ids.txt}}", "4:25: error: ids.txt, line 3: \"dev 2\" is no device id"},
        {"{hardware: {model: m, revision: '>C <A'}}",
         "4:41: error: revision: nothing can be in \">C <A\": its bounds exclude each other"},
        {"{software: {a: '>=1.0.0 <'}}",
         "4:24: error: a: \"<\" compares with nothing: expected a version behind it"},
        {"{software: {a: {scheme: debain, version: '1'}}}",
         "4:33: error: scheme: expected semver, debian, calver or opaque, got \"debain\": did you "
         "mean \"debian\"?"},
        {"{software: {a: {scheme: debian, version: '>= 1:'}}}",
         "4:50: error: a: \"1:\" is not a Debian version"},
        {"{software: {a: {scheme: calver, version: '>= x'}}}",
         "4:50: error: a: \"x\" is not a calendar version"},
        {"{software: {a: {scheme: opaque, version: []}}}",
         "4:50: error: version: expected a version, or a list of them, got none"},
        {"{software: {a: {scheme: debian}}}", "4:24: error: a: the key \"version\" is missing"},
        {"{attribute: {n: '< five'}}",
         "4:25: error: n: expected a number to compare with, got \"five\""},
        {"{attribute: {n: '>= 1e3'}}", "expected a number to compare with, got \"1e3\""},
        {"{attribute: {n: '!='}}", "4:25: error: n: expected a value behind the sign"},
        {"{attribute: {n: {exist: true}}}",
         "4:26: error: n has no key \"exist\": did you mean \"exists\"?"},
        {"{attribute: {n: {exists: yes}}}",
         "4:34: error: exists: expected true or false, got \"yes\": did you mean \"true\"?"},
        {"{attribute: {n: []}}", "4:25: error: n: expected at least one value"},
        {"{attribute: {a b: 1}}", "4:22: error: attribute: expected letters, digits"},
        {"{attribute: {}}", "4:21: error: attribute: expected NAME: VALUE, got nothing"},
        {"{attribute: {n: \"a\\nb\"}}",
         "4:25: error: n: expected text in one line, without control characters"},
        {"{attribute: {n: [a, \"\\e[31m\"]}}", "4:29: error: n: expected text in one line"},
        {"{attribute: {n: \"\\u2028\"}}", "4:25: error: n: expected text in one line"},
        {"{attribute: {n: \"\\x85\"}}", "4:25: error: n: expected text in one line"},
        {"{attribute: {n: \"\\uFFFF\"}}", "4:25: error: n: expected text in one line"},
        {"{software: {a: \">=1.0.0\\t<2\"}}", "4:24: error: a: expected text in one line"},
        {"{software: {a: {scheme: opaque, version: \"\\x7f\"}}}",
         "4:50: error: version: expected text in one line"},
        {"{group: [g, a b]}", "4:21: error: group: expected letters, digits, '.', '_' or '-', got "
                              "\"a b\""},
        {"{failed_in: []}", "4:21: error: failed_in: expected"},
        {"{succeeded_in: {c: 1}}", "4:24: error: succeeded_in: expected"},
        {"{last_seen: {within: 1d, before: 2d}}",
         "4:21: error: last_seen: expected {within: TIME} or {before: TIME}"},
        {"{last_seen: {within: 500ms}}", "4:30: error: within: expected 1s to 3650d, got 500ms"},
        {"{installed: app}", "4:21: error: installed: expected COMPONENT/VERSION, got \"app\""},
        {"{not_installed: [app/1.0]}", "4:26: error: not_installed: \"1.0\" is not a version"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_problem(rows[i].text, "", rows[i].expected);
}

static void places_are_refused_at_their_place(void)
{
    static const struct refused rows[] = {
        {"{within: {lat: 91, lon: 11, km: 5}}",
         "4:24: error: lat: expected a number from -90 to 90 with at most 7 decimals, got \"91\""},
        {"{within: {lat: 48.12345678, lon: 11, km: 5}}", "4:24: error: lat: expected a number"},
        {"{within: {lat: 48, lon: '11E', km: 5}}",
         "4:33: error: lon: expected a number from -180 to 180 with at most 7 decimals, got "
         "\"11E\""},
        {"{within: {lat: 48, lon: 11, km: 20038.001}}", "4:41: error: km: expected a number from"},
        {"{within: {lat: 48, lon: 11, km: 0}}", "4:41: error: km: expected a number from 0.001 to "
                                                "20038 with at most 3 decimals, got \"0\""},
        {"{within: {lat: 048, lon: 11, km: 5}}", "4:24: error: lat: expected a number from"},
        {"{within: {lat: 48, lon: 11}}", "4:18: error: the key \"km\" is missing"},
        {"{within: {lat: 48, lon: 11, miles: 5}}",
         "4:37: error: within has no key \"miles\": its keys are lat, lon and km"},
        {"{bbox: {west: 5, south: 55, east: 15, north: 45}}",
         "4:33: error: bbox: south has to be less than north"},
        {"{bbox: {west: 5, south: 45, east: 5.0, north: 55}}",
         "4:23: error: bbox: west and east are the same"},
        {"{bbox: [5, 45, 15, 55]}", "4:16: error: bbox: expected a map of keys and values, got a "
                                    "list"},
        {"{inside: gone.geojson}", "4:18: error: file: gone.geojson: not there"},
        {"{inside: ../x.geojson}", "4:18: error: file: expected a file in the campaign's folder"},
        {"{inside: bad.geojson}",
         "4:18: error: bad.geojson:2:32: area: latitude: expected a number from -90 to 90, got "
         "\"95\" (a position is longitude, then latitude)"},
        {"{inside: {type: Polygon, coordinates: [" RING ", [[1, 1], [2, 1], [2, 2], [1, 1]]]}}",
         "area: the hole does not lie inside its outer ring"},
        {"{inside: {type: Polygon, coordinates: [[[5, 45], [9, 45], [9, 48], [5, 46]]]}}",
         "4:76: error: area: the ring is not closed: expected its first position 5 45, got 5 46"},
        {"{inside: {type: LineString, coordinates: " RING "}}",
         "4:25: error: area: type: expected a Polygon, MultiPolygon, Feature or "
         "FeatureCollection, got \"LineString\", which encloses nothing"},
        {"{inside: 'POLYGON ((5 45, 9 45, 9 48)'}", "4:18: error: area: at character"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_problem(rows[i].text, "", rows[i].expected);
}

static void the_rest_is_refused_at_its_place(void)
{
    static const struct refused rows[] = {
        {"membership: continous\n",
         "c.yaml:5:13: error: membership: expected snapshot or continuous, got \"continous\": did "
         "you mean \"continuous\"?"},
        {"priority: 101\n", "5:11: error: priority: expected a whole number from 0 to 100"},
        {"priority: \"50\"\n", "got \"50\": remove the quotes"},
        {"after: [x, c]\n", "5:12: error: after: a campaign cannot name itself"},
        {"excludes: [a b]\n", "5:12: error: excludes: expected the name of a campaign"},
        {"rollback_to: other/1.0.0\n",
         "5:14: error: rollback_to: expected a release of app, got other/1.0.0"},
        {"rollback_to: app/1.2.3\n",
         "5:14: error: rollback_to: expected another version than the release"},
        {"rollback_to: app/1.2\n", "5:14: error: rollback_to: \"1.2\" is not a version"},
        {"waves: [{name: a, percent: 0}]\n",
         "5:28: error: percent: expected a percentage like 12.5%, more than 0, at most 100"},
        {"waves: [{name: a}]\n",
         "5:9: error: a wave takes exactly one of devices, select, percent, "
         "count, remaining; this one has 0"},
        {"waves: [{name: a, select: {tag: b}, count: 1}]\n", "5:9: error: a wave takes exactly one "
                                                             "of devices, select, percent, count, "
                                                             "remaining; this one has 2"},
        {"waves: [{name: a, select: {}}]\n", "5:27: error: selector: expected at least one key"},
        {"waves: [{name: a, select: {region: XX}}]\n", "5:36: error: region: expected an ISO 3166"},
        {"waves: [{name: a, devices: ['dev-*']}]\n",
         "5:29: error: device: \"dev-*\" is no device id: patterns stand in the list of a "
         "selector: {device: [\"dev-*\"]}"},
        {"waves: [{name: a, count: 1, spread: [regoin]}]\n",
         "5:38: error: spread: expected region, timezone, hardware.model, hardware.revision, "
         "software.COMPONENT or attribute.NAME, got \"regoin\""},
        {"waves: [{name: a, count: 1, spread: [region, software., region]}]\n",
         "5:46: error: spread: expected region"},
        {"waves: [{name: a, count: 1, spread: [region, region]}]\n",
         "5:46: error: spread: \"region\" stands here twice"},
        {"waves: [{name: a, count: 1, spread: []}]\n",
         "5:37: error: spread: expected a list of 1 to 4 attributes"},
        {"waves: [{name: a, devices: [d], spread: [region]}]\n",
         "5:41: error: spread: only percent and count can be spread"},
        {"waves: [{name: a, remaining: true, spread: [region]}]\n",
         "5:44: error: spread: only percent and count can be spread"},
        {"waves: [{name: a, count: 1, spred: [region]}]\n",
         "5:29: error: wave has no key \"spred\": did you mean \"spread\"?"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_problem(NULL, rows[i].text, rows[i].expected);
}

/* ---- counts and depths: the most that is taken, and one more ---- */

/* before, count times the item, which has a %d, and after. */
struct many {
    const char *before, *item, *after;
    size_t count;
};

static char *many_text(const struct many *many)
{
    struct wg_buf text;
    wg_buf_init(&text, CANONICAL_MAX);
    wg_buf_text(&text, many->before);
    for (size_t i = 0; i < many->count; i++) {
        const char *number = strchr(many->item, '#');
        int until = (int)(number ? (size_t)(number - many->item) : strlen(many->item));
        if (i) wg_buf_text(&text, ", ");
        wg_buf_printf(&text, "%.*s", until, many->item);
        if (number) wg_buf_printf(&text, "%zu%s", i, number + 1);
    }
    wg_buf_text(&text, many->after);
    char *taken = wg_buf_take(&text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(taken);
    return taken;
}

static void counts_have_bounds(void)
{
    static const struct {
        struct many target;
        const char *expected; /* of one more */
    } rows[] = {
        {{"{device: [", "d#*", "]}", 100}, "error: device: more than 100 patterns"},
        {{"{attribute: {n: [", "v#", "]}}", 64}, "error: n: more than 64 values"},
        {{"{all: [", "{tag: t#}", "]}", 32}, "error: selector: the target has more than 32 cond"},
        {{"{software: {", "c#: '*'", "}}", 32}, "the target has more than 32 conditions"},
        {{"{any: [", "{inside: zigzag.geojson}", "]}", CAMPAIGN_CORNERS_MAX / CORNERS},
         "error: inside: more than 200000 corners in the campaign's areas"},
        {{"{any: [", "{tag: t#}", "]}", 512}, "error: selector: the target has more than 512 val"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct many one_more = rows[i].target;
        one_more.count++;
        char *most = many_text(&rows[i].target), *more = many_text(&one_more);
        check_canonical(most, "", "\"target\"");
        check_problem(more, "", rows[i].expected);
        free(most);
        free(more);
    }
}

static void other_campaigns_have_a_bound(void)
{
    struct many others = {"excludes: [", "x#", "]\n", CAMPAIGN_OTHERS_MAX};
    char *most = many_text(&others);
    others.count++;
    char *more = many_text(&others);
    check_canonical(NULL, most, "\"x31\"");
    check_problem(NULL, more, "error: excludes: more than 32 campaigns");
    free(most);
    free(more);
}

/* Each level of "any" is one; what stands side by side in it is one more. */
static void depth_has_a_bound(void)
{
    for (int levels = 7; levels <= 10; levels++) {
        struct wg_buf target;
        wg_buf_init(&target, 1024);
        for (int i = 0; i < levels; i++) wg_buf_text(&target, "{any: [");
        wg_buf_text(&target, "{within: {lat: 1, lon: 2, km: 3}}");
        for (int i = 0; i < levels; i++) wg_buf_text(&target, "]}");
        if (levels <= CAMPAIGN_DEPTH_MAX)
            check_canonical(wg_buf_str(&target), "", "\"within\"");
        else
            check_problem(wg_buf_str(&target), "", "selectors are nested more than 8 deep");
        wg_buf_clear(&target);
    }
}

static void long_texts_have_a_bound(void)
{
    char value[300], target[400];
    memset(value, 'v', sizeof value);
    value[255] = '\0';
    (void)snprintf(target, sizeof target, "{attribute: {n: %s}}", value);
    check_canonical(target, "", "\"n\":[\"vvv");
    value[255] = 'v';
    value[256] = '\0';
    (void)snprintf(target, sizeof target, "{attribute: {n: %s}}", value);
    check_problem(target, "", "4:25: error: n: expected 1 to 255 bytes of text, got 256");
}

WG_SUITE("language", {"selectors have one form", selectors_have_one_form},
         {"the rest has one form", the_rest_has_one_form},
         {"selectors are refused at their place", selectors_are_refused_at_their_place},
         {"places are refused at their place", places_are_refused_at_their_place},
         {"the rest is refused at its place", the_rest_is_refused_at_its_place},
         {"counts have bounds", counts_have_bounds},
         {"other campaigns have a bound", other_campaigns_have_a_bound},
         {"depth has a bound", depth_has_a_bound},
         {"long texts have a bound", long_texts_have_a_bound})
