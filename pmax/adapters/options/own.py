"""Options that only pmax has. Their names begin with `pmax_`, so that no future option of Cinder's can mean another."""

from __future__ import annotations

from oslo_config import cfg

OWN_OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.StrOpt(
        "pmax_journal_directory",
        help="Where operations under way are remembered, so that a crash loses nothing: a directory of a local file "
        "system. Left out, the Cinder driver uses a directory below Cinder's state_path, and the command one in the "
        "user's home. Name one directory for both, and the command sees what Cinder could not finish.",
    ),
    cfg.StrOpt(
        "pmax_coordination_url",
        secret=True,
        help="Service that keeps the command's locks, if commands run on several machines: a tooz backend URL such as "
        "etcd3+http://10.0.0.5:2379. Left out, files of this machine do. The Cinder driver uses [coordination].",
    ),
    cfg.StrOpt(
        "pmax_gate_directory",
        help="Where the processes of this machine count the calls that they have open to one Unisphere, so that all of "
        "them together keep within pmax_read_slots and pmax_write_slots: a directory of a local file system. Left out, "
        "all Cinder services with the same state_path share one, and the commands of one user another. Name one "
        "directory for all, and they share the limit. Several machines never do: each has the limit for itself.",
    ),
    cfg.StrOpt(
        "pmax_password_file",
        secret=True,
        help="File whose first line is the password of san_login, instead of san_password. Nobody else should be able "
        "to read it.",
    ),
    cfg.StrOpt(
        "pmax_password_keyring",
        secret=True,
        help="Service of the keyring under which the password of san_login is kept, instead of san_password. Needs "
        "pip install 'pmax[keyring]'.",
    ),
    cfg.IntOpt("pmax_read_slots", default=5, min=1, help="How many questions to one Unisphere may be open at a time."),
    cfg.IntOpt("pmax_write_slots", default=4, min=1, help="How many changes to one Unisphere may be open at a time."),
    cfg.FloatOpt(
        "pmax_operation_timeout",
        default=900.0,
        min=1.0,
        help="How long one operation may take as a whole, waiting for locks included, in seconds.",
    ),
    cfg.FloatOpt(
        "pmax_write_timeout",
        default=300.0,
        min=1.0,
        help="How long Unisphere may take to answer a change, in seconds. The array carries out most changes before it "
        "answers.",
    ),
    cfg.FloatOpt(
        "pmax_settle_timeout",
        default=60.0,
        min=0.0,
        help="How long a volume may take to get its LUN address after it was put into a masking view, in seconds.",
    ),
    cfg.FloatOpt(
        "pmax_cache_age",
        default=60.0,
        min=0.0,
        help="How long port-group members and port addresses are believed without asking again, in seconds.",
    ),
    cfg.ListOpt(
        "pmax_blocked_plugins",
        default=[],
        help="Plugins that shall not be loaded, by the names that `pmax plugin list` shows, separated by commas.",
    ),
    cfg.StrOpt(
        "pmax_scheme",
        default="https",
        choices=[
            ("https", "encrypted, as every Unisphere wants it"),
            ("http", "for a simulator on this machine only"),
        ],
        help="How Unisphere is spoken to.",
    ),
)
