"""Pictures that are made fit to leave the house."""

from io import BytesIO
import random

from PIL import Image, PngImagePlugin
import pytest

from custom_components.grok_assist.core.pictures import (
    JPEG,
    LONGEST_SIDE,
    MAX_BYTES,
    MAX_INPUT_BYTES,
    PNG,
    FittedPicture,
    PictureError,
    PictureFault,
    fit_picture,
)

ORIENTATION = 0x0112
GPS = 0x8825


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
    fitted = fit_picture(_bytes(_noise(3000, 2500), "PNG"))
    _read(fitted)
    assert fitted.width > 1000


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


@pytest.mark.parametrize("side", [9_001, 14_000])
def test_a_bomb_is_not_decoded(side: int) -> None:
    """A few bytes can ask for gigabytes of memory."""
    data = _bytes(Image.new("1", (side, side)), "PNG")
    assert len(data) < MAX_INPUT_BYTES
    with pytest.raises(PictureError) as caught:
        fit_picture(data)
    assert caught.value.fault is PictureFault.TOO_LARGE
