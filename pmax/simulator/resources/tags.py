"""Tags on arrays and storage groups (rule 32; reference sections 6.2 and 6.6)."""

from pmax.simulator.body import Fields
from pmax.simulator.call import Answer, Call, ok
from pmax.simulator.dialect import Dialect
from pmax.simulator.identifiers import GROUP_NAME
from pmax.simulator.refusals import ArrayRefused, BadRequest, NotFound


def edited_tags(fields: Fields, tags: tuple[str, ...], dialect: Dialect) -> tuple[str, ...]:
    """Return the tags that `tagManagementParam` leaves.

    Raises:
        BadRequest: a name is impossible, or the version has no tags.
        ArrayRefused: a tag is there already (rule 32), or one to remove is not.
    """
    if not dialect.has_tags:
        raise BadRequest("Tags need a newer version of the API")
    choice = fields.choose("addTagsParam", "removeTagsParam")
    names = fields.fields(choice).texts("tag_name")
    for name in names:
        if not GROUP_NAME.fullmatch(name):
            raise BadRequest(f"[{name[:80]}] is no name for a tag")
    if choice == "addTagsParam":
        if set(names) & set(tags):
            raise ArrayRefused("This input already exists")
        return (*tags, *dict.fromkeys(names))
    if not set(names) <= set(tags):
        raise ArrayRefused(f"Tag [{min(set(names) - set(tags))}] cannot be found")
    return tuple(tag for tag in tags if tag not in names)


def list_tags(call: Call) -> Answer:
    """Answer the tags in use, of one array if `array_id` names it."""
    wanted = call.query.exact("array_id")
    arrays = [row for row in call.transaction.arrays if wanted is None or row.symmetrix_id in wanted]
    tags = {tag for row in arrays for tag in row.tags}
    if wanted is None:
        for row in arrays:
            tags.update(tag for group in call.transaction.array(row.symmetrix_id).storage_groups for tag in group.tags)
    return ok({"tag_name": sorted(tags)})


def get_tag(call: Call) -> Answer:
    """Answer what carries a tag."""
    tag = call.params["tag"]
    arrays = [row for row in call.transaction.arrays if call.unisphere.sees(row.symmetrix_id)]
    tagged = sorted(row.symmetrix_id for row in arrays if tag in row.tags)
    tables = [call.transaction.array(row.symmetrix_id) for row in arrays]
    groups = sorted((each.symmetrix_id, name) for each in tables for name in each.storage_groups.keys_where("tag", tag))
    if not tagged and not groups:
        raise NotFound(f"Tag [{tag}] cannot be found")
    body: dict[str, object] = {"tag_name": tag, "num_of_arrays": len(tagged), "num_of_storage_groups": len(groups)}
    if tagged:
        body["array_ids"] = tagged
    if groups:
        body["storage_groups"] = [{"symmetrix_id": array, "storage_group_id": name} for array, name in groups]
    return ok(body)
