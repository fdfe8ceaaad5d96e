"""What a file really is, by its content, and what is checked before anything of it is unpacked."""

import io
import re
import struct
import zipfile
import zlib

from loaders.limits import MB, Limits
from loaders.problems import LoadError

SEND_WORKBOOK = "Send the workbook itself (.xlsx, .xls, .xlsb, .ods) or a .csv file."
DAMAGED = LoadError(
    "truncated",
    "This file is cut off or damaged, as after a broken transfer. Open it where it was made, save it again and send "
    "that copy.",
)
ENCRYPTED = LoadError(
    "encrypted",
    "This file is protected by a password: remove it (File > Info > Protect Workbook > Encrypt with Password) and "
    "send the file again.",
)
ENTRY = b"PK\x01\x02"  # stands before each part in an archive's list of contents

# How files begin that are often sent by mistake, and what they are in words.
BEGINNINGS = {
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"BM": "a picture (BMP)",
    b"II*\0": "a picture (TIFF)",
    b"MM\0*": "a picture (TIFF)",
    b"RIFF": "a picture, a sound or a film",
    b"%PDF": "a PDF document",
    b"{\\rtf": "a text document (RTF)",
    b"Rar!": "a compressed archive (RAR)",
    b"7z\xbc\xaf": "a compressed archive (7z)",
    b"\x1f\x8b": "a compressed archive (gz)",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"PAR1": "a data file (Parquet)",
    b"SQLite format 3": "a database",
}
WORDS = (b"%PDF", b"{\\rtf", b"\x1f\x8b")  # no table starts so; the other letters above could begin a header
WEB_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|table|meta|style|div)\b", re.I | re.S)
XML = re.compile(rb"\s*<(?:\?xml|!doctype|workbook)\b", re.I)

# A part by which an archive shows what it is.
ARCHIVES = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "visio/document.xml": "a Visio drawing",
    "Index/Document.iwa": "a document of Apple's Numbers, Pages or Keynote",
    "META-INF/MANIFEST.MF": "a program",
    "META-INF/container.xml": "an electronic book",
}
# A stream by which an old Office file shows what it is.
STREAMS = {
    "EncryptedPackage": "encrypted",
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
    "__nameid_version1.0": "an Outlook message",
    "VisioDocument": "a Visio drawing",
}


def recognise(name: str, content: bytes, limits: Limits) -> str:
    """What the content is: "xlsx", "xlsb", "ods", "xls" or "csv"; the file's name is not believed.

    Raises LoadError for everything else, and for an archive that is unsafe to unpack.
    """
    if not content.strip(b"\0 \r\n\t"):
        raise LoadError("empty", "This file is empty. Check that it was saved before it was sent.")
    if len(content) > limits.bytes:
        raise LoadError(
            "too_large",
            f"This file is larger than the {limits.bytes / MB:,.0f} MB that can be read. "
            "Remove pictures and sheets that are not asked for, or send it in parts.",
        )
    if content.startswith(b"PK"):
        return _archive_kind(content, limits)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _old_office_kind(content)
    _refuse_other_files(name, content)
    return "csv"


def _refuse_other_files(name: str, content: bytes) -> None:
    for beginning, what in BEGINNINGS.items():
        if content.startswith(beginning) and (beginning in WORDS or b"\0" in content[:4096] or not beginning.isascii()):
            raise not_a_spreadsheet(what)
    start = content[:4096].removeprefix(b"\xef\xbb\xbf")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.decode("utf-16", "replace").encode()
    if WEB_PAGE.match(start):
        called = f' although its name is "{name}"' if name.lower().endswith((".xls", ".xlsx", ".csv")) else ""
        raise LoadError(
            "not_a_spreadsheet",
            f'This file is a web page (HTML){called}. Open it in Excel, choose "Save As" and the type "Excel Workbook '
            '(.xlsx)", and send that.',
        )
    if XML.match(start):
        raise LoadError(
            "not_a_spreadsheet",
            'This file is an XML file. Open it in Excel, choose "Save As" and the type "Excel Workbook (.xlsx)", and '
            "send that.",
        )
    if start.lstrip()[:13].lower() == b"mime-version:":
        raise not_a_spreadsheet("a saved web page or an e-mail")


def not_a_spreadsheet(what: str) -> LoadError:
    return LoadError("not_a_spreadsheet", f"This file is {what}, not a spreadsheet. {SEND_WORKBOOK}")


