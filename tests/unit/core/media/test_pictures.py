"""Pictures that are made fit to leave the house."""

from array import array
import contextlib
from io import BytesIO
from itertools import chain
import math
from pathlib import Path
import random
import struct
import subprocess
import sys
import textwrap
import zlib

from PIL import Image, ImageChops, ImageOps, PngImagePlugin
import pytest

from custom_components.grok_assist.core.media import pictures
from custom_components.grok_assist.core.media.pictures import (
    JPEG,
    LONGEST_SIDE,
    MAX_BYTES,
    MAX_INPUT_BYTES,
    MAX_WEBP_PIXELS,
    MAX_WHOLE_PIXELS,
    PNG,
    FittedPicture,
    PictureError,
    PictureFault,
    fit_picture,
    size_of,
)

MAKE = 0x010F
ORIENTATION = 0x0112
RESOLUTION = 0x011A
UNIT = 0x0128
GPS = 0x8825
FLOAT = 11
UNDEFINED = 7


def _bytes(image: Image.Image, form: str, **options: object) -> bytes:
    """Write a picture."""
    sink = BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()


def _pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """Read one pixel."""
    found = image.convert("RGBA").getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def _noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Give a picture that no form can make small."""
    return Image.frombytes(mode, (width, height), random.Random(7).randbytes(width * height * len(mode)))


def _soft(width: int, height: int) -> Image.Image:
    """Give a picture of soft shapes, alpha among them."""
    dots = random.Random(5).randbytes(8 * 6 * 4)
    return Image.frombytes("RGBA", (8, 6), dots).resize((width, height), Image.Resampling.BICUBIC)


def _exif_with(tag: int, kind: int) -> bytes:
    """Write EXIF of a picture that lies on its side, and of one more tag whose type is not the one it should have."""
    entries = sorted([(ORIENTATION, 3, 1, struct.pack(">HH", 6, 0)), (tag, kind, 1, struct.pack(">f", 1.5))])
    body = b"".join(struct.pack(">HHI", *entry[:3]) + entry[3] for entry in entries)
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, len(entries)) + body + bytes(4)


def _deep(mode: str, values: list[float], form: str = "TIFF") -> bytes:
    """Write one row of values of more than eight bits, twice."""
    if mode == "F":
        image = Image.frombytes("F", (len(values), 1), array("f", values).tobytes())
    else:
        image = Image.frombytes("I", (len(values), 1), array("i", [int(value) for value in values]).tobytes())
        image = image.convert(mode)
    doubled = Image.new(mode, (len(values), 2))
    doubled.paste(image, (0, 0))
    doubled.paste(image, (0, 1))
    return _bytes(doubled, form)


def _damaged(data: bytes, dice: random.Random) -> bytes:
    """Change one to three bytes, most of them where the head and the metadata are; a PNG's checksums stay right."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        changed[dice.randrange(min(len(changed), dice.choice((200, 400, len(changed)))))] = dice.randrange(256)
    place = 8
    while data.startswith(b"\x89PNG") and place + 12 <= len(changed):
        end = place + 8 + int.from_bytes(changed[place : place + 4])
        changed[end : end + 4] = zlib.crc32(changed[place + 4 : end]).to_bytes(4)
        place = end + 4
    return bytes(changed)


def _read(fitted: FittedPicture) -> Image.Image:
    """Read what would be sent, and check what is true of all of it."""
    image = Image.open(BytesIO(fitted.data))
    image.load()
    assert image.get_format_mimetype() == fitted.mime
    assert image.size == (fitted.width, fitted.height)
    assert max(image.size) <= LONGEST_SIDE
    assert len(fitted.data) <= MAX_BYTES
    assert not dict(image.getexif())
    assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & image.info.keys()
    return image


def test_twelve_megapixels_are_scaled_and_lose_where_they_were_taken() -> None:
    """A phone's photo: 4,000 by 3,000 pixels, lying on its side, with place, comment and profile."""
    photo = Image.new("RGB", (4000, 3000), "red")
    photo.paste("blue", (0, 0, 4000, 1500))
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # turned by a quarter to the right
    exif[GPS] = {1: "N", 2: (52.0, 22.0, 1.0)}
    data = _bytes(photo, "JPEG", exif=exif, comment=b"the key lies under the mat", icc_profile=b"profile")
    assert b"under the mat" in data

    fitted = fit_picture(data)

    image = _read(fitted)
    assert image.size == (1500, 2000)
    assert fitted.mime == JPEG
    assert b"under the mat" not in fitted.data
    left, right = _pixel(image, 300, 1000), _pixel(image, 1200, 1000)
    assert left[0] > 200 > left[2], "the red half is at the left once it stands upright"
    assert right[2] > 200 > right[0]


