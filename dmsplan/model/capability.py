"""What an engine can do, as data; the published matrix is generated from this."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Support(StrEnum):
    """How an engine supports a feature as a target (DESIGN §8.9)."""

    NATIVE = "native"
    EMULATED = "emulated"
    ACTION_ITEM = "action item"


class Feature(StrEnum):
    """What a source can use and a target may or may not have."""

    PRIMARY_KEY = "primary key"
    UNIQUE_INDEX = "unique index"
    SECONDARY_INDEX = "secondary index"
    EXPRESSION_INDEX = "expression index"
    PARTIAL_INDEX = "partial index"
    PREFIX_INDEX = "prefix index"
    DESCENDING_INDEX = "descending index"
    FULLTEXT_INDEX = "full-text index"
    SPATIAL_INDEX = "spatial index"
    COVERING_INDEX = "covering index"
    FOREIGN_KEY = "foreign key"
    FOREIGN_KEY_ACTIONS = "foreign key actions"
    DEFERRABLE = "deferrable constraint"
    CHECK = "check constraint"
    DEFAULT_LITERAL = "literal default"
    DEFAULT_EXPRESSION = "expression default"
    NOT_NULL = "not null"
    GENERATED_STORED = "stored generated column"
    GENERATED_VIRTUAL = "virtual generated column"
    IDENTITY = "identity column"
    SEQUENCE = "sequence"
    TABLE_COMMENT = "table comment"
    COLUMN_COMMENT = "column comment"
    PARTITIONING = "partitioned table"
    COLLATION_CASE_INSENSITIVE = "case-insensitive collation"
    ON_UPDATE_TIMESTAMP = "on update current_timestamp"
    INVISIBLE_COLUMN = "invisible column"
    ENUM = "enum type"
    ARRAY = "array type"
    VIEW = "view"
    ROUTINE = "routine"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One engine's abilities.

    `support` holds every Feature. `late_*` say what can be added to a filled table; what cannot
    goes into CREATE TABLE. `identifier_bytes` is the longest name, in bytes (or characters for
    MySQL, where `identifier_characters` is true). `parallel_writers` is how many sessions may
    load at once; `parallel_readers` how many can share one snapshot.
    """

    engine: str
    support: dict[Feature, Support]
    identifier_bytes: int
    identifier_characters: bool = False
    late_primary_key: bool = True
    late_unique: bool = True
    late_foreign_key: bool = True
    late_check: bool = True
    transactional_ddl: bool = True
    parallel_writers: int = 64
    parallel_readers: int = 64
    index_names_per_schema: bool = True
    max_columns: int = 1600
    folds_names: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        missing = [feature for feature in Feature if feature not in self.support]
        if missing:
            raise ValueError(f"capabilities of {self.engine} say nothing about {missing}")
