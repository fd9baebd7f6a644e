"""Everything that can be said about a training run: the fields are the options of ./ladder train and tune, and the keys
of their configuration files. There is no second list."""

import copy
import inspect
import math
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from cli.errors import LadderError, unknown


class Task(StrEnum):
    auto = "auto"
    classify = "classify"
    regress = "regress"


class Missing(StrEnum):
    impute = "impute"
    drop = "drop"


class Loss(StrEnum):
    auto = "auto"
    squared = "squared"
    logistic = "logistic"
    softmax = "softmax"


class Activation(StrEnum):
    relu = "relu"
    sigmoid = "sigmoid"
    tanh = "tanh"
    gelu = "gelu"


class Rule(StrEnum):
    sgd = "sgd"
    momentum = "momentum"
    nesterov = "nesterov"
    adagrad = "adagrad"
    rmsprop = "rmsprop"
    adam = "adam"
    adamw = "adamw"


class Shape(StrEnum):
    constant = "constant"
    step = "step"
    cosine = "cosine"


class Engine(StrEnum):
    auto = "auto"
    narrow = "narrow"
    wide = "wide"


def _option(text: str, metavar: str | None = None, **more: Any) -> Any:
    return typer.Option(help=text, metavar=metavar, **more)


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path | None, _option("CSV, .npy, MNIST's images-idx3-ubyte[.gz], CIFAR-10's .bin.", "FILE")] = None
    target: Annotated[str | None, _option("The column to predict.", "COLUMN")] = None
    labels: Annotated[Path | None, _option("Labels in a file of their own, for .npy and IDX.", "FILE")] = None
    model: Annotated[str, _option("linear, logistic, softmax, mlp:64,32 (widths), kmeans:8 (centres).", "MODEL")] = ""
    task: Annotated[Task, _option("What a numeric target is: classes or a number.")] = Task.auto
    missing: Annotated[Missing, _option("Rows that lack a value: fill it in, or drop the row.")] = Missing.impute
    categorical: Annotated[tuple[str, ...], _option("A column of categories that look like numbers.", "COLUMN")] = ()
    leave_out: Annotated[tuple[str, ...], _option("A column not to learn from.", "COLUMN")] = ()
    validation: Annotated[float, _option("Share of the rows that decides when to stop.", min=0, max=0.9)] = 0.1
    test: Annotated[float, _option("Share of the rows that the result is judged by.", min=0, max=0.9)] = 0.2
    seed: Annotated[int, _option("Of the split, the weights and the order of the samples.", min=0, max=2**32 - 1)] = 1

    loss: Annotated[Loss, _option("auto: squared for numbers, logistic for two classes, else softmax.")] = Loss.auto
    activation: Annotated[Activation, _option("Of an mlp's hidden layers.")] = Activation.relu
    optimizer: Annotated[Rule, _option("The update rule.")] = Rule.adam
    lr: Annotated[float, _option("Learning rate.", min=0)] = 0.01
    momentum: Annotated[float, _option("Of momentum and nesterov; beta1 of adam and adamw.", min=0, max=0.99999)] = 0.9
    beta2: Annotated[float, _option("Of rmsprop, adam and adamw.", min=0, max=0.9999999)] = 0.999
    epsilon: Annotated[float, _option("Of adagrad, rmsprop, adam and adamw.", min=0)] = 1e-8
    decay: Annotated[float, _option("Weight decay.", min=0)] = 0.0
    schedule: Annotated[Shape, _option("Of the learning rate: step every --step-every, cosine to the end.")] = (
        Shape.constant
    )
    step_every: Annotated[int, _option("Epochs.", min=1)] = 10
    factor: Annotated[float, _option("Of a step; or where the cosine ends, as a share of --lr.", min=0, max=1)] = 0.1
    warmup: Annotated[int, _option("Steps in which the learning rate climbs to --lr.", min=0)] = 0
    clip: Annotated[float, _option("The longest gradient, in the Euclidean norm; 0: any.", min=0)] = 0.0

    batch: Annotated[int, _option("Samples whose gradient is taken at once.", min=1)] = 32
    accumulate: Annotated[int, _option("Batches a step: their gradients are added up.", min=1)] = 1
    epochs: Annotated[int, _option("How often every sample is visited.", min=1)] = 50
    patience: Annotated[
        int, _option("Stop after so many epochs without a better validation loss; 0: never.", min=0)
    ] = 0
    stop_at: Annotated[float | None, _option("Stop when an epoch's mean loss is as low as this.")] = None
    checkpoint_every: Annotated[int, _option("Epochs.", min=1)] = 10
    engine: Annotated[Engine, _option("narrow: one fused kernel; wide: products; auto: narrow where it fits.")] = (
        Engine.auto
    )

    def json(self) -> dict[str, Any]:
        return {k: str(v) if isinstance(v, Path) else v for k, v in asdict(self).items()}


