/* crew.c: one loop over timers, connections and the parent's words. */
#include "tests/sim/fleet/crew.h"

#include "common/crypto.h"
#include "common/posix/file.h"
#include "tests/sim/fleet/faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COMMAND_MAX 64
#define WAIT_MOST 1000
#define TURN_MOST 50 /* milliseconds of timers before connections have their turn */

uint64_t crew_micros(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void crew_count(struct crew *crew, enum tally_count what, uint64_t more)
{
    crew->tally->counts[what] += more;
}

void crew_time(struct crew *crew, enum tally_time what, uint64_t since)
{
    histogram_add(&crew->tally->times[what], crew_micros() - since);
}

void crew_fail(struct crew *crew, const char *what)
{
    if (!crew->failed) (void)wg_context(&crew->err, "%s", what);
    crew->failed = true;
}

const char *crew_word(struct crew *crew, const char *text)
{
    for (size_t i = 0; i < crew->word_count; i++)
        if (strcmp(crew->words[i], text) == 0) return crew->words[i];
    char *word = crew->word_count < CREW_WORDS ? strdup(text) : NULL;
    if (!word) {
        (void)wg_fail(&crew->err, WG_E_LIMIT, "more than %d words", CREW_WORDS);
        crew_fail(crew, "what an order brings");
        return "";
    }
    crew->words[crew->word_count++] = word;
    return word;
}

void crew_wants_connection(struct crew *crew, struct member *member)
{
    if (member->waits || member->connecting) return;
    member->waits = true;
    gate_add(&crew->gate, (size_t)(member - crew->members));
}

static void let_connect(struct crew *crew)
{
    size_t who;
    while (gate_next(&crew->gate, wg_monotonic(), &who)) {
        struct member *member = &crew->members[who];
        member->waits = false;
        if (member->core && !crew->net.links[who].mosq)
            member_connect(member, crew);
        else
            gate_done(&crew->gate); /* it has gone down meanwhile */
    }
}

/* The second number of statm, in pages. */
static uint64_t resident(void)
{
    char line[128] = "", *end = NULL;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    if (!fgets(line, sizeof line, file)) line[0] = '\0';
    (void)fclose(file);
    (void)strtoull(line, &end, 10);
    return (uint64_t)strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t processor_time(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) != 0) return 0;
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void count_members(struct crew *crew)
{
    struct tally *tally = crew->tally;
    tally->devices = crew->count;
    tally->connected = tally->hung = tally->asleep = tally->pending = 0;
    tally->told = tally->ordered = 0;
    memset(tally->states, 0, sizeof tally->states);
    memset(tally->causes, 0, sizeof tally->causes);
    for (size_t i = 0; i < crew->count; i++) {
        const struct member *member = &crew->members[i];
        tally->connected += crew->net.links[i].up;
        tally->hung += member->hung || member->ended;
        tally->asleep += member->asleep;
        tally->told += member->told;
        tally->ordered +=
            member->told && member->wanted[0] && strcmp(member->wanted, member->order.id) == 0;
        tally->pending += (uint64_t)(member->written - member->acknowledged);
        tally->states[member->state]++;
        tally->causes[member->cause]++;
    }
    tally->memory = resident();
    tally->cpu = processor_time();
}

static bool tell(struct crew *crew, uint32_t request, struct wg_error *err)
{
    count_members(crew);
    crew->tally->request = request;
    return send(crew->parent, crew->tally, sizeof *crew->tally, MSG_NOSIGNAL) ==
               (ssize_t)sizeof *crew->tally ||
           wg_fail_errno(err, "telling the parent");
}

static void drop(struct crew *crew, double share)
{
    struct chance chance;
    chance_init(&chance, crew->nonce, (uint64_t)wg_monotonic());
    for (size_t i = 0; i < crew->count; i++)
        if (share >= 1 || chance_of(&chance, share)) member_drop(&crew->members[i], crew);
}

static bool obey(struct crew *crew, struct wg_error *err)
{
    char text[COMMAND_MAX];
    double share = 0;
    ssize_t len = recv(crew->parent, text, sizeof text - 1, MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (len <= 0) { /* the parent is gone */
        crew->stop = true;
        return true;
    }
    text[len] = '\0';
    if (strncmp(text, "tally ", 6) == 0)
        return tell(crew, (uint32_t)strtoul(text + 6, NULL, 10), err);
    if (strncmp(text, "drop ", 5) == 0 && share_parse(text + 5, &share)) drop(crew, share);
    if (strcmp(text, "stop") == 0) crew->stop = true;
    return true;
}

static void run_timers(struct crew *crew)
{
    wg_time until = wg_monotonic(), next;
    while (!crew->failed && (next = agenda_next(&crew->agenda)) != 0 && next <= until) {
        struct event event = agenda_take(&crew->agenda);
        event.run(crew, &event);
        free(event.bytes);
        if (wg_monotonic() > until + TURN_MOST) return;
    }
}

static void take_events(struct crew *crew)
{
    struct net_event event;
    while (!crew->failed && net_next(&crew->net, &event)) {
        if (event.turn == crew->net.links[event.who].turn)
            member_take(&crew->members[event.who], crew, &event);
        free(event.payload);
    }
}

static int wait_time(const struct crew *crew)
{
    wg_time next = agenda_next(&crew->agenda), now = wg_monotonic();
    wg_duration wait = WAIT_MOST, gate = gate_due(&crew->gate);
    if (crew->net.waiting > 0) return 0;
    if (next != 0 && next - now < wait) wait = next - now;
    if (gate >= 0 && gate < wait) wait = gate;
    return wait > 0 ? (int)wait : 0;
}

static bool loop(struct crew *crew, struct wg_error *err)
{
    while (!crew->stop && !crew->failed) {
        bool heard = false;
        if (!net_wait(&crew->net, wait_time(crew), &heard, err)) return false;
        take_events(crew);
        run_timers(crew);
        let_connect(crew);
        if (heard && !obey(crew, err)) return false;
        if (crew->agenda.failed) return wg_fail_memory(err, "a timer");
    }
    if (crew->failed) *err = crew->err;
    return !crew->failed;
}

static bool make(struct crew *crew, uint64_t first, struct wg_error *err)
{
    const struct fleet_settings *settings = crew->settings;
    double processes = (double)settings->processes;
    int connecting = settings->connecting / (int)settings->processes;
    crew->began = wg_monotonic();
    crew->fleet = malloc(sizeof *crew->fleet);
    crew->members = calloc(crew->count, sizeof *crew->members);
    crew->actions = calloc(1, sizeof *crew->actions);
    crew->tally = calloc(1, sizeof *crew->tally);
    crew->zones = zone_files_new(NULL);
    if (!crew->fleet || !crew->members || !crew->actions || !crew->tally || !crew->zones)
        return wg_fail_memory(err, "making the fleet");
    if (!fleet_init(crew->fleet, settings->seed, wg_now(), err) ||
        !wg_random(&crew->nonce, sizeof crew->nonce, err) ||
        !gate_init(&crew->gate, crew->count, settings->connect_rate / processes,
                   connecting > 1 ? connecting : 1, crew->began, err) ||
        !net_open(&crew->net, settings, crew->count, crew->parent, err))
        return false;
    crew->tally->memory_empty = resident();
    for (size_t i = 0; i < crew->count; i++) member_init(&crew->members[i], crew, first + i);
    for (size_t i = 0; i < crew->count && !crew->failed; i++) member_start(&crew->members[i], crew);
    return true;
}

static void clear(struct crew *crew)
{
    for (size_t i = 0; crew->members && i < crew->count; i++) member_clear(&crew->members[i]);
    net_close(&crew->net);
    gate_clear(&crew->gate);
    agenda_clear(&crew->agenda);
    zone_files_free(crew->zones);
    for (size_t i = 0; i < crew->word_count; i++) free(crew->words[i]);
    free(crew->members);
    free(crew->actions);
    free(crew->tally);
    free(crew->fleet);
}

bool crew_run(const struct fleet_settings *settings, uint64_t first, size_t count, int parent,
              struct wg_error *err)
{
    struct crew crew = {.settings = settings, .count = count, .parent = parent};
    agenda_init(&crew.agenda);
    crew.net.epoll = -1;
    bool ok = make(&crew, first, err) && loop(&crew, err);
    for (size_t i = 0; ok && i < count; i++)
        if (crew.net.links[i].up) member_leave(&crew.members[i], &crew);
    clear(&crew);
    return ok;
}
