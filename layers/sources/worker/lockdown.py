"""Lock the reading process down before it opens a file that somebody uploaded.

Three layers; the first and the last each alone already kept every file of a hostile corpus from
reading, writing or connecting (measured: docs/decisions/0002-locked-down-worker.md):

1. the environment: GDAL knows only the drivers that we need, proxies lead nowhere, no side-car
   files; set before any GDAL is imported;
2. resource limits: memory, processor time, file size, open files;
3. the kernel (Linux): Landlock leaves only the program's own code readable and the job's folder
   writable; seccomp takes sockets, exec and ptrace away.

What the kernel does not offer is reported, never silently assumed.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from layers.sources.worker.drivers import skipped_drivers

__all__ = ["harden", "harden_server", "locked_environment", "own_places"]

_DROPPED = ("AWS_", "GS_", "AZURE_", "OSS_", "SWIFT_", "PG", "STREAMLIT_", "GDAL_", "OGR_", "CPL_", "PROJ_")
_NOWHERE = "http://127.0.0.1:9"
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
# socket, connect, bind, sendto, execve, execveat, ptrace, process_vm_readv/writev, mount, unshare,
# setns, bpf, request_key, keyctl, add_key
_REFUSED_CALLS = {
    "x86_64": (41, 42, 49, 44, 59, 322, 101, 310, 311, 165, 272, 308, 321, 249, 250, 248),
    "aarch64": (198, 203, 200, 206, 221, 281, 117, 270, 271, 40, 97, 268, 280, 218, 219, 217),
}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def locked_environment(environment: Mapping[str, str], job: Path) -> dict[str, str]:
    """Return the environment of a worker: ours, less what could lead GDAL anywhere.

    Parameters
    ----------
    environment : mapping
        Usually `os.environ`; left unchanged.
    job : Path
        The only folder in which the worker may write.
    """
    kept = {name: value for name, value in environment.items() if not name.upper().startswith(_DROPPED)}
    skipped = skipped_drivers()
    proxies = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return (
        kept
        | dict.fromkeys(proxies, _NOWHERE)
        | own_places(job)
        | {
            "GDAL_SKIP": skipped,
            "OGR_SKIP": skipped,
            "GDAL_DRIVER_PATH": "disable",
            "GDAL_VRT_ENABLE_PYTHON": "NO",
            "GDAL_VRT_ENABLE_RAWRASTERBAND": "NO",
            "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
            "GDAL_PAM_ENABLED": "NO",
            "GDAL_HTTP_PROXY": _NOWHERE,
            "GDAL_HTTPS_PROXY": _NOWHERE,
            "GDAL_HTTP_TIMEOUT": "1",
            "GDAL_HTTP_CONNECTTIMEOUT": "1",
            "GDAL_HTTP_MAX_RETRY": "0",
            "GDAL_NUM_THREADS": "1",
            "GDAL_CACHEMAX": "64",
            "CPL_VSIL_CURL_ALLOWED_FILENAME": "/nothing",
            "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
            "PROJ_NETWORK": "OFF",
            "no_proxy": "",
            "NO_PROXY": "",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "ARROW_IO_THREADS": "1",
        }
    )


def own_places(job: Path) -> dict[str, str]:
    """Return the part of a worker's environment that differs from job to job."""
    return dict.fromkeys(("CPL_TMPDIR", "TMPDIR", "HOME"), str(job))


def harden_server(jobs: Path) -> None:
    """Limit a process that only forks workers: it may import, write below `jobs`, and no more.

    What the kernel does not offer is left out: each worker says it of itself. A worker's own rules
    come on top of these.
    """
    # A rule for /proc/self would name the server alone, and a worker looks at its own.
    _try(lambda: _landlock([*_readable(), Path("/proc")], [jobs]))
    _try(_seccomp)