def test_transparency_stays_where_it_fits() -> None:
    """A PNG with alpha stays one."""
    logo = Image.new("RGBA", (800, 600), (0, 0, 0, 0))
    logo.paste((0, 255, 0, 128), (100, 100, 700, 500))
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "somebody")
    fitted = fit_picture(_bytes(logo, "PNG", pnginfo=notes))
    image = _read(fitted)
    assert fitted.mime == PNG
    assert _pixel(image, 0, 0)[3] == 0
    assert _pixel(image, 400, 300) == (0, 255, 0, 128)
    assert b"somebody" not in fitted.data


def test_transparency_that_does_not_fit_becomes_white() -> None:
    """A PNG that cannot be small enough is sent as a JPEG, on white."""
    noise = _noise(1500, 1500, "RGBA")
    noise.paste((0, 0, 0, 0), (0, 0, 200, 200))
    fitted = fit_picture(_bytes(noise, "PNG"))
    image = _read(fitted)
    assert fitted.mime == JPEG
    assert min(_pixel(image, 50, 50)) > 230


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "P"), ("PNG", "1"), ("PNG", "I;16"), ("JPEG", "CMYK"), ("JPEG", "L")]
)
def test_modes_that_cannot_be_sent_are_converted(form: str, mode: str) -> None:
    """Palettes, black and white, 16 bits, print colours."""
    source = Image.new("L", (64, 48), 200)
    image = source.convert("I").convert(mode) if mode == "I;16" else source.convert(mode)
    assert _read(fit_picture(_bytes(image, form))).size == (64, 48)


@pytest.mark.parametrize("form", ["WEBP", "GIF", "BMP", "TIFF"])
def test_forms_that_the_model_does_not_take_are_converted(form: str) -> None:
    """Whatever a camera gives, JPEG or PNG is sent."""
    fitted = fit_picture(_bytes(Image.new("RGB", (320, 200), "teal"), form))
    assert _read(fitted).size == (320, 200)
    assert fitted.mime == JPEG


def test_a_palette_with_a_transparent_colour_keeps_it() -> None:
    """A GIF may have holes."""
    image = Image.new("P", (20, 20), 0)
    image.paste(1, (5, 5, 15, 15))
    fitted = fit_picture(_bytes(image, "GIF", transparency=0))
    assert fitted.mime == PNG
    assert _pixel(_read(fitted), 0, 0)[3] == 0


def test_noise_fits_too() -> None:
    """What compresses badly is sent with less quality, or smaller."""
    fitted = fit_picture(_bytes(_noise(2048, 2048), "PNG", compress_level=1))
    _read(fitted)
    assert 1000 < fitted.width == fitted.height < 2048


def test_an_alpha_channel_that_hides_nothing_is_dropped() -> None:
    """What is opaque everywhere is a JPEG."""
    assert fit_picture(_bytes(Image.new("RGBA", (30, 20), "teal"), "PNG")).mime == JPEG


def test_the_size_is_told() -> None:
    """Without decoding the picture."""
    assert size_of(_bytes(Image.new("RGB", (30, 20)), "PNG")) == (30, 20)


def test_small_pictures_are_not_made_larger() -> None:
    """One pixel stays one."""
    assert _read(fit_picture(_bytes(Image.new("RGB", (1, 1)), "PNG"))).size == (1, 1)


