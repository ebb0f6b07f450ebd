"""Masking views (reference section 6.12; rules 37 to 41)."""

from collections.abc import Callable, Iterable

import attrs

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, created, no_content, ok
from pmax.simulator.query import Filters, FilterValue
from pmax.simulator.refusals import MissingSubject, NotFound, text_of_missing
from pmax.simulator.resources.host_groups import create_host_group_from
from pmax.simulator.resources.hosts import create_host_from
from pmax.simulator.resources.new_storage_groups import create_groups
from pmax.simulator.resources.port_groups import create_port_group_from
from pmax.simulator.resources.sizes import read_lun_address
from pmax.simulator.rules.views import create_view, delete_view, refuse_existing_view
from pmax.simulator.state.masking_records import MaskingView
from pmax.simulator.wire import JsonObject

KIND = "Masking View"


def list_masking_views(call: Call) -> Answer:
    """Answer the names of the views that pass the filters."""
    views = _FILTERS.apply(call.query, _candidates(call))
    return ok({"maskingViewId": sorted({view.name for view in views})})


def _candidates(call: Call) -> Iterable[MaskingView]:
    """Return the views that an index leaves to be looked at."""
    views = call.array.masking_views
    for key, indexes in _INDEXED.items():
        values = call.query.exact(key)
        if values is not None:
            return [view for index in indexes for value in values for view in views.where(index, value)]
    return views


def get_masking_view(call: Call) -> Answer:
    """Answer one view."""
    return ok(masking_view_body(subject_view(call)))


def create_masking_view(call: Call) -> Answer:
    """Create a view out of parts that exist or that the body describes."""
    body = call.body
    name = body.group_name("maskingViewId")
    refuse_existing_view(call.array, name)
    body.ignore("enableComplianceAlerts")
    first_address = read_lun_address(body, call.dialect)
    host, host_group = _select_host(call, body.fields("hostOrHostGroupSelection"))
    view = MaskingView(
        name=name,
        host=host,
        host_group=host_group,
        port_group=_select_port_group(call, body.fields("portGroupSelection")),
        storage_group=_select_storage_group(call, body.fields("storageGroupSelection")),
    )
    are_empty_groups_refused = call.behaviour.are_empty_groups_unmaskable
    create_view(call.array, view, first_address, are_empty_groups_refused=are_empty_groups_refused)
    call.job_name = f"Create Masking View {name}"
    call.tasks.append(f"Create Masking View [{name}]")
    call.link = f"{call.path}/{name}"
    return created(masking_view_body(view))


def edit_masking_view(call: Call) -> Answer:
    """Rename a view; its parts cannot be changed (rule 38)."""
    view = subject_view(call)
    action = call.body.fields("editMaskingViewActionParam")
    edit = action.choose("renameMaskingViewParam")
    name = action.fields(edit).group_name("new_masking_view_name")
    if name.lower() != view.name.lower():
        refuse_existing_view(call.array, name)
    addresses = call.array.lun_addresses
    for address in addresses.where("masking_view", view.name):
        addresses.delete(address.key)
        addresses.put(attrs.evolve(address, masking_view=name))
    call.array.masking_views.delete(view.name)
    renamed = attrs.evolve(view, name=name)
    call.array.masking_views.put(renamed)
    call.job_name = f"Rename Masking View {view.name}"
    return ok(masking_view_body(renamed))


def delete_masking_view(call: Call) -> Answer:
    """Delete a view; its parts stay (rule 41)."""
    delete_view(call.array, subject_view(call))
    return no_content()


def subject_view(call: Call) -> MaskingView:
    """Return the view that the path names.

    Raises:
        NotFound: there is none.
        MissingSubject: the same, of a PUT.
    """
    view = call.array.masking_views.find(call.params["masking_view"])
    if view is None:
        text = text_of_missing(KIND, call.params["masking_view"], call.symmetrix_id)
        raise MissingSubject(text) if call.verb == "PUT" else NotFound(text)
    return view


def masking_view_body(view: MaskingView) -> JsonObject:
    """Return a view as JSON."""
    body: JsonObject = {
        "maskingViewId": view.name,
        "portGroupId": view.port_group,
        "storageGroupId": view.storage_group,
    }
    if view.host is not None:
        body["hostId"] = view.host
    else:
        body["hostGroupId"] = view.host_group
    return body


def _select_host(call: Call, selection: Fields) -> tuple[str | None, str | None]:
    """Return host and host group of a new view, one of which is None."""
    choice = selection.choose(
        "useExistingHostParam", "useExistingHostGroupParam", "createHostParam", "createHostGroupParam"
    )
    fields = selection.fields(choice)
    match choice:
        case "useExistingHostParam":
            return fields.text("hostId"), None
        case "useExistingHostGroupParam":
            return None, fields.text("hostGroupId")
        case "createHostParam":
            return create_host_from(call, fields), None
        case _:
            return None, create_host_group_from(call, fields)


def _select_port_group(call: Call, selection: Fields) -> str:
    choice = selection.choose("useExistingPortGroupParam", "createPortGroupParam")
    fields = selection.fields(choice)
    if choice == "createPortGroupParam":
        return create_port_group_from(call, fields)
    return fields.text("portGroupId")


def _select_storage_group(call: Call, selection: Fields) -> str:
    choice = selection.choose("useExistingStorageGroupParam", "createStorageGroupParam")
    fields = selection.fields(choice)
    if choice == "createStorageGroupParam":
        return create_groups(call, fields)
    return fields.text("storageGroupId")


_FIELDS: dict[str, Callable[[MaskingView], FilterValue]] = {
    "maskingViewId": lambda view: view.name,
    "host_or_host_group_name": lambda view: view.host or view.host_group,
    "port_group_name": lambda view: view.port_group,
    "storage_group_name": lambda view: view.storage_group,
    "protocol_endpoint_masking_view": lambda _: False,
}
_INDEXED = {
    "host_or_host_group_name": ("host", "host_group"),
    "port_group_name": ("port_group",),
    "storage_group_name": ("storage_group",),
}
_FILTERS: Filters[MaskingView] = Filters(_FIELDS)
