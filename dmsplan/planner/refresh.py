"""Looks at both ends of every schema resource: the only part of planning that connects."""

from __future__ import annotations

from dataclasses import dataclass, field

from dmsplan.config.load import Project, SchemaConfig, TaskConfig
from dmsplan.convert.request import Rename, Request, TableOption
from dmsplan.convert.result import Conversion
from dmsplan.convert.schema import convert
from dmsplan.endpoints.contract import Endpoint, Finding, Selection
from dmsplan.errors import DmsplanError
from dmsplan.model.capability import Capabilities
from dmsplan.model.move import LoadStrategy, ValuePolicy
from dmsplan.model.objects import Catalog, QName
from dmsplan.planner.connections import Connections


@dataclass(frozen=True, slots=True)
class SchemaActual:
    """What one schema resource found: both catalogs, the conversion between them, exact row
    counts (0 or 1: empty or not) of wanted tables that exist, and a strategy per table."""

    source: Catalog
    target: Catalog
    request: Request
    conversion: Conversion
    occupied: dict[QName, bool]
    strategies: dict[QName, LoadStrategy]
    source_capabilities: Capabilities
    target_capabilities: Capabilities
    findings: tuple[tuple[str, Finding], ...] = ()


@dataclass(frozen=True, slots=True)
class Actual:
    """What `refresh` saw, by schema address."""

    schemas: dict[str, SchemaActual] = field(default_factory=dict)


def refresh(project: Project, connections: Connections) -> Actual:
    """Inspect source and target of every schema resource, read-only.

    Raises UnreachableError naming the endpoint that cannot be reached.
    """
    return Actual(
        {
            address: _schema(project, schema, connections)
            for address, schema in sorted(project.schemas.items())
        }
    )


def _schema(project: Project, schema: SchemaConfig, connections: Connections) -> SchemaActual:
    source = _at(schema.source, lambda: connections.get(schema.source, read_only=True))
    target = _at(schema.target, lambda: connections.get(schema.target, read_only=True))
    source_catalog = _at(schema.source, lambda: source.inspect(Selection(_source_schemas(schema))))
    target_catalog = _at(schema.target, lambda: target.inspect(Selection()))
    tasks = [task for task in project.tasks.values() if task.schema == schema.address]
    request = _request(schema, tasks, source, target, source_catalog, target_catalog)
    conversion = convert(source_catalog, request)
    extra = {t.target.name.schema for t in conversion.tables} - {target_catalog.default_schema}
    if extra:
        wanted = (target_catalog.default_schema, *sorted(extra))
        target_catalog = _at(schema.target, lambda: target.inspect(Selection(wanted)))
    there = {table.name for table in target_catalog.tables}
    occupied = {
        t.target.name: target.row_count(t.target.name, limit=1) > 0
        for t in conversion.tables
        if t.target.name in there
    }
    read_path = next((task.read_path for task in tasks), "auto")
    strategies = {
        t.source.name: _strategy(source, target, t.move, source_catalog, read_path) for t in conversion.tables
    }
    findings = _findings(schema, source, target, source_catalog)
    return SchemaActual(
        source_catalog,
        target_catalog,
        request,
        conversion,
        occupied,
        strategies,
        source.capabilities,
        target.capabilities,
        findings,
    )


def _at(address: str, action):  # type: ignore[no-untyped-def]
    """Run an endpoint call; whatever fails says which endpoint it was."""
    try:
        return action()
    except DmsplanError as exc:
        exc.address = exc.address or address
        raise


def _findings(
    schema: SchemaConfig, source: Endpoint, target: Endpoint, catalog: Catalog
) -> tuple[tuple[str, Finding], ...]:
    schemas = sorted({table.name.schema for table in catalog.tables})
    found = [(schema.source, finding) for finding in source.test("source", schemas)]
    found += [(schema.target, finding) for finding in target.test("target")]
    return tuple((address, finding) for address, finding in found if not finding.ok)


def _strategy(source: Endpoint, target: Endpoint, move, catalog: Catalog, read_path: str) -> LoadStrategy:  # type: ignore[no-untyped-def]
    offers = source.offers(move)
    if read_path != "auto":
        offers = tuple(o for o in offers if o.read_path in ("", read_path)) or offers
    for accepted in target.accepts(move, catalog.identity.engine):
        for offer in offers:
            if offer.format is accepted.format:
                return LoadStrategy(offer.format, offer.read_path, accepted.write_path)
    raise DmsplanError(
        f"no common block format between {catalog.identity.engine} and the target",
        address=str(move.source),
    )


def _source_schemas(schema: SchemaConfig) -> tuple[str, ...]:
    """Schemas that the include patterns name; empty (the default one) where any pattern is open."""
    names = []
    for pattern in schema.include:
        head, dot, _ = pattern.partition(".")
        if not dot or any(c in head for c in "*?["):
            return ()
        names.append(head)
    return tuple(dict.fromkeys(names))


def _request(
    schema: SchemaConfig,
    tasks: list[TaskConfig],
    source: Endpoint,
    target: Endpoint,
    source_catalog: Catalog,
    target_catalog: Catalog,
) -> Request:
    options = {
        option.name: TableOption(
            filter=option.filter,
            include=tuple(option.columns.include if option.columns else ()),
            exclude=tuple(option.columns.exclude if option.columns else ()),
            load_order=option.load_order or 0,
        )
        for task in tasks
        for option in task.table
    }
    return Request(
        source_engine=source_catalog.identity.engine,
        source_product=source_catalog.identity.product,
        source_version=source_catalog.identity.version,
        target_engine=target_catalog.identity.engine,
        target_product=target_catalog.identity.product,
        target_version=target_catalog.identity.version,
        target_capabilities=target.capabilities,
        scope=schema.scope,
        include=tuple(schema.include),
        exclude=tuple(schema.exclude),
        renames=tuple(Rename(to=r.to, schema=r.schema, table=r.table) for r in schema.rename),
        types=dict(schema.types),
        text_comparison=schema.text_comparison,
        zero_date=ValuePolicy(schema.zero_date),
        nul_byte=ValuePolicy(schema.nul_byte),
        unsigned_bigint=schema.unsigned_bigint,
        target_schema=target_catalog.default_schema,
        source_schema=source_catalog.default_schema,
        table_options=options,
    )