def test_very_long_pictures_keep_a_side() -> None:
    """A panorama of one pixel's height."""
    assert _read(fit_picture(_bytes(Image.new("RGB", (9000, 1)), "PNG"))).size == (LONGEST_SIDE, 1)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", PictureFault.EMPTY),
        (b"<html>401 Unauthorized</html>", PictureFault.BROKEN),
        (b"\xff\xd8\xff", PictureFault.BROKEN),
        (b"\x89PNG\r\n\x1a\n", PictureFault.BROKEN),
        (b"%PDF-1.7 " + bytes(200), PictureFault.BROKEN),
        (bytes(MAX_INPUT_BYTES + 1), PictureFault.TOO_LARGE),
    ],
    ids=["nothing", "a page", "a beginning", "a header", "a document", "too much"],
)
def test_what_is_no_picture_is_named(data: bytes, fault: PictureFault) -> None:
    """Nothing, an error page, a beginning, another file, too much."""
    with pytest.raises(PictureError) as caught:
        fit_picture(data)
    assert caught.value.fault is fault


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_picture_is_broken(form: str, share: float) -> None:
    """Half a picture is none."""
    data = _bytes(_noise(400, 300), form)
    with pytest.raises(PictureError) as caught:
        fit_picture(data[: int(len(data) * share)])
    assert caught.value.fault is PictureFault.BROKEN


@pytest.mark.parametrize("side", [math.isqrt(MAX_WHOLE_PIXELS) + 1, 14_000])
def test_a_bomb_is_not_decoded(side: int) -> None:
    """A few bytes can ask for gigabytes of memory."""
    data = _bytes(Image.new("1", (side, side)), "PNG")
    assert len(data) < MAX_INPUT_BYTES
    with pytest.raises(PictureError) as caught:
        fit_picture(data)
    assert caught.value.fault is PictureFault.TOO_LARGE


def test_large_jpegs_are_read_as_they_are_shrunk_while_decoded() -> None:
    """A phone's 48 megapixels."""
    _read(fit_picture(_bytes(Image.new("L", (8000, 6000), 90), "JPEG")))


@pytest.mark.parametrize(
    ("form", "pixels", "options"),
    [("JPEG", MAX_WHOLE_PIXELS, {"progressive": True}), ("WEBP", MAX_WEBP_PIXELS, {"method": 0})],
    ids=["progressive", "webp"],
)
def test_forms_that_take_more_memory_have_less_room(form: str, pixels: int, options: dict[str, object]) -> None:
    """A progressive JPEG is held whole, a WebP four times."""
    data = _bytes(Image.new("L", (pixels // 3000 + 1, 3000)), form, **options)
    with pytest.raises(PictureError) as caught:
        fit_picture(data)
    assert caught.value.fault is PictureFault.TOO_LARGE


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_large_palette_with_transparency_takes_little_memory(tmp_path: Path) -> None:
    """29 megapixels in a few kilobytes: they are converted piece by piece, never all at once."""
    (tmp_path / "picture.png").write_bytes(
        _bytes(Image.new("P", (5400, 5400)), "PNG", transparency=bytes(range(256)), compress_level=1)
    )
    program = """
        import importlib.util, pathlib, re, sys
        spec = importlib.util.spec_from_file_location("pictures", sys.argv[1])
        sys.modules["pictures"] = pictures = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(pictures)
        data = pathlib.Path(sys.argv[2]).read_bytes()
        held = lambda name: int(re.search(name + r":\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
        before = held("VmRSS")
        pictures.fit_picture(data)
        print((held("VmHWM") - before) // 1024)
    """
    paths = (str(pictures.__file__), str(tmp_path / "picture.png"))
    command = [sys.executable, "-c", textwrap.dedent(program), *paths]
    megabytes = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert megabytes < 150


@pytest.mark.parametrize(("tag", "kind"), [(MAKE, FLOAT), (UNIT, FLOAT), (RESOLUTION, UNDEFINED)])
def test_a_tag_of_another_type_does_not_matter(tag: int, kind: int) -> None:
    """Of all EXIF only the orientation is read: what else is wrong in it stays unseen."""
    fitted = fit_picture(_bytes(Image.new("RGB", (64, 48), "teal"), "JPEG", exif=_exif_with(tag, kind)))
    assert _read(fitted).size == (48, 64)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0MM\0*",
        b"Exif\0\0XY\0*" + bytes(9),
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        _exif_with(MAKE, 0)[:30],
    ],
    ids=["empty", "a head", "another head", "nowhere", "cut"],
)
def test_a_picture_with_broken_exif_stays_as_it_lies(form: str, exif: bytes) -> None:
    """The pixels are whole."""
    assert _read(fit_picture(_bytes(Image.new("RGB", (64, 48), "teal"), form, exif=exif))).size == (64, 48)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(10))