def _old_office_kind(content: bytes) -> str:
    streams = _streams(content)
    if streams & {"Workbook", "Book"}:
        return "xls"
    for stream, what in STREAMS.items():
        if stream in streams:
            raise ENCRYPTED if what == "encrypted" else not_a_spreadsheet(what)
    raise DAMAGED


def _streams(content: bytes) -> set[str]:
    """The names in the directory of an old Office file: entries of 128 bytes, a name of up to 64 bytes first."""
    names = set()
    for name in ("Workbook", "Book", *STREAMS):
        entry = name.encode("utf-16-le") + b"\0\0"
        place = content.find(entry)
        while place >= 0:
            length = content[place + 64 : place + 66]
            if place % 128 == 0 and length == struct.pack("<H", len(entry)):
                names.add(name)
                break
            place = content.find(entry, place + 1)
    return names


def _archive_kind(content: bytes, limits: Limits) -> str:
    if content.count(ENTRY) > limits.entries:
        raise LoadError("too_large", f"This file is an archive of more than {limits.entries:,} parts. {SEND_WORKBOOK}")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, EOFError):
        raise DAMAGED from None
    with archive:
        parts = archive.infolist()
        check_parts(parts, content, limits)
        return _workbook_kind(archive, {part.filename for part in parts})


def check_parts(parts: list[zipfile.ZipInfo], content: bytes, limits: Limits) -> None:
    """Refuse an archive whose list of contents promises harm. That it keeps its promises is checked on unpacking:
    no part yields more than the length that is declared here."""
    if any(part.flag_bits & 1 for part in parts):
        raise ENCRYPTED
    names = [part.filename for part in parts]
    if any(_leaves_its_folder(name) for name in names):
        raise unsafe("its parts would be written outside their folder")
    if len({name.casefold() for name in names}) < len(names):
        raise unsafe("two of its parts have the same name")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise unsafe("its parts are packed in a way that spreadsheet programs don't use")
    if _overlap(parts, content):
        raise unsafe("its parts lie over one another")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked:
        raise LoadError(
            "too_large",
            f"This file would grow to {unpacked / MB:,.0f} MB when opened, more than the "
            f"{limits.unpacked / MB:,.0f} MB that can be read. Send only the sheets and columns that are asked for.",
        )
    if any(part.file_size > 50 * MB and part.file_size > 400 * part.compress_size for part in parts):
        raise unsafe("its parts are packed far tighter than any table")


def unsafe(why: str) -> LoadError:
    return LoadError(
        "unsafe",
        f"This file was not opened, because {why}. Open it in Excel, save it as a new .xlsx file and send that.",
    )


def _leaves_its_folder(name: str) -> bool:
    steps = re.split(r"[/\\]", name)
    return ".." in steps or steps[0] == "" or ":" in steps[0]


def _overlap(parts: list[zipfile.ZipInfo], content: bytes) -> bool:
    """Whether two parts share bytes: each needs its head of 30 bytes, its name and its data to itself."""
    end = 0
    for part in sorted(parts, key=lambda part: part.header_offset):
        if part.header_offset < end:
            return True
        end = part.header_offset + 30 + len(part.orig_filename) + part.compress_size
    return end > len(content)


def _workbook_kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "xl/workbook.xml" in names or any(re.match(r"xl/workbook\w*\.xml$", name) for name in names):
        return "xlsx"
    if "mimetype" in names:
        return _open_document_kind(archive, names)
    for part, what in ARCHIVES.items():
        if part in names:
            raise not_a_spreadsheet(what)
    inside = [name for name in names if name.lower().endswith((".xlsx", ".xls", ".xlsb", ".ods", ".csv"))]
    if inside:
        raise LoadError(
            "not_a_spreadsheet",
            "This file is a compressed folder (ZIP). Unpack it and send the spreadsheets inside, each by itself.",
        )
    raise not_a_spreadsheet("a compressed folder (ZIP)")


def _open_document_kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    kind = _beginning(archive, "mimetype", 100)
    if not kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        what = "a document, a presentation or a drawing of LibreOffice" if b"oasis" in kind else "an electronic book"
        raise not_a_spreadsheet(what)
    manifest = _beginning(archive, "META-INF/manifest.xml", MB) if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in manifest or "encrypted-package" in names:
        raise LoadError(
            "encrypted",
            'This file is protected by a password: remove it (File > Save As, without "Save with password") and send '
            "the file again.",
        )
    if "content.xml" not in names:
        raise DAMAGED
    return "ods"


def _beginning(archive: zipfile.ZipFile, name: str, length: int) -> bytes:
    try:
        with archive.open(name) as part:
            return part.read(length)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError, struct.error):
        raise DAMAGED from None
