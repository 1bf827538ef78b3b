"""Search spaces: from a YAML file to the candidates drawn from it. Loads no TensorFlow."""

from cnnsearch.space.candidate import Candidate
from cnnsearch.space.choosers import Chooser, first_guess, random_chooser, replay
from cnnsearch.space.constraints import LATENCIES, Constraint
from cnnsearch.space.document import Override
from cnnsearch.space.domains import Choice, Domain, RealRange, Setting, Value, WholeRange
from cnnsearch.space.drawing import draw
from cnnsearch.space.leaves import leaf_path
from cnnsearch.space.quantities import (
    format_count,
    format_duration,
    format_latency,
    format_size,
    parse_count,
    parse_duration,
    parse_latency,
    parse_share,
    parse_size,
)
from cnnsearch.space.schema import space_schema
from cnnsearch.space.search_space import SearchSpace, load_space
from cnnsearch.space.sections import (
    BudgetSection,
    DataSection,
    ExportSection,
    SearchSection,
)
from cnnsearch.space.settings import (
    ArchitectureSettings,
    AugmentationSettings,
    BlockSettings,
    HeadSettings,
    InputSettings,
    StageSettings,
    StemSettings,
    TrainingSettings,
)
from cnnsearch.space.shipped import shipped_spaces

__all__ = [
    "LATENCIES",
    "ArchitectureSettings",
    "AugmentationSettings",
    "BlockSettings",
    "BudgetSection",
    "Candidate",
    "Choice",
    "Chooser",
    "Constraint",
    "DataSection",
    "Domain",
    "ExportSection",
    "HeadSettings",
    "InputSettings",
    "Override",
    "RealRange",
    "SearchSection",
    "SearchSpace",
    "Setting",
    "StageSettings",
    "StemSettings",
    "TrainingSettings",
    "Value",
    "WholeRange",
    "draw",
    "first_guess",
    "format_count",
    "format_duration",
    "format_latency",
    "format_size",
    "leaf_path",
    "load_space",
    "parse_count",
    "parse_duration",
    "parse_latency",
    "parse_share",
    "parse_size",
    "random_chooser",
    "replay",
    "shipped_spaces",
    "space_schema",
]
