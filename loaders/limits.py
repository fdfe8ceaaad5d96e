"""What one file may cost: the bounds that every reader of a spreadsheet keeps."""

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds for one file. A list of all 90,675 polling stations with 40 columns stays inside them."""

    bytes: int = 50 * MB  # the file as it was sent
    unpacked: int = 500 * MB  # the sum of the parts inside it, unpacked
    entries: int = 2_000  # parts inside it
    cells: int = 4_000_000  # rows with a value x columns with a value, all sheets together
    rows: int = 250_000  # the last row that may hold a value
    columns: int = 500  # the last column that may hold a value
    seconds: float = 10  # of a processor, for the child process that reads
    patience: float = 60  # seconds by the clock on the wall: it lets everybody else go first
    memory: int = 1024 * MB  # address space of that child process
    result: int = 256 * MB  # the cells that it may hand back


LIMITS = Limits()