def _kinds() -> dict[str, Any]:
    """name → its type, without the option and without None."""
    plain = {}
    for name, kind in get_type_hints(Settings).items():
        choices = [a for a in get_args(kind) if a is not type(None)]
        plain[name] = choices[0] if choices and get_origin(kind) is not tuple else kind
    return plain


def from_dict(given: dict[str, Any], base: Settings, where: str) -> Settings:
    """`base` with what a configuration or model file says. Raises LadderError for a wrong key or value."""
    kinds, values = _kinds(), {}
    for key, value in given.items():
        name = key.replace("-", "_")
        if name not in kinds:
            raise unknown(f"setting in {where}", key, [k.replace("_", "-") for k in kinds], "./ladder train --help")
        values[name] = _checked(name, value, kinds[name], where)
    return replace(base, **values)


def _checked(name: str, value: Any, kind: Any, where: str) -> Any:
    wrong = LadderError(f"{where}: {name} = {value!r} makes no sense: see ./ladder train --help")
    if value is None:
        return None
    if get_origin(kind) is tuple:
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise wrong
        return tuple(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if value not in list(kind):
            raise wrong
        return kind(value)
    if kind is Path and isinstance(value, Path):
        return value
    if isinstance(value, bool) or not isinstance(
        value, (int, float) if kind is float else str if kind is Path else kind
    ):
        raise wrong
    option = next(a for a in get_type_hints(Settings, include_extras=True)[name].__metadata__)
    if isinstance(value, int | float) and not (math.isfinite(value) and _least(option) <= value <= _most(option)):
        raise wrong
    return kind(value)


def _least(option: Any) -> float:
    return -math.inf if option.min is None else option.min


def _most(option: Any) -> float:
    return math.inf if option.max is None else option.max


def read_config(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise LadderError(f"{path}: there is no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LadderError(f"{path} is not TOML: {error}") from None


def takes_settings(verb: Callable[..., None]) -> Callable[..., None]:
    """Gives a verb `(settings: dict[str, Any], …)` an option for each field; the dict holds those that were given."""
    own = {n: p for n, p in inspect.signature(verb).parameters.items() if n != "settings"}
    hints = get_type_hints(Settings, include_extras=True)
    made: dict[str, inspect.Parameter] = {}
    for f in fields(Settings):
        plain, option = get_args(hints[f.name])[0], hints[f.name].__metadata__[0]
        kind = list[str] if get_origin(plain) is tuple else plain
        if f.default not in (None, (), ""):
            option = copy.copy(option)
            option.help = f"{option.help} [dim]\\[{f.default}][/dim]"
        made[f.name] = inspect.Parameter(
            f.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
        )

    def call(**given: Any) -> None:
        said = {k: given.pop(k) for k in made}
        verb(settings={k: v for k, v in said.items() if v is not None and v != []}, **given)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own.values()]
    call.__signature__ = inspect.Signature([*parameters, *made.values()])  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in (*parameters, *made.values())}
    call.__name__, call.__doc__ = verb.__name__, verb.__doc__
    return call
