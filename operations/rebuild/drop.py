"""Drop an unfinished rebuild, or what a rebuild has replaced: tables, topics and the consumer group."""

import shutil

import psycopg
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from operations.rebuild import gold
from operations.rebuild.beside import TablesBeside
from operations.rebuild.plan import VersionNotSet, Workspace, next_step
from operations.replay.readers import StageReader, count_members
from operations.replay.workers import GroupNotEmpty
from songnodes.errors import UserError
from songnodes.messaging import topics
from songnodes.settings import Settings


class NothingReplaced(UserError):
    """There is no unfinished rebuild, and no rebuild has replaced anything that is still there"""


def drop_version(settings: Settings, admin: AdminClient, version: int) -> list[str]:
    """Delete the topics and the group of a version of the stage; return the names deleted.

    Raises GroupNotEmpty if the stage runs in that version.
    """
    target = settings.model_copy(update={f"{gold.STAGE}_version": version})
    reader = StageReader(target, admin, gold.STAGE)
    if members := count_members(admin, reader):
        raise GroupNotEmpty(group=reader.group, members=members)
    owned = [name for name, entry in topics.wanted(target).items() if entry.owner == gold.STAGE]
    existing = admin.list_topics(timeout=topics.ADMIN_TIMEOUT_S).topics
    names = [name for name in owned if name in existing]
    for deletion in admin.delete_topics(names).values() if names else ():
        deletion.result()
    for deletion in admin.delete_consumer_groups([reader.group]).values():
        try:
            deletion.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
                raise
    return names


def drop_unfinished(settings: Settings, admin: AdminClient, connection: psycopg.Connection) -> list[str]:
    """Drop a rebuild before its swap; return the names of the topics. The pipeline is not changed.

    The plan is not read: another version of the code may have written it. Raises VersionNotSet after the
    swap.
    """
    current = settings.version_of(gold.STAGE)
    version = current + 1
    tables = TablesBeside(connection, version, current)
    if tables.is_swapped:
        raise VersionNotSet(remedy=next_step(version))
    tables.drop_unfinished()
    names = drop_version(settings, admin, version)
    shutil.rmtree(Workspace.of(settings, version).directory, ignore_errors=True)
    return names


def drop_replaced(settings: Settings, admin: AdminClient, connection: psycopg.Connection) -> list[str]:
    """Drop the version before the current one, which a swap replaced; return the names of its topics.

    Raises NothingReplaced; VersionNotSet while the settings have the replaced version.
    """
    current = settings.version_of(gold.STAGE)
    if TablesBeside(connection, current + 1, current).is_swapped:
        raise VersionNotSet(remedy=next_step(current + 1))
    replaced = TablesBeside(connection, current, current - 1)
    if not replaced.is_swapped:
        raise NothingReplaced
    replaced.drop_replaced()
    return drop_version(settings, admin, current - 1)
