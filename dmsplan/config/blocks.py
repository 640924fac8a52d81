"""What each kind of block may hold: pydantic models, text enters here."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Block(BaseModel):
    """Every block refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProjectBlock(Block):
    name: str
    requires: str | None = None
    require: Literal["", "complete"] = ""
    secret_dirs: list[str] = []


class RenameEntry(Block):
    to: str
    schema_: str | None = Field(default=None, alias="schema")
    table: str | None = None


class OverrideEntry(Block):
    sql: str
    source: str | None = None


class SchemaBlock(Block):
    source: str
    target: str
    scope: Literal["full", "minimal"] = "full"
    include: list[str] = ["*"]
    exclude: list[str] = []
    rename: list[RenameEntry] = []
    types: dict[str, str] = {}
    override: dict[str, OverrideEntry] = {}
    text_comparison: Literal["source", "binary"] = "source"
    zero_date: Literal["stop", "null"] = "stop"
    nul_byte: Literal["stop", "strip"] = "stop"
    unsigned_bigint: Literal["auto", "bigint", "numeric"] = "auto"
    on_destroy: Literal["keep"] = "keep"
    require: Literal["", "complete"] = ""


class ReplicationServerBlock(Block):
    max_full_load_subtasks: int = Field(default=4, ge=1, le=64)
    memory_limit_mib: int = Field(default=1024, ge=64)


class ColumnsEntry(Block):
    include: list[str] = []
    exclude: list[str] = []


class TableEntry(Block):
    name: str
    filter: str | None = None
    columns: ColumnsEntry | None = None
    load_order: int = 0


class TaskBlock(Block):
    schema_: str = Field(alias="schema")
    replication_server: str | None = None
    migration_type: Literal["full-load", "full-load-and-cdc", "cdc"] = "full-load"
    target_table_prep_mode: Literal["do_nothing", "truncate_before_load", "drop_and_create"] = "do_nothing"
    segment_rows: int | None = Field(default=None, ge=1)
    segment_mib: int | None = Field(default=None, ge=1)
    require_single_snapshot: bool = False
    read_path: Literal["auto", "client", "server"] = "auto"
    table: list[TableEntry] = []


class OutputBlock(Block):
    value: Any
    description: str = ""
    sensitive: bool = False


class AcceptEntry(Block):
    code: str
    address: str
    reason: str
    expires: date | None = None


class VariableBlock(Block):
    type: Literal["string", "int", "float", "bool", "list(string)", "map(string)", "any"] = "any"
    default: Any = None
    description: str = ""
    sensitive: bool = False
    validate_: dict[str, str] | None = Field(default=None, alias="validate")


class ModuleBlock(Block):
    source: str
    inputs: dict[str, Any] = {}


RESOURCES: dict[str, type[Block]] = {
    "schema": SchemaBlock,
    "replication_server": ReplicationServerBlock,
    "task": TaskBlock,
}
NAMED = ("endpoint", "schema", "replication_server", "task", "variable", "output", "module")
"""Kinds written `[kind.name]`."""
SINGLE = ("project", "locals")
LISTS: dict[str, type[Block]] = {"accept": AcceptEntry}
ROOT_ONLY = ("project", "accept")
