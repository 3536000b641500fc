"""Seeded pictures of printed certificates as a cheap phone takes them, made from the real PDFs.

The printed QR is 40 mm wide (the smallest that the format allows) and the paper is looked at by a camera of 1920 pixels
across a field of 65 degrees: the 2 megapixels that a browser or a camera's preview gives a scanner, through the lens of
nearly every phone. It is 15 to 25 cm away, as people hold a phone over a sheet of A4, so that the QR is 400 to 240
pixels wide. A picture is a square of 720 pixels out of the frame; what is outside it has no code. It is grey, since
readers look at luminance only.

The ordinary shot is slightly out of focus, tilted and noisy. Each scenario makes one thing bad:

- blur: focus missed by 5 to 20 cm; with f = 3.5 mm at f/2.4 that is a standard deviation of 0.8 to 1.8 pixels
- shake: the hand turns by 1 to 3 degrees in a second, at 1/20 s: 1.5 to 4.5 pixels along a line
- rotation: the sheet lies any way round
- perspective: seen at 20 to 40 degrees off the upright
- JPEG: quality 12 to 35, below what messengers leave
- low light: 6 to 20 % of full scale, and the noise of a small sensor at high gain, 4 to 8 levels of 255
- stain: one to three spots of 4 to 9 mm and a ring, on the code, through which 25 to 60 % of the light comes back
- fold: the sheet was folded through the code, once or twice; toner is off along a crease of 0.3 to 0.8 mm, the part
  beyond lies 10 to 25 degrees steeper, and is lit differently
- several: three of these at once, each at 0.7 of its strength

No person's real paper was photographed: this is a simulation, and says nothing of glare, moiré or lamination.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pymupdf
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

QR_MM = 40.0
ACROSS, FIELD_DEGREES = 1920, 65
FOCAL = ACROSS / 2 / math.tan(math.radians(FIELD_DEGREES / 2))
"""In pixels."""
SIDE = 720
SUPER = 2
"""Pictures are made this much larger and then averaged, as a sensor's pixels average light."""
DPI = 400
SHEET_MM = 150
DESK = 90
FULL = 235
"""White paper in good light, of 255."""
_open: Any = pymupdf.open


@dataclass(frozen=True, slots=True)
class Printed:
    """A square of a printed certificate around its QR: grey, ``per_mm`` pixels a millimetre, the QR in the middle."""

    text: str
    sheet: Image.Image
    per_mm: float


@dataclass(frozen=True, slots=True)
class Shot:
    """How one picture is taken. Lengths in millimetres on paper, blur and shake in pixels, angles in degrees."""

    distance: float
    roll: float
    tilt: float
    towards: float
    blur: float = 0.5
    shake: float = 0
    light: float = 1
    noise: float = 2.5
    quality: int = 85
    stains: tuple[tuple[float, float, float, float], ...] = ()
    """(x, y, diameter, share of light that comes back), from the middle of the QR."""
    folds: tuple[tuple[float, float, float, bool], ...] = ()
    """(place, width, degrees, whether it is upright)."""
    seed: int = field(default=0, repr=False)


def printed(pdf: Path, text: str) -> Printed:
    """The certificate's sheet, as large as makes its QR 40 mm wide."""
    with _open(pdf) as document:
        page = document[0]
        middle, side = _qr_of(page, text)
        half = SHEET_MM / QR_MM * side / 2
        clip = pymupdf.Rect(middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)  # type: ignore[no-untyped-call]
        pixels = page.get_pixmap(dpi=DPI, clip=clip, colorspace=pymupdf.csGRAY)
        shown = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
        scale = DPI / 72
        sheet = Image.new("L", (round(2 * half * scale),) * 2, DESK)
        corner = (max(0, half - middle[0]) * scale, max(0, half - middle[1]) * scale)
        sheet.paste(shown, (round(corner[0]), round(corner[1])))
    return Printed(text, sheet, sheet.width / SHEET_MM)


