"""The orchestrator's database as a test sees it: rows, and waiting for them to become right."""

import time

import psycopg2

from tests.lab import programs
from tests.lab.process import LabError

FINISHED = ("succeeded", "failed", "rolled-back", "silent", "withdrawn", "superseded")


class Database:
    """Connects when needed and again after PostgreSQL was killed."""

    def __init__(self, dsn):
        self.dsn = dsn
        self._connection = None

    def rows(self, sql, *arguments):
        """One statement, which is a transaction: the orchestrator is at work too, and when the two lock each
        other out and this one loses, it is tried again."""
        for _ in range(20):
            try:
                return self._rows(sql, *arguments)
            except psycopg2.errors.DeadlockDetected as error:
                lost = error
        raise lost

    def _rows(self, sql, *arguments):
        if self._connection is None:
            self._connection = psycopg2.connect(self.dsn)
            self._connection.autocommit = True
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql, arguments or None)
                return cursor.fetchall() if cursor.description else []
        except psycopg2.Error as error:
            # A server that died shows as any of psycopg2's classes, but never with an SQL state.
            if error.pgcode is not None:
                raise
            self.close()
            raise psycopg2.OperationalError(str(error)) from error

    def value(self, sql, *arguments):
        """The first column of the first row; None when there is no row."""
        rows = self.rows(sql, *arguments)
        return rows[0][0] if rows else None

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def wait_for(self, what, condition, timeout, logs=lambda: ""):
        """Polls condition() until it is true; its value. A LabError says what was not reached.

        A database that is away, or has no tables yet, counts as not true.
        """
        timeout *= 2 * programs.SLOWER  # seconds on a machine that has nothing else to do; tests run six at a time
        began = time.monotonic()
        deadline = began + timeout
        problem = None
        while True:
            try:
                value = condition()
                if value:
                    return value
                problem = None
            except (psycopg2.OperationalError, psycopg2.InterfaceError,
                    psycopg2.errors.UndefinedTable) as error:
                problem = error
            now = time.monotonic()
            if now >= deadline:
                break
            time.sleep(min(0.02 + (now - began) / 20, 0.1))  # who waits long costs the others little
        raise LabError(f"waited {timeout:g} s in vain: {what}"
                       f"{f' (database: {problem})' if problem else ''}\n{logs()}")

    # What the tests ask for most.

    def campaign_state(self, name):
        return self.value("select state from campaign where name = %s", name)

    def wave_states(self, name):
        return dict(self.rows("select w.name, w.state from wave w join campaign c "
                              "on c.id = w.campaign_id where c.name = %s order by number", name))

    def places(self, name):
        """Device id to (state, cause)."""
        return {device: (state, cause) for device, state, cause in self.rows(
            "select device_id, p.state, p.cause from place p join campaign c "
            "on c.id = p.campaign_id where c.name = %s", name)}

    def state_of(self, name, device):
        return self.places(name).get(device, (None, None))[0]

    def order_of(self, name, device):
        """Id of the last order of a device in a campaign, as text."""
        return self.value("select p.order_id::text from place p join campaign c "
                          "on c.id = p.campaign_id where c.name = %s and device_id = %s",
                          name, device)

    def online(self):
        return {device for (device,) in self.rows("select id from device where online")}

    def versions(self):
        """Device id to the version it said it runs."""
        return dict(self.rows("select device_id, version from device_software"))

    def inconsistencies(self):
        """Every way in which the tables contradict each other: an empty list when all is well."""
        found = []
        for campaign, wave, state, cause, counted, kept in self.rows(_RECOUNT):
            found.append(f"campaign {campaign} wave {wave} {state}/{cause}: "
                         f"{counted} places, counter says {kept}")
        for device, journal, most, rows in self.rows(_GAPS):
            found.append(f"{device} journal {journal}: {rows} reports up to number {most}")
        for device, order, count in self.rows(_DOUBLED):
            found.append(f"{device} order {order}: {count} reports end it")
        for device, acknowledged, most in self.rows(_ACKNOWLEDGED):
            found.append(f"{device}: report_seq is {acknowledged}, the reports go to {most}")
        return found


_RECOUNT = """
select campaign_id, wave, state, cause, coalesce(counted, 0), coalesce(kept, 0)
from (select campaign_id, wave, state, cause, count(*) as counted
      from place where campaign_id in (select id from campaign) -- the others are being removed
      group by 1, 2, 3, 4) as p
full join (select campaign_id, wave, state, cause, devices as kept from wave_count
           where devices <> 0) as c using (campaign_id, wave, state, cause)
where counted is distinct from kept"""

_GAPS = """
select device_id, journal, max(seq), count(*) from report
group by device_id, journal having max(seq) <> count(*)"""

_DOUBLED = """
select device_id, order_id, count(*) from report
where remark = '' and state in ('succeeded', 'failed', 'rolled-back', 'withdrawn')
group by device_id, order_id having count(*) > 1"""

_ACKNOWLEDGED = """
select d.id, d.report_seq, max(r.seq) from device d
join report r on r.device_id = d.id and r.journal = d.journal
group by d.id, d.report_seq having max(r.seq) <> d.report_seq"""
