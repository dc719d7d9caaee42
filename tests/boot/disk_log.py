"""What a disk keeps of a power cut: all that was written before its last flush, and of the rest what chance has kept.

qemu notes every write and flush in a log (driver blklogwrites; the form is that of Linux' dm-log-writes).
"""

import struct

from tests.lab.process import LabError

SECTOR = 512
MAGIC = 0x6A736677736872
FLUSH, DISCARD = 1, 4


def entries(log):
    """(is_flush, offset on the disk, data) of each, in order. The last may be cut in the middle: it is left out."""
    with open(log, "rb") as file:
        # of the whole; written with the first flush
        magic, _, _, size = struct.unpack_from("<QQQI", file.read(SECTOR).ljust(SECTOR, b"\0"))
        if (magic, size) not in ((0, 0), (MAGIC, SECTOR)):
            raise LabError(f"{log}: not a log of writes with sectors of {SECTOR} bytes")
        while True:
            head = file.read(SECTOR)
            if len(head) < SECTOR:
                return
            sector, count, flags, _ = struct.unpack_from("<QQQQ", head)
            if count == 0 and flags == 0:
                return
            data = b"" if flags & DISCARD else file.read(count * SECTOR)
            if len(data) < count * SECTOR and not flags & DISCARD:
                return
            yield bool(flags & FLUSH), sector * SECTOR, data


def survivors(log, chance):
    """What is written of the log to the disk; and how many writes were lost, and how many torn."""
    kept, loose, lost, torn = [], [], 0, 0
    for is_flush, offset, data in entries(log):
        if data:
            loose.append((offset, data))
        if is_flush:
            kept += loose
            loose = []
    for offset, data in loose:
        fate = chance.random()
        if fate < 0.5:
            kept.append((offset, data))
        elif fate < 0.6 and len(data) > SECTOR:
            torn += 1
            kept.append((offset, data[:chance.randrange(1, len(data) // SECTOR) * SECTOR]))
        else:
            lost += 1
    return kept, lost, torn


def everything(log):
    return [(offset, data) for _, offset, data in entries(log) if data]


def write(disk, kept):
    with open(disk, "r+b") as file:
        for offset, data in kept:
            file.seek(offset)
            file.write(data)
