"""Two clients, one on each side of replication, and what tests of SRDF arrange again and again."""

ARRAY = "000197900999"
OTHER_ARRAY = "000197900998"
NUMBERS = {"Synchronous": 70, "AdaptiveCopyDisk": 70, "Asynchronous": 71, "Active": 72}


class Sides:
    """The local array, where R1 is to begin with, and the remote one.

    Attributes:
        near: a client of the local array.
        far: a client of the remote array.
        mode: of the pairs that `protect` makes.
    """

    def __init__(self, client, mode="Synchronous"):
        self.near = client
        self.far = client.on(array=OTHER_ARRAY)
        self.mode = mode
        self.simulator = client.simulator
        self.srdf = client.simulator.srdf

    @property
    def number(self):
        """The RDF group of the mode."""
        return NUMBERS[self.mode]

    def path(self, rest, client=None, version=None):
        client = client or self.near
        return f"/{version or client.version}/replication/symmetrix/{client.symmetrix_id}/{rest}"

    def get(self, rest, client=None, **query):
        client = client or self.near
        return client.get(self.path(rest, client), **query)

    def post(self, rest, body, client=None):
        client = client or self.near
        return client.post(self.path(rest, client), body)

    def put(self, rest, body, client=None):
        client = client or self.near
        return client.put(self.path(rest, client), body)

    def delete(self, rest, client=None, **query):
        client = client or self.near
        return client.delete(self.path(rest, client), **query)

    # Storage groups

    def protect(self, group="sg", volumes=1, establish=True, **body):
        """Make a storage group with volumes and replicate it; return the ids of its volumes."""
        ids = self.near.group(group, volumes=volumes)
        reply = self.ask_protection(group, establish=establish, **body)
        assert reply.status == 201, reply
        return ids

    def ask_protection(self, group="sg", establish=True, **body):
        asked = {
            "replicationMode": self.mode,
            "remoteSymmId": OTHER_ARRAY,
            "remoteStorageGroupName": group,
            "rdfgNumber": self.number,
            "establish": establish,
            "remoteSLO": "Diamond",
            **body,
        }
        return self.post(f"storagegroup/{group}/rdf_group", asked)

    def ask(self, action, group="sg", client=None, **options):
        """Ask for an action on the pairs of a group; return the reply."""
        key = action[0].lower() + action[1:]
        body = {"action": action, **({key: options} if options else {})}
        return self.put(f"storagegroup/{group}/rdf_group/{self.number}", body, client)

    def act(self, action, group="sg", client=None, **options):
        """Do something to the pairs of a group; it must succeed."""
        reply = self.ask(action, group, client, **options)
        assert reply.status == 200, reply
        return reply.body

    def view(self, group="sg", client=None):
        """Return how a group replicates, as a client sees it."""
        reply = self.get(f"storagegroup/{group}/rdf_group/{self.number}", client)
        assert reply.status == 200, reply
        return reply.body

    def states(self, group="sg", client=None):
        return self.view(group, client)["states"]

    # Pairs

    def pair(self, volume_id, client=None):
        """Return the pair of a volume as a client sees it."""
        reply = self.get(f"rdf_group/{self.number}/volume/{volume_id}", client)
        assert reply.status == 200, reply
        return reply.body

    def twin(self, volume_id):
        """Return the id of the other side of a local volume."""
        return self.srdf.other_side(ARRAY, volume_id)[1]

    def add(self, volume_ids, **body):
        """Ask for pairs of existing local volumes in the group of the mode."""
        asked = {
            "rdfMode": self.mode,
            "rdfType": "RDF1",
            "localDeviceListCriteriaParam": {"localDeviceList": list(volume_ids)},
            **body,
        }
        return self.post(f"rdf_group/{self.number}/volume", asked)

    def state(self, volume_id):
        """Return the state of a local volume's pair without looking as a client does."""
        return self.srdf.state_of(ARRAY, volume_id).value

    def cut(self):
        self.srdf.cut_link(ARRAY, OTHER_ARRAY)

    def mend(self):
        self.srdf.restore_link(ARRAY, OTHER_ARRAY)

    # Data

    def write(self, volume_id, token, client=None):
        (client or self.near).array.write(volume_id, token)

    def read(self, volume_id, client=None):
        return (client or self.near).array.read(volume_id)

    def data(self, volume_id):
        """Return what is on a local volume and on its other side."""
        return self.read(volume_id), self.read(self.twin(volume_id), self.far)


def join(sides, group, volume_id, **remote):
    """Let an existing volume join a storage group."""
    fields = {"volumeId": [volume_id], **({"remoteSymmSGInfoParam": remote} if remote else {})}
    return sides.near.edit(group, "expandStorageGroupParam", {"addSpecificVolumeParam": fields})


def along(group, **more):
    """Change the remote group of that name as well."""
    return {"remote_symmetrix_1_id": OTHER_ARRAY, "remote_symmetrix_1_sgs": [group], **more}


def grow(sides, group="sg", **remote):
    """Ask for a new volume in a storage group and on the other side."""
    attributes = {"num_of_vols": 1, "volume_size": "1", "capacityUnit": "GB"}
    fields = {"create_new_volumes": "True", "volumeAttributes": [attributes], "remoteSymmSGInfoParam": remote}
    return sides.near.edit(group, "expandStorageGroupParam", {"addVolumeParam": fields})


def leave(sides, group, volume_id, **remote):
    """Let a volume leave a storage group."""
    fields = {"volumeId": [volume_id], **({"remoteSymmSGInfoParam": remote} if remote else {})}
    return sides.near.edit(group, "removeVolumeParam", fields)


def members(client, group):
    """Return the volumes of a storage group."""
    return sorted(each.volume_id for each in client.array.volumes.values() if group in each.storage_groups)
