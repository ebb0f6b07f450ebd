"""What tests of snapshots say again and again, in the words of the field."""

from urllib.parse import urlencode

NOT_FOUND = "No snapshot was found"
ALREADY = "already in the desired state or mode"
TOO_MANY = "The maximum number of sessions has been exceeded for the specified Source device"


def devices(*ids):
    return [{"name": volume_id} for volume_id in ids]


class Snapvx:
    """Speaks to the snapshot calls of one array, through a client."""

    def __init__(self, client):
        self.client = client
        self.private = f"/private/{client.version}/replication/symmetrix/{client.symmetrix_id}"
        self.public = f"/{client.version}/replication/symmetrix/{client.symmetrix_id}"

    # Volume level

    def create(self, name, *volumes, **fields):
        return self.client.post(
            f"{self.private}/snapshot/{name}", {"deviceNameListSource": devices(*volumes), **fields}
        )

    def change(self, action, name, pairs, **fields):
        sources, targets = zip(*pairs, strict=True)
        lists = {"deviceNameListSource": devices(*sources), "deviceNameListTarget": devices(*targets)}
        return self.client.put(f"{self.private}/snapshot/{name}", {"action": action, **lists, **fields})

    def link(self, name, source, target, **fields):
        return self.change("Link", name, [(source, target)], **fields)

    def unlink(self, name, source, target, **fields):
        return self.change("Unlink", name, [(source, target)], **fields)

    def restore(self, name, source, **fields):
        return self.change("Restore", name, [(source, source)], **fields)

    def terminate(self, name, *volumes, **fields):
        body = {"deviceNameListSource": devices(*volumes), **fields}
        return self.client.delete(f"{self.private}/snapshot/{name}", body)

    def look(self, volume, rest=""):
        return self.client.get(f"{self.private}/volume/{volume}/snapshot{rest}")

    def sources(self, volume):
        """The snapshots of a volume, as a client sees them."""
        body = self.look(volume).body
        return body["snapshotSrcs"] if "snapshotSrcs" in body else body["snapshotSrc"]

    def linked(self, volume):
        """All linked devices of all snapshots of a volume, by target."""
        return {each["targetDevice"]: each for found in self.sources(volume) for each in found["linkedDevices"]}

    # Storage group level

    def create_of_group(self, group, name, **fields):
        return self.client.post(f"{self.public}/storagegroup/{group}/snapshot", {"snapshotName": name, **fields})

    def names_of_group(self, group):
        return self.client.get(f"{self.public}/storagegroup/{group}/snapshot")

    def generation_path(self, group, name, generation):
        return f"{self.public}/storagegroup/{group}/snapshot/{name}/generation/{generation}"

    def snap_id_path(self, group, name, snap_id):
        return f"{self.public}/storagegroup/{group}/snapshot/{name}/snapid/{snap_id}"

    def generations(self, group, name):
        return self.client.get(f"{self.public}/storagegroup/{group}/snapshot/{name}/generation")

    def snap_ids(self, group, name):
        return self.client.get(f"{self.public}/storagegroup/{group}/snapshot/{name}/snapid")

    def edit(self, path, action, **objects):
        return self.client.put(path, {"action": action, **objects})

    def delete_many(self, group, **query):
        return self.client.delete(f"{self.public}/storagegroup/{group}/snapshot?{urlencode(query)}")


def known(snapvx):
    """What the array holds of snapshots: (volume, name, snap id) of each."""
    return [(each.source, each.name, each.snap_id) for each in snapvx.client.array.snapshots]


def snapped(snapvx, name="s", group="sg", **fields):
    """Make a snapshot of a group and return its answer."""
    reply = snapvx.create_of_group(group, name, **fields)
    assert reply.status == 201, reply
    return reply.body
