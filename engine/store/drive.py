"""Where a database stands: write-ahead logging needs memory that all its users share, so never a network drive."""

from __future__ import annotations

from pathlib import Path

NETWORK = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "davfs"))
_MOUNTS = Path("/proc/self/mounts")  # Linux; elsewhere nothing is known


def network_drive(path: Path) -> str:
    """The kind of network drive that `path` stands on, for a warning; "" if none or unknown."""
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    kind = kind_of_drive(mounts, path.absolute())
    return kind if kind in NETWORK or kind.startswith("fuse.") else ""


def kind_of_drive(mounts: str, path: Path) -> str:
    """The file system of the longest mount point above `path`, from a table as in fstab(5); the later line wins."""
    found, kind = Path("/"), ""
    for line in mounts.splitlines():
        columns = line.split(" ")
        if len(columns) > 2:
            point = Path(columns[1].replace("\\040", " "))
            if path.is_relative_to(point) and len(point.parts) >= len(found.parts):
                found, kind = point, columns[2]
    return kind