def test_pictures_are_set_upright(form: str, orientation: int) -> None:
    """Eight ways a camera may be held, and two that do not exist."""
    image = Image.frombytes(
        "RGBA", (3, 2), bytes(chain(*((90 * x, 90 * y, 5, 200) for y in range(2) for x in range(3))))
    )
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = _bytes(image, form, exif=exif)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    assert _read(fit_picture(data)).tobytes() == upright.tobytes()


def test_pieces_fit_together() -> None:
    """A picture that is scaled piece by piece looks as one that is scaled in one go."""
    source = _soft(2900, 450)
    image = _read(fit_picture(_bytes(source, "PNG")))
    assert (image.mode, image.size) == ("RGBA", (2048, 318))
    at_once = source.resize(image.size, Image.Resampling.HAMMING)
    for difference in ImageChops.difference(image, at_once).convert("RGBa").getextrema():
        assert isinstance(difference, tuple)
        assert difference[1] <= 2


@pytest.mark.parametrize(
    ("mode", "form"), [("I;16", "PNG"), ("I;16", "TIFF"), ("I;16B", "TIFF"), ("I", "TIFF"), ("F", "TIFF")]
)
@pytest.mark.parametrize("width", [64, 3000])
def test_more_than_eight_bits_are_scaled(mode: str, form: str, width: int) -> None:
    """A heat camera's values from 2,000 to 5,780 are neither all white nor all black."""
    image = _read(fit_picture(_deep(mode, [2000 + 3780 * x / (width - 1) for x in range(width)], form)))
    left, middle, right = (_pixel(image, x, 0)[0] for x in (0, image.width // 2, image.width - 1))
    assert left < 10
    assert 110 < middle < 145
    assert right > 245


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I", "F"])
@pytest.mark.parametrize("value", [0, 300, 65_535])
def test_more_than_eight_bits_of_one_value_are_grey(mode: str, value: int) -> None:
    """There is nothing to see, and nothing to divide by."""
    assert _pixel(_read(fit_picture(_deep(mode, [value] * 20))), 10, 0) == (128, 128, 128, 255)


@pytest.mark.parametrize("width", [64, 3000])
@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers_do_not_hide_the_others(odd: float, width: int) -> None:
    """A map of heights has holes."""
    values = [odd] * 8 + [2000 + 3780 * x / (width - 1) for x in range(width)] + [odd]
    image = _read(fit_picture(_deep("F", values)))
    assert _pixel(image, 24, 0)[0] < 110
    assert _pixel(image, image.width - 12, 0)[0] > 190


def test_no_numbers_at_all_are_a_picture_too() -> None:
    """A map of holes alone."""
    assert _read(fit_picture(_deep("F", [math.nan] * 20))).size == (20, 2)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF", "MPO"])
def test_only_the_first_frame_leaves(form: str) -> None:
    """An animation, or a document of several pages, is its first picture."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("blue", "lime")]
    data = _bytes(Image.new("RGB", (40, 30), "red"), form, save_all=True, append_images=frames)
    source = Image.open(BytesIO(data))
    assert getattr(source, "n_frames", 1) == 3
    image = _read(fit_picture(data))
    assert getattr(image, "n_frames", 1) == 1
    bands = [band.tobytes() for band in image.convert("RGB").split()]
    assert min(bands[0]) > 240, "red everywhere"
    assert max(bands[1] + bands[2]) < 15, "no green and no blue anywhere"


@pytest.mark.parametrize(
    "error",
    [
        *(OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, AttributeError, OverflowError),
        *(ZeroDivisionError, AssertionError, RuntimeError, MemoryError, struct.error, zlib.error),
    ],
)
def test_whatever_a_decoder_raises_means_a_broken_picture(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoders meet bytes that nobody thought of."""

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Image, "open", fails)
    for use in (fit_picture, size_of):
        with pytest.raises(PictureError) as caught:
            use(b"x")
        assert caught.value.fault is PictureFault.BROKEN


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_damaged_pictures_are_read_or_named(form: str) -> None:
    """Whatever the damage: a picture, or an error of ours."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE], exif[RESOLUTION], exif[UNIT] = 6, "maker", 72.0, 2
    exif.get_ifd(GPS)[2] = (52.0, 22.0, 1.0)
    options = {} if form in {"GIF", "BMP"} else {"exif": exif}
    data = _bytes(_soft(24, 18).convert("RGB"), form, **options)
    dice = random.Random(27)
    for _ in range(100):
        with contextlib.suppress(PictureError):
            _read(fit_picture(_damaged(data, dice)))