def _qr_of(page: Any, text: str) -> tuple[tuple[float, float], float]:
    """Where the QR is on the page: its middle and side, in points."""
    dpi = 200
    pixels = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
    picture = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    (code,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    assert code.text == text
    corners = (code.position.top_left, code.position.bottom_right)
    (left, top), (right, bottom) = ((corner.x * 72 / dpi, corner.y * 72 / dpi) for corner in corners)
    return ((left + right) / 2, (top + bottom) / 2), right - left


# -- scenarios ---------------------------------------------------------------------------------------------------

Worsen = Callable[[Shot, Random, float], Shot]
"""A shot made worse; 1 is the strength that the scenario names, 0 would leave it as it is."""


def ordinary(random: Random) -> Shot:
    """The phone is held over the sheet, as well as people do."""
    return Shot(
        distance=random.uniform(150, 250),
        roll=random.uniform(-8, 8),
        tilt=random.uniform(0, 10),
        towards=random.uniform(0, 360),
        seed=random.getrandbits(32),
    )


def blurred(shot: Shot, random: Random, strength: float) -> Shot:
    return replace(shot, blur=max(shot.blur, strength * random.uniform(0.8, 1.8)))


def shaken(shot: Shot, random: Random, strength: float) -> Shot:
    return replace(shot, shake=strength * random.uniform(1.5, 4.5))


def rotated(shot: Shot, random: Random, strength: float) -> Shot:
    return replace(shot, roll=min(strength, 1) * random.uniform(0, 360))


def tilted(shot: Shot, random: Random, strength: float) -> Shot:
    return replace(shot, tilt=min(strength * random.uniform(20, 40), 80))


def squeezed(shot: Shot, random: Random, strength: float) -> Shot:
    return replace(shot, quality=max(1, round(random.uniform(12, 35) / strength)))


def darkened(shot: Shot, random: Random, strength: float) -> Shot:
    return replace(shot, light=random.uniform(0.06, 0.2) / strength, noise=strength * random.uniform(4, 8))


def stained(shot: Shot, random: Random, strength: float) -> Shot:
    half = QR_MM / 2
    spots = tuple(
        (
            random.uniform(-half, half),
            random.uniform(-half, half),
            strength * random.uniform(4, 9),
            random.uniform(0.25, 0.6) / max(strength, 1),
        )
        for _ in range(random.randint(1, 3))
    )
    return replace(shot, stains=spots)


def folded(shot: Shot, random: Random, strength: float) -> Shot:
    folds = tuple(
        (
            random.uniform(-0.4, 0.4) * QR_MM,
            strength * random.uniform(0.3, 0.8),
            min(strength * random.uniform(10, 25), 80),
            upright,
        )
        for upright in random.choice(((True,), (False,), (True, False)))
    )
    return replace(shot, folds=folds)


def several(shot: Shot, random: Random, strength: float) -> Shot:
    for worsen in random.sample(_ONE_AT_A_TIME, 3):
        shot = worsen(shot, random, 0.7 * strength)
    return shot


_ONE_AT_A_TIME: tuple[Worsen, ...] = (
    *(blurred, shaken, rotated, tilted, squeezed, darkened, stained, folded),
)
SCENARIOS: dict[str, Worsen] = {
    "ordinary": lambda shot, _random, _strength: shot,
    "blur": blurred,
    "shake": shaken,
    "rotation": rotated,
    "perspective": tilted,
    "JPEG": squeezed,
    "low light": darkened,
    "stain": stained,
    "fold": folded,
    "several": several,
}


def shot_of(scenario: str, seed: int, strength: float = 1) -> Shot:
    """The shot that this seed gives."""
    random = Random(f"{scenario} {seed}")
    return SCENARIOS[scenario](ordinary(random), random, strength)


# -- the camera --------------------------------------------------------------------------------------------------


def photograph(paper: Printed, shot: Shot) -> Image.Image:
    """The picture: the paper's wear, then the lens, the light, the sensor and the file."""
    random = Random(shot.seed)
    sheet = paper.sheet.point(lambda level: level * FULL / 255)
    for fold in shot.folds:
        sheet = _fold(sheet, paper.per_mm, fold, random)
    for stain in shot.stains:
        sheet = _stain(sheet, paper.per_mm, stain)
    picture = _project(sheet, paper.per_mm, shot)
    if shot.shake:
        picture = _shake(picture, shot.shake, random.uniform(0, math.pi))
    picture = picture.filter(ImageFilter.GaussianBlur(shot.blur))
    picture = _lit(picture, shot.light, random)
    picture = ImageChops.add(picture, _noise(picture.size, shot.noise, random), offset=-128)
    saved = io.BytesIO()
    picture.save(saved, "jpeg", quality=shot.quality)
    return Image.open(saved)


def _project(sheet: Image.Image, per_mm: float, shot: Shot) -> Image.Image:
    """The plane of paper as a pinhole camera sees it, the QR's middle in the middle."""
    focal, half = FOCAL * SUPER, SIDE * SUPER / 2
    roll, tilt, towards = (math.radians(angle) for angle in (shot.roll, shot.tilt, shot.towards))
    # The sheet turns in its plane, then leans back along the direction `towards`.
    turn = _times(_about_z(towards), _times(_about_x(tilt), _about_z(roll - towards)))
    away = (0.0, 0.0, shot.distance)
    columns = [[turn[row][0], turn[row][1], away[row]] for row in range(3)]
    to_pixels: list[list[float]] = [[focal, 0, half], [0, focal, half], [0, 0, 1]]
    to_sheet: list[list[float]] = [[per_mm, 0, sheet.width / 2], [0, per_mm, sheet.height / 2], [0, 0, 1]]
    back = _times(to_sheet, _inverse(_times(to_pixels, columns)))
    scale = back[2][2]
    data = tuple(value / scale for row in back for value in row)[:8]
    size = (SIDE * SUPER, SIDE * SUPER)
    seen = sheet.transform(size, Image.Transform.PERSPECTIVE, data, Image.Resampling.BICUBIC, fillcolor=DESK)
    return seen.reduce(SUPER)


def _about_z(angle: float) -> list[list[float]]:
    return [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]]