def harden(job: Path, *, memory_mb: int, cpu_s: int, file_mb: int) -> dict[str, str]:
    """Limit this process for good; call it after the imports and before the first open.

    Parameters
    ----------
    job : Path
        The only folder that stays writable.
    memory_mb, cpu_s, file_mb : int
        Address space, processor time, largest file written.

    Returns
    -------
    dict
        What each layer answered: ``limits``, ``landlock``, ``seccomp``.
    """
    return {
        "limits": _limits(memory_mb, cpu_s, file_mb),
        "landlock": _try(lambda: _landlock(_readable(), [job])),
        "seccomp": _try(_seccomp),
    }


def _readable() -> list[Path]:
    code = Path(__file__).parents[3]
    own = [code / name for name in ("geo", "layers", "data")]
    system = ["/usr", "/lib", "/lib64", "/dev/null", "/dev/urandom", "/proc/self", "/etc/ld.so.cache"]
    return [
        *own,
        Path(sys.prefix),
        Path(sys.base_prefix),
        *map(Path, system),
        Path("/sys/devices/system/cpu"),
    ]


def _try(layer: object) -> str:
    try:
        return str(layer())  # type: ignore[operator]
    except OSError as error:
        return f"missing: {error.strerror or error}"


def _limits(memory_mb: int, cpu_s: int, file_mb: int) -> str:
    try:
        import resource
    except ImportError:
        return "missing: no resource limits on this system"
    for name, value in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_FSIZE, file_mb << 20),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(name)
        top = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (top, top))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    return f"{memory_mb} MB, {cpu_s} s"


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(number, *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _landlock(readable: Sequence[Path], writable: Sequence[Path]) -> str:
    """Landlock (Linux 5.13 and newer): everything not named is unreachable."""
    if not sys.platform.startswith("linux"):
        raise OSError(0, f"no Landlock on {sys.platform}")
    version = _call(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    rights = (1 << 13) - 1
    for since, bit in ((2, 13), (3, 14), (5, 15)):
        if version >= since:
            rights |= 1 << bit
    has_net = version >= 4
    attributes = struct.pack("QQ", rights, 3) if has_net else struct.pack("Q", rights)
    ruleset = _call(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    read = (1 << 0) | (1 << 2) | (1 << 3)
    on_files = (1 << 0) | (1 << 1) | (1 << 2) | ((1 << 14) if version >= 3 else 0)
    for paths, access in ((readable, read), (writable, rights)):
        for path in paths:
            if not path.exists():
                continue
            handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = access if path.is_dir() else access & on_files
            rule = struct.pack("=Qi", allowed, handle)
            _call(_LANDLOCK_ADD, ruleset, ctypes.c_int(1), rule, ctypes.c_uint32(0))
            os.close(handle)
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call(_LANDLOCK_RESTRICT, ruleset, ctypes.c_uint32(0))
    os.close(ruleset)
    return f"on (ABI {version})"


def _seccomp() -> str:
    """Install a BPF filter: the refused calls answer EPERM, everything else passes."""
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in _REFUSED_CALLS:
        raise OSError(0, f"no filter for {sys.platform} {machine}")
    refused = _REFUSED_CALLS[machine]
    load_arch, load_call = (0x20, 0, 0, 4), (0x20, 0, 0, 0)
    kill, deny, allow = (0x06, 0, 0, 0x80000000), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)
    program = [load_arch, (0x15, 1, 0, _AUDIT_ARCH[machine]), kill, load_call]
    if machine == "x86_64":  # the x32 table has other numbers
        program += [(0x35, 0, 1, 0x40000000), deny]
    program += [(0x15, len(refused) - place, 0, number) for place, number in enumerate(refused)]
    program += [allow, deny]
    code = b"".join(struct.pack("HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code)

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))

    whole = Filter(len(program), ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(whole), 0, 0) != 0:
        code_ = ctypes.get_errno()
        raise OSError(code_, os.strerror(code_))
    return "on"
