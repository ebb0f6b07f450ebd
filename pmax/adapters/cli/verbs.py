"""Which commands there are: one static table, so that showing help loads none of them."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import attrs
from cliff.commandmanager import CommandManager

_COMMANDS = "pmax.adapters.cli.commands"


@attrs.frozen
class Verb:
    """A command that can be called.

    Attributes:
        target: module below `commands` and class in it, as `module:Class`.
        summary: one line for `pmax --help`; the first line of the class's docstring, without its full stop.
    """

    target: str
    summary: str


#: In the order in which help shows them: from looking, over changing, to looking after.
VERBS: dict[str, Verb] = {
    "configure": Verb("configure:Configure", "Ask, try, and write a configuration file"),
    "profile list": Verb("profile:ListProfiles", "List the backends of the configuration"),
    "doctor": Verb("doctor:Doctor", "Check configuration, connection and array, with remedies"),
    "array list": Verb("array:ListArrays", "List the arrays that Unisphere manages"),
    "array show": Verb("array:ShowArray", "Show an array, what it offers and how full it is"),
    "srp list": Verb("srp:ListSrps", "List the storage resource pools of the array"),
    "srp show": Verb("srp:ShowSrp", "Show a storage resource pool and how full it is"),
    "capacity": Verb("srp:ShowCapacity", "Show how full the configured storage resource pool is"),
    "pool list": Verb("pool:ListPools", "List the pools that Cinder is offered, with their room"),
    "volume list": Verb("volume:ListVolumes", "List the volumes of the array"),
    "volume show": Verb("volume:ShowVolume", "Show a volume and the hosts that see it"),
    "volume create": Verb("volume_change:CreateVolume", "Create a volume"),
    "volume clone": Verb("volume_clone:CloneVolume", "Make a volume with the data of another or of a snapshot"),
    "volume extend": Verb("volume_change:ExtendVolume", "Make a volume larger, attached or not"),
    "volume delete": Verb("volume_delete:DeleteVolumes", "Delete volumes and their data"),
    "volume manage": Verb("volume_management:ManageVolume", "Take a volume over from the array"),
    "volume unmanage": Verb("volume_management:UnmanageVolume", "Give a volume up, which stays on the array"),
    "volume rename": Verb("volume_retype:RenameVolume", "Give a volume another name"),
    "volume retype": Verb("volume_retype:RetypeVolume", "Change the level, compression or replication of a volume"),
    "volume attach": Verb("attachment:AttachVolume", "Let a host see a volume"),
    "volume detach": Verb("attachment:DetachVolume", "Take a volume away from a host, or from all hosts"),
    "snapshot list": Verb("snapshot:ListSnapshots", "List the snapshots of a volume, or of the whole array"),
    "snapshot show": Verb("snapshot:ShowSnapshot", "Show a snapshot and the volumes that present it"),
    "snapshot create": Verb("snapshot_change:CreateSnapshot", "Take a snapshot of a volume, attached or not"),
    "snapshot delete": Verb("snapshot_change:DeleteSnapshot", "Delete a snapshot, or all of its name"),
    "snapshot link": Verb("snapshot_change:LinkSnapshot", "Present a snapshot on a volume that no host sees"),
    "snapshot unlink": Verb("snapshot_change:UnlinkSnapshot", "Take a snapshot off a volume, which keeps the data"),
    "snapshot restore": Verb("snapshot_change:RestoreSnapshot", "Give a volume the data of its snapshot back"),
    "snapshot tidy": Verb("snapshot_change:TidySnapshots", "Delete what clones of long ago left"),
    "storage group list": Verb("storage_group:ListStorageGroups", "List the storage groups of the array"),
    "storage group show": Verb("storage_group:ShowStorageGroup", "Show a storage group and what holds it"),
    "storage group create": Verb("storage_group_change:CreateStorageGroup", "Create an empty storage group"),
    "storage group add": Verb("storage_group_members:AddVolumes", "Put volumes into a storage group"),
    "storage group remove": Verb("storage_group_members:RemoveVolumes", "Take volumes out of a storage group"),
    "storage group move": Verb("storage_group_members:MoveVolumes", "Move volumes to another storage group"),
    "storage group qos": Verb("storage_group_change:LimitStorageGroup", "Limit the I/O of a storage group"),
    "storage group delete": Verb("storage_group_change:DeleteStorageGroup", "Delete an empty storage group"),
    "group list": Verb("volume_group:ListVolumeGroups", "List the volume groups of the array"),
    "group show": Verb("volume_group:ShowVolumeGroup", "Show a volume group, its volumes and its snapshots"),
    "group snapshot list": Verb("volume_group:ListGroupSnapshots", "List the snapshots of a volume group"),
    "host list": Verb("host:ListHosts", "List the hosts that the array knows"),
    "host show": Verb("host:ShowHost", "Show a host, its logins and what it sees"),
    "initiator list": Verb("initiator:ListInitiators", "List initiators, their hosts and logins"),
    "port group list": Verb("port_group:ListPortGroups", "List the port groups of the array"),
    "port group show": Verb("port_group:ShowPortGroup", "Show a port group and the state of its ports"),
    "director list": Verb("director:ListDirectors", "List the directors of the array"),
    "director show": Verb("director:ShowDirector", "Show a director and the state of its ports"),
    "masking view list": Verb("masking_view:ListMaskingViews", "List the masking views of the array"),
    "masking view show": Verb("masking_view:ShowMaskingView", "Show a masking view with its paths and LUNs"),
    "masking view verify": Verb("masking_view:VerifyMaskingViews", "Check initiators, ports and LUNs of masking views"),
    "find": Verb("find:Find", "Find whatever a text means: a volume, a host, a LUN"),
    "rdf list": Verb("rdf:ListRdfGroups", "List the RDF groups of the array"),
    "rdf show": Verb("rdf:ShowRdfGroup", "Show an RDF group with the state of every pair"),
    "rdf check": Verb("rdf_change:CheckRdf", "Check RDF groups from both ends"),
    "rdf suspend": Verb("rdf_change:SuspendRdf", "Suspend the replication of an RDF group"),
    "rdf resume": Verb("rdf_change:ResumeRdf", "Resume the replication of an RDF group"),
    "rdf failover": Verb("rdf_change:FailoverRdf", "Fail an RDF group over, to R2"),
    "rdf failback": Verb("rdf_change:FailbackRdf", "Fail an RDF group back, to R1"),
    "rdf restore": Verb("rdf_change:RestoreRdf", "Bring split R1 volumes back from R2"),
    "rdf repair": Verb("rdf_change:RepairRdf", "Mend the membership and sessions of an RDF group"),
    "path": Verb("path:Path", "Draw how a host reaches a volume, port by port"),
    "tree": Verb("tree:Tree", "Draw who sees what: host, view, group, volume, LUN"),
    "audit": Verb("audit:AuditArray", "Find debris and dangers on the array"),
    "repair": Verb("audit:RepairFindings", "Take away what an audit found, where that is safe"),
    "drift": Verb("drift:Drift", "Find where Cinder and the array say different things"),
    "job list": Verb("job:ListJobs", "List the jobs that Unisphere remembers, the latest first"),
    "job show": Verb("job:ShowJob", "Show a job, its parts and how it ended"),
    "journal list": Verb("journal:ListJournal", "List operations that are neither done nor undone"),
    "journal show": Verb("journal:ShowJournal", "Show the steps of an interrupted operation"),
    "journal forget": Verb("journal:ForgetOperation", "Forget an interrupted operation that you have seen to"),
    "journal recover": Verb("journal:RecoverJournal", "Finish or undo interrupted operations"),
    "watch": Verb("watch:Watch", "Tell what happens on the array, as it happens"),
    "metrics": Verb("metrics:Metrics", "Serve figures for Prometheus until told to stop"),
    "support-bundle": Verb("support_bundle:SupportBundle", "Write what a helper needs to know into a file"),
    "plugin list": Verb("plugin:ListPlugins", "List the plugins and what they add"),
    "plugin show": Verb("plugin:ShowPlugin", "Show a plugin, its package and its hooks"),
    "simulator serve": Verb("simulator:ServeSimulator", "Serve a simulated Unisphere to try things on"),
    "complete": Verb("complete:Complete", "Print completion for bash or zsh; source it in ~/.bashrc"),
    "help": Verb("help:Help", "Show help for a command"),
}


class Verbs(CommandManager):
    """Finds commands in the table; never looks for those of strangers."""

    def __init__(self) -> None:
        super().__init__(namespace=None)
        self.add_table()

    def add_table(self) -> None:
        """Put the table in place; done again after cliff has added its own `help`."""
        for name, verb in VERBS.items():
            self.commands[name] = EntryPoint(name=name, value=f"{_COMMANDS}.{verb.target}", group="pmax.verbs")

    def beginning_with(self, words: list[str]) -> tuple[str, ...]:
        """Names of the commands whose first words these are, abbreviated or not."""
        return tuple(
            name
            for name, _ in self
            if len(name.split()) >= len(words)
            and all(part.startswith(word) for part, word in zip(name.split(), words, strict=False))
        )