def _about_x(angle: float) -> list[list[float]]:
    return [[1, 0, 0], [0, math.cos(angle), -math.sin(angle)], [0, math.sin(angle), math.cos(angle)]]


def _times(one: list[list[float]], other: list[list[float]]) -> list[list[float]]:
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*other, strict=True)]
        for row in one
    ]


def _inverse(of: list[list[float]]) -> list[list[float]]:
    (a, b, c), (d, e, f), (g, h, i) = of
    adjugate = [
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ]
    whole = a * adjugate[0][0] + b * adjugate[1][0] + c * adjugate[2][0]
    return [[value / whole for value in row] for row in adjugate]


def _shake(picture: Image.Image, length: float, angle: float) -> Image.Image:
    """The mean of the picture along a line."""
    steps = max(2, round(2 * length))
    mean = picture
    for step in range(1, steps):
        along = length * (step / (steps - 1) - 0.5)
        shift = (1, 0, along * math.cos(angle), 0, 1, along * math.sin(angle))
        moved = picture.transform(picture.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR)
        mean = Image.blend(mean, moved, 1 / (step + 1))
    return mean


def _lit(picture: Image.Image, light: float, random: Random) -> Image.Image:
    """Light that falls off to one side by up to a third; a phone's own shadow is such a slope."""
    slope = Image.linear_gradient("L").rotate(random.choice((0, 90, 180, 270))).resize(picture.size)
    fall = random.uniform(0, 0.35)
    return ImageChops.multiply(picture, slope.point(lambda level: 255 * light * (1 - fall * level / 255)))


def _noise(size: tuple[int, int], deviation: float, random: Random) -> Image.Image:
    """Noise about 128: the mean of four even ones is nearly normal."""
    one, two, three, four = (
        Image.frombytes("L", size, random.randbytes(size[0] * size[1])) for _ in range(4)
    )
    mean = ImageChops.add(ImageChops.add(one, two, 2), ImageChops.add(three, four, 2), 2)
    return mean.point(lambda level: 128 + (level - 127.5) * deviation / (255 / math.sqrt(12 * 4)))


def _stain(sheet: Image.Image, per_mm: float, stain: tuple[float, float, float, float]) -> Image.Image:
    """A soft spot with a darker rim, and a faint ring beside it, as a cup leaves one."""
    x, y, across, back = stain
    middle = (sheet.width / 2 + x * per_mm, sheet.height / 2 + y * per_mm)
    through = Image.new("L", sheet.size, 255)
    draw = ImageDraw.Draw(through)
    for radius, level in ((across / 2, back * 0.8), (across / 2 - 0.4, back)):
        _disc(draw, middle, radius * per_mm, round(255 * level))
    ring = 2.2 * across * per_mm
    draw.ellipse(
        (middle[0] - ring, middle[1] - ring, middle[0] + ring, middle[1] + ring),
        outline=round(255 * (1 + back) / 2),
        width=round(1.2 * per_mm),
    )
    return ImageChops.multiply(sheet, through.filter(ImageFilter.GaussianBlur(0.3 * per_mm)))


def _disc(draw: ImageDraw.ImageDraw, middle: tuple[float, float], radius: float, level: int) -> None:
    radius = max(radius, 1)
    draw.ellipse((middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius), fill=level)


def _fold(
    sheet: Image.Image, per_mm: float, fold: tuple[float, float, float, bool], random: Random
) -> Image.Image:
    """Beyond the crease the paper is foreshortened and lit differently; along it toner has come off."""
    place, width, degrees, upright = fold
    turned = sheet if upright else sheet.transpose(Image.Transpose.ROTATE_90)
    crease = round(turned.width / 2 + place * per_mm)
    beyond = turned.crop((crease, 0, turned.width, turned.height))
    steeper = max(1, round(beyond.width * math.cos(math.radians(degrees))))
    brightness = random.choice((0.75, 0.85, 1.06))
    beyond = beyond.resize((steeper, beyond.height), Image.Resampling.BICUBIC)
    beyond = beyond.point(lambda level: level * brightness)
    bent = Image.new("L", turned.size, DESK)
    bent.paste(turned, (0, 0))
    bent.paste(DESK, (crease, 0, turned.width, turned.height))
    bent.paste(beyond, (crease, 0))
    draw = ImageDraw.Draw(bent)
    for y in range(0, bent.height, max(1, round(per_mm / 4))):
        half = width * per_mm / 2 * random.uniform(0.3, 1.4)
        draw.rectangle(
            (crease - half, y, crease + half, y + per_mm / 4), fill=round(FULL * random.uniform(0.7, 1))
        )
    return bent if upright else bent.transpose(Image.Transpose.ROTATE_270)
