"""Options of Cinder itself that matter here, for the command: in Cinder they are registered already.

Names, types and defaults are Cinder's (driver-provisioning.md 1.2), with one exception: whether the certificate is
verified has no default here, so that silence can be told from a no (docs/decisions/0005-certificate-verification.md).
"""

from __future__ import annotations

from oslo_config import cfg, types

INHERITED_OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.StrOpt("san_ip", default="", help="Name or address of Unisphere. Required."),
    cfg.PortOpt("san_api_port", min=1, help="Port of Unisphere; 8443 if left out."),
    cfg.StrOpt("san_login", default="admin", help="User of Unisphere, with the role of a storage administrator."),
    cfg.StrOpt("san_password", default="", secret=True, help="That user's password. Required."),
    cfg.BoolOpt(
        "driver_ssl_cert_verify",
        help="Whether the certificate of Unisphere is verified. The command verifies it unless this is false.",
    ),
    cfg.StrOpt(
        "driver_ssl_cert_path",
        help="File or directory of the authorities that may have signed the certificate, in PEM form. Left out, those "
        "of the system count, or of REQUESTS_CA_BUNDLE if the environment has it.",
    ),
    cfg.BoolOpt("use_chap_auth", default=False, help="Tell iSCSI hosts to log in with CHAP."),
    cfg.StrOpt("chap_username", default="", help="Name with which iSCSI hosts log in."),
    cfg.StrOpt("chap_password", default="", secret=True, help="Secret with which iSCSI hosts log in."),
    cfg.MultiOpt(
        "replication_device",
        item_type=types.Dict(),
        secret=True,
        help="The array to which volumes are replicated: key:value pairs on one line, separated by commas, with "
        "target_device_id, remote_pool, remote_port_group and rdf_group_label.",
    ),
    cfg.StrOpt(
        "max_over_subscription_ratio",
        default="20.0",
        help="How many times the capacity of the pool may be promised to volumes: at least 1, or auto.",
    ),
    cfg.IntOpt("reserved_percentage", default=0, min=0, max=100, help="How much of the pool is kept back, in percent."),
)
