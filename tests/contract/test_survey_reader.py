"""What every `SurveyReader` promises."""

import itertools

from tests.contract.places import ARRAY
from tests.contract.snapshot_cases import linked

SOME = 20


def test_volumes_are_those_of_the_volume_reader(furnished):
    """The survey adds to what the list of volumes says, and changes nothing of it."""
    surveyed = itertools.islice(furnished.read.surveys.list_volumes(furnished.array_id), SOME)
    listed = itertools.islice(furnished.read.volumes.list_volumes(furnished.array_id), SOME)
    assert [each.volume for each in surveyed] == list(listed)


def test_suspects_are_all_there(furnished):
    """Every group without volumes, without initiators or without views is among the suspects of its kind."""
    read, array_id = furnished.read, furnished.array_id
    empty = set(read.surveys.list_storage_groups_without_volumes(array_id))
    for name in read.storage_groups.list_storage_groups(array_id)[:SOME]:
        assert read.storage_groups.find_storage_group(array_id, name).volume_count or name in empty
    bare = set(read.surveys.list_initiator_groups_without_initiators(array_id))
    idle = set(read.surveys.list_initiator_groups_without_views(array_id))
    for name in read.masking.list_initiator_groups(array_id)[:SOME]:
        group = read.masking.find_initiator_group(array_id, name)
        assert group.initiators or name in bare
        assert group.masking_views or name in idle


def test_a_group_that_is_too_large_is_a_suspect(place):
    """Groups with more volumes than asked are listed, others are not."""
    group = place.group("gold")
    for number in range(3):
        place.volume(group, f"OS-{number}")
    assert place.read.surveys.list_storage_groups_larger_than(ARRAY, 2) == ("gold",)
    assert place.read.surveys.list_storage_groups_larger_than(ARRAY, 3) == ()


def test_directors_and_their_ports(furnished):
    """Every listed director can be read, has its ports among all, and an unknown one is absent."""
    read, array_id = furnished.read.surveys, furnished.array_id
    ports = read.list_ports(array_id)
    for name in read.list_directors(array_id):
        assert read.find_director(array_id, name).port_count == sum(port.director == name for port in ports)
    assert read.find_director(array_id, "FA-9Z") is None


def test_jobs_can_be_read(place):
    """A change that took a job has left one, with its end; an unknown one is absent."""
    place.volume(place.group("gold"))
    ids = place.read.surveys.list_jobs(ARRAY)
    jobs = [place.read.surveys.find_job(ARRAY, job_id) for job_id in ids]
    assert [job.job_id for job in jobs] == list(ids) == sorted(ids)
    assert {job.status for job in jobs} <= {"SUCCEEDED"}
    assert place.read.surveys.find_job(ARRAY, "1693476512345") is None


def test_gatekeepers_snapshots_and_links(place):
    """The array's own volumes are told, and so are the snapshots of a volume with their targets."""
    link = linked(place)
    found = {each.volume.device_id: each for each in place.read.surveys.list_volumes(ARRAY)}
    [snapshot] = found[link.device].snapshots
    assert (snapshot.name, snapshot.generation, snapshot.targets) == ("snap", 0, (link.target,))
    assert not snapshot.is_expired
    assert [each.volume.device_id for each in found.values() if each.is_system_resource] == ["00001", "00002"]
    assert found[link.target].snapshots == ()
