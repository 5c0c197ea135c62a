"""Drop an unfinished rebuild, or what a rebuild has replaced: tables, topics and consumer groups."""

import shutil
from collections.abc import Mapping

import psycopg
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from operations.rebuild.beside import TablesBeside
from operations.rebuild.plan import VersionNotSet, Workspace, next_step, target_settings
from operations.rebuild.scopes import Scope
from operations.replay.readers import StageReader, count_members
from operations.replay.workers import GroupNotEmpty
from songnodes.errors import UserError
from songnodes.messaging import topics
from songnodes.settings import Settings


class NothingReplaced(UserError):
    """There is no unfinished rebuild, and no rebuild has replaced anything that is still there"""


def drop_versions(settings: Settings, admin: AdminClient, versions: Mapping[str, int]) -> list[str]:
    """Delete the topics and the groups of versions of stages; return the names of the topics deleted.

    Raises GroupNotEmpty if one of the stages runs in that version.
    """
    target = target_settings(settings, versions)
    readers = [StageReader(target, admin, stage) for stage in versions]
    for reader in readers:
        if members := count_members(admin, reader):
            raise GroupNotEmpty(group=reader.group, members=members)
    owned = [name for name, entry in topics.wanted(target).items() if entry.owner in versions]
    existing = admin.list_topics(timeout=topics.ADMIN_TIMEOUT_S).topics
    names = [name for name in owned if name in existing]
    for deletion in admin.delete_topics(names).values() if names else ():
        deletion.result()
    for deletion in admin.delete_consumer_groups([reader.group for reader in readers]).values():
        try:
            deletion.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
                raise
    return names


def drop_unfinished(
    settings: Settings, admin: AdminClient, connection: psycopg.Connection, scope: Scope
) -> list[str]:
    """Drop a rebuild before its swap; return the names of the topics. The pipeline is not changed.

    Of the plan only the versions are read: other code may have written it. Raises VersionNotSet after the
    swap.
    """
    tables = TablesBeside(connection, scope, settings.version_of(scope.stage))
    if tables.is_swapped:
        raise VersionNotSet(remedy=_next_step(tables))
    workspace = Workspace.of(settings, scope.stage)
    versions = workspace.planned_versions()
    if not versions:
        versions = {stage: settings.version_of(stage) + 1 for stage in scope.raised}
    tables.drop_unfinished()
    names = drop_versions(settings, admin, versions)
    shutil.rmtree(workspace.directory, ignore_errors=True)
    return names


def drop_replaced(
    settings: Settings, admin: AdminClient, connection: psycopg.Connection, scope: Scope
) -> list[str]:
    """Drop what the last swap replaced; return the names of the topics.

    Raises NothingReplaced; VersionNotSet while the settings have a replaced version.
    """
    current = settings.version_of(scope.stage)
    swapped = TablesBeside(connection, scope, current)
    if swapped.is_swapped:
        raise VersionNotSet(remedy=_next_step(swapped))
    replaced = TablesBeside(connection, scope, current - 1)
    if not replaced.is_swapped:
        raise NothingReplaced
    versions = replaced.replaced_versions()
    if any(settings.version_of(entry.stage) < entry.version for entry in versions):
        raise VersionNotSet(remedy=_next_step(replaced))
    names = drop_versions(settings, admin, {entry.stage: entry.replaced for entry in versions})
    replaced.drop_replaced()
    return names


def _next_step(tables: TablesBeside) -> str:
    return next_step({entry.stage: entry.version for entry in tables.replaced_versions()})
