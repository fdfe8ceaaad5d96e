"""Files that no program should read, and the parts of which workbooks are made: all as bytes."""

import io
import struct
import zipfile
import zlib

import openpyxl

ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
ONE_CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


def bomb(declared: int | None = None, whole: bytes | None = None, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook whose sheet is 10 GB of blanks, packed into 10 MB. Its list of contents may say less.

    `whole` is the workbook without its bomb, if not an .xlsx, and `part` what is the bomb in it.
    """
    blank = b" " * 2**20
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(blank) + deflate.flush(zlib.Z_FULL_FLUSH)
    data = block * 10_240 + deflate.flush(zlib.Z_FINISH)
    parts = unpacked(whole) if whole else workbook_parts("")
    name = part.encode()
    del parts[part]
    whole = packed(parts)
    place = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    sizes = struct.pack("<IIIHH", 0, len(data), min(declared or 10_240 * 2**20, 2**32 - 2), len(name), 0)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + name
    central = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
    central += struct.pack("<HHHII", 0, 0, 0, 0, place) + name
    directory = whole[place:end] + central
    count = len(parts) + 1
    tail = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), place + len(local) + len(data), 0)
    return whole[:place] + local + data + directory + b"PK\x05\x06" + tail


def wide_workbook() -> bytes:
    book = openpyxl.Workbook()
    for column in range(1, 16_385):
        book.active.cell(1, column, "x")
    return saved(book)


def overlapping() -> bytes:
    content = bytearray(workbook('<row r="1"><c r="A1"><v>1</v></c></row>'))
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    return bytes(content)


def old_office(*streams: str) -> bytes:
    """The head and the directory of an old Office file with these streams, and nothing in them."""
    entries = b""
    for name in ("Root Entry", *streams):
        coded = name.encode("utf-16-le") + b"\0\0"
        entries += coded.ljust(64, b"\0") + struct.pack("<HB", len(coded), 2) + bytes(61)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\xff") + entries.ljust(512, b"\0")


def encrypted_open_document() -> bytes:
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": b"\x01\x02\x03",
            "META-INF/manifest.xml": b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>",
        }
    )


def workbook(rows: str, **others: str) -> bytes:
    return packed(workbook_parts(rows, **others))


def workbook_parts(rows: str, **others: str) -> dict[str, bytes]:
    """The parts of an .xlsx whose only sheet holds these rows, written as XML."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    names = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "_rels/.rels": relations({"rId1": ("officeDocument", "xl/workbook.xml")}).decode(),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{names}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            {"rId1": ("worksheet", "worksheets/sheet1.xml"), "rId2": ("sharedStrings", "sharedStrings.xml")}
        ).decode(),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    return {name: content.encode() for name, content in (parts | others).items()}


def relations(targets: dict[str, tuple[str, str]]) -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rows = (f'<Relationship Id="{i}" Type="{kind}/{k}" Target="{target}"/>' for i, (k, target) in targets.items())
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{''.join(rows)}</Relationships>"
    ).encode()


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of an archive; none where it is no archive."""
    if not content.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {part.filename: archive.read(part) for part in archive.infolist()}


def saved(book: object) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
