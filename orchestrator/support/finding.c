/* finding.c: words of the kinds. */
#include "orchestrator/support/finding.h"

#include <stdlib.h>
#include <string.h>

static void lasting(wg_duration duration, char out[WG_TIME_TEXT])
{
    wg_duration_words(duration > 0 ? duration : 0, out);
}

static void since_words(const struct finding_facts *facts, char out[WG_TIME_TEXT])
{
    lasting(facts->now - facts->since, out);
}

static void silent(const struct finding_facts *facts, char out[FINDING_TEXT])
{
    char away[WG_TIME_TEXT], usual[WG_TIME_TEXT];
    since_words(facts, away);
    lasting(facts->number[0], usual);
    if (facts->number[1] < 3)
        (void)wg_format(out, FINDING_TEXT, "away for %s; it was hardly ever away before", away);
    else
        (void)wg_format(out, FINDING_TEXT, "away for %s; it is usually back within %s", away,
                        usual);
}

static void never_updated(const struct finding_facts *facts, char out[FINDING_TEXT])
{
    long long offers = (long long)facts->number[0];
    char since[WG_TIME_TEXT];
    since_words(facts, since);
    (void)wg_format(out, FINDING_TEXT,
                    "no update has ever succeeded; %lld %s, the first %s ago: %s", offers,
                    offers == 1 ? "campaign has it" : "campaigns have it", since, facts->text);
}

static void behind(const struct finding_facts *facts, char out[FINDING_TEXT])
{
    (void)wg_format(out, FINDING_TEXT, "runs %s: %lld releases are newer", facts->text,
                    (long long)facts->number[0]);
}

static void unused(const struct finding_facts *facts, char out[FINDING_TEXT])
{
    char since[WG_TIME_TEXT];
    since_words(facts, since);
    (void)wg_format(out, FINDING_TEXT,
                    facts->number[0] ? "not heard for %s" : "registered %s ago, never heard",
                    since);
}

static void crash_looping(const struct finding_facts *facts, char out[FINDING_TEXT])
{
    char since[WG_TIME_TEXT];
    since_words(facts, since);
    (void)wg_format(out, FINDING_TEXT,
                    "%lld boots in a row, none ten minutes behind the one before; the last %s ago",
                    (long long)facts->number[0], since);
}

static void wrong_clock(const struct finding_facts *facts, char out[FINDING_TEXT])
{
    int64_t minutes = facts->number[0];
    char off[WG_TIME_TEXT];
    lasting(llabs(minutes) * WG_MINUTE, off);
    (void)wg_format(out, FINDING_TEXT, "its clock is %s %s", off, minutes < 0 ? "behind" : "ahead");
}

static void certificate(const struct finding_facts *facts, char out[FINDING_TEXT])
{
    char left[WG_TIME_TEXT], heard[WG_TIME_TEXT];
    bool over = facts->since <= facts->now;
    lasting(over ? facts->now - facts->since : facts->since - facts->now, left);
    lasting(facts->now - facts->number[0], heard);
    (void)wg_format(out, FINDING_TEXT,
                    over ? "its certificate ended %s ago; heard last %s ago"
                         : "its certificate ends in %s; heard last %s ago",
                    left, heard);
}

static void alarmed(const struct finding_facts *facts, char out[FINDING_TEXT])
{
    char since[WG_TIME_TEXT];
    since_words(facts, since);
    (void)wg_format(out, FINDING_TEXT, "%s; for %s", facts->text, since);
}

static void quarantined(const struct finding_facts *facts, char out[FINDING_TEXT])
{
    char since[WG_TIME_TEXT];
    since_words(facts, since);
    (void)wg_format(out, FINDING_TEXT, "in quarantine for %s%s%s", since,
                    facts->text[0] ? ": " : "", facts->text);
}

static const struct finding findings[] = {
    {"crash-looping", "booting again and again",
     "wavegate device logs ID; wavegate device quarantine ID --reason TEXT keeps updates away",
     crash_looping},
    {"silent", "silent beyond their habit",
     "look at power and network where they stand; wavegate device show ID has their last words",
     silent},
    {"alarm", "with an open alarm",
     "wavegate device alarms ID; wavegate device clear ID --reason "
     "TEXT",
     alarmed},
    {"quarantine", "in quarantine", "wavegate device clear ID --reason TEXT lets one out",
     quarantined},
    {"wrong-clock", "with a wrong clock",
     "set their time source right: windows and certificates go by the clock", wrong_clock},
    {"certificate-ending", "with a certificate about to end",
     "agents renew by themselves while they are online: see the log of wavegate-enrol; an ended "
     "one enrols anew",
     certificate},
    {"never-updated", "never updated",
     "wavegate device explain ID says what each campaign waits for", never_updated},
    {"behind", "far behind", "a campaign that takes them: wavegate campaign plan FILE", behind},
    {"unused", "not used", "wavegate device revoke ID --reason TEXT, where they are gone for good",
     unused},
};

const struct finding *finding_of(const char *kind)
{
    for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++)
        if (strcmp(findings[i].kind, kind) == 0) return &findings[i];
    return NULL;
}
