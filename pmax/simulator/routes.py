"""Every call that the simulator answers: one table, from which the documentation's list of supported calls is made.

`source` names the section of the reference that describes the call. `since` is the first API version that has it.
"""

from pmax.simulator.performance_routes import PERFORMANCE_ROUTES
from pmax.simulator.rdf_routes import RDF_ROUTES
from pmax.simulator.resources import (
    arrays,
    connections,
    host_groups,
    hosts,
    initiators,
    iterator_pages,
    jobs,
    masking_views,
    pools,
    port_groups,
    ports,
    private_volumes,
    storage_group_edits,
    storage_groups,
    tags,
    volume_edits,
    volumes,
    workload_planner,
)
from pmax.simulator.router import Route
from pmax.simulator.snapshot_routes import SNAPSHOT_ROUTES

SYSTEM = "/{version}/system"
SYSTEM_ARRAY = f"{SYSTEM}/symmetrix/{{symmetrix_id}}"
PROVISIONING = "/{version}/sloprovisioning/symmetrix"
ARRAY = f"{PROVISIONING}/{{symmetrix_id}}"
PRIVATE_ARRAY = f"/private{ARRAY}"
PLANNER = "/{version}/wlp"


ROUTES: tuple[Route, ...] = (
    # Versions, jobs, iterators
    Route("GET", "/version", arrays.get_version, "version", "1.4"),
    Route("GET", "/{version}/version", arrays.get_system_version, "version", "1.4"),
    Route("GET", f"{SYSTEM}/version", arrays.get_system_version, "version", "1.4"),
    Route("GET", f"{SYSTEM}/job", jobs.list_jobs, "job", "3.2"),
    Route("GET", f"{SYSTEM}/job/{{job_id}}", jobs.get_job, "job", "3.2"),
    Route("GET", f"{SYSTEM_ARRAY}/job", jobs.list_jobs, "job", "3.2"),
    Route("GET", f"{SYSTEM_ARRAY}/job/{{job_id}}", jobs.get_job, "job", "3.2"),
    Route("GET", "/common/Iterator/{iterator_id}", iterator_pages.get_iterator, "iterator", "4.2"),
    Route("GET", "/common/Iterator/{iterator_id}/page", iterator_pages.get_page, "iterator", "4.2"),
    Route("DELETE", "/common/Iterator/{iterator_id}", iterator_pages.delete_iterator, "iterator", "4.2"),
    # Arrays
    Route("GET", f"{SYSTEM}/symmetrix", arrays.list_arrays, "symmetrix", "6.2"),
    Route("GET", SYSTEM_ARRAY, arrays.get_system_array, "symmetrix", "6.2"),
    Route("POST", f"{SYSTEM_ARRAY}/refresh", arrays.refresh_array, "symmetrix", "6.2"),
    Route("GET", f"{SYSTEM}/capabilities/symmetrix", arrays.list_licences, "symmetrix", "6.2"),
    Route("GET", PROVISIONING, arrays.list_arrays, "symmetrix", "6.2"),
    Route("GET", ARRAY, arrays.get_provisioning_array, "symmetrix", "6.2"),
    Route("PUT", ARRAY, arrays.edit_array, "symmetrix", "6.2", since=92),
    Route("GET", f"{SYSTEM}/tag", tags.list_tags, "tag", "6.2", since=92),
    Route("GET", f"{SYSTEM}/tag/{{tag}}", tags.get_tag, "tag", "6.2", since=92),
    # Pools, service levels, workloads
    Route("GET", f"{ARRAY}/srp", pools.list_pools, "srp", "6.3"),
    Route("GET", f"{ARRAY}/srp/{{srp}}", pools.get_pool, "srp", "6.3"),
    Route("GET", f"{ARRAY}/srp/{{srp}}/service_level_demand_report", pools.get_service_level_demand, "srp", "6.3"),
    Route("GET", f"{ARRAY}/srp/{{srp}}/storage_group_demand_report", pools.get_storage_group_demand, "srp", "6.3"),
    Route("GET", f"{ARRAY}/srp/{{srp}}/compressibility_report", pools.get_compressibility, "srp", "6.3"),
    Route("GET", f"{ARRAY}/slo", pools.list_service_levels, "slo", "6.3"),
    Route("GET", f"{ARRAY}/slo/{{service_level}}", pools.get_service_level, "slo", "6.3"),
    Route("PUT", f"{ARRAY}/slo/{{service_level}}", pools.edit_service_level, "slo", "6.3"),
    Route("GET", f"{ARRAY}/workloadtype", pools.list_workloads, "workload type", "6.3"),
    Route("GET", f"{PLANNER}/capabilities/symmetrix", workload_planner.get_planner_capabilities, "wlp", "6.3"),
    Route("GET", f"{PLANNER}/symmetrix/{{symmetrix_id}}", workload_planner.get_planner, "wlp", "6.3"),
    Route("GET", f"{PLANNER}/symmetrix/{{symmetrix_id}}/headroom", workload_planner.get_headroom, "wlp", "6.3"),
    # Volumes
    Route("GET", f"{ARRAY}/volume", volumes.list_volumes, "volume", "6.4"),
    Route("GET", f"{ARRAY}/volume/{{volume_id}}", volumes.get_volume, "volume", "6.4"),
    Route("PUT", f"{ARRAY}/volume/{{volume_id}}", volume_edits.edit_volume, "volume", "6.4"),
    Route("DELETE", f"{ARRAY}/volume/{{volume_id}}", volumes.remove_volume, "volume", "6.4"),
    Route("GET", f"{PRIVATE_ARRAY}/volume", private_volumes.list_private_volumes, "volume", "6.5"),
    # Storage groups
    Route("GET", f"{ARRAY}/storagegroup", storage_groups.list_storage_groups, "storage group", "6.6"),
    Route("POST", f"{ARRAY}/storagegroup", storage_groups.create_storage_group, "storage group", "6.6"),
    Route("GET", f"{ARRAY}/storagegroup/{{storage_group}}", storage_groups.get_storage_group, "storage group", "6.6"),
    Route(
        "PUT", f"{ARRAY}/storagegroup/{{storage_group}}", storage_group_edits.edit_storage_group, "storage group", "6.6"
    ),
    Route(
        "DELETE", f"{ARRAY}/storagegroup/{{storage_group}}", storage_groups.delete_storage_group, "storage group", "6.6"
    ),
    # Hosts and initiators
    Route("GET", f"{ARRAY}/host", hosts.list_hosts, "host", "6.7"),
    Route("POST", f"{ARRAY}/host", hosts.create_host, "host", "6.7"),
    Route("GET", f"{ARRAY}/host/{{host}}", hosts.get_host, "host", "6.7"),
    Route("PUT", f"{ARRAY}/host/{{host}}", hosts.edit_host, "host", "6.7"),
    Route("DELETE", f"{ARRAY}/host/{{host}}", hosts.delete_host, "host", "6.7"),
    Route("GET", f"{ARRAY}/hostgroup", host_groups.list_host_groups, "host group", "6.8"),
    Route("POST", f"{ARRAY}/hostgroup", host_groups.create_host_group, "host group", "6.8"),
    Route("GET", f"{ARRAY}/hostgroup/{{host_group}}", host_groups.get_host_group, "host group", "6.8"),
    Route("PUT", f"{ARRAY}/hostgroup/{{host_group}}", host_groups.edit_host_group, "host group", "6.8"),
    Route("DELETE", f"{ARRAY}/hostgroup/{{host_group}}", host_groups.delete_host_group, "host group", "6.8"),
    Route("GET", f"{ARRAY}/initiator", initiators.list_initiators, "initiator", "6.9"),
    Route("GET", f"{ARRAY}/initiator/{{initiator}}", initiators.get_initiator, "initiator", "6.9"),
    Route("PUT", f"{ARRAY}/initiator/{{initiator}}", initiators.edit_initiator, "initiator", "6.9"),
    # Ports
    Route("GET", f"{ARRAY}/portgroup", port_groups.list_port_groups, "port group", "6.10"),
    Route("POST", f"{ARRAY}/portgroup", port_groups.create_port_group, "port group", "6.10"),
    Route("GET", f"{ARRAY}/portgroup/{{port_group}}", port_groups.get_port_group, "port group", "6.10"),
    Route("PUT", f"{ARRAY}/portgroup/{{port_group}}", port_groups.edit_port_group, "port group", "6.10"),
    Route("DELETE", f"{ARRAY}/portgroup/{{port_group}}", port_groups.remove_port_group, "port group", "6.10"),
    Route("GET", f"{ARRAY}/port", ports.list_ports, "port", "6.11"),
    Route("GET", f"{SYSTEM_ARRAY}/director", ports.list_directors, "director", "6.11"),
    Route("GET", f"{SYSTEM_ARRAY}/director/{{director}}", ports.get_director, "director", "6.11"),
    Route("GET", f"{SYSTEM_ARRAY}/director/{{director}}/port", ports.list_director_ports, "port", "6.11"),
    Route("GET", f"{SYSTEM_ARRAY}/director/{{director}}/port/{{port}}", ports.get_port, "port", "6.11"),
    Route(
        "GET",
        f"{SYSTEM_ARRAY}/director/{{director}}/port/{{port}}/ipinterface",
        ports.list_ip_interfaces,
        "port",
        "6.11",
    ),
    Route(
        "GET",
        f"{SYSTEM_ARRAY}/director/{{director}}/port/{{port}}/ipinterface/{{ip_interface}}",
        ports.get_ip_interface,
        "port",
        "6.11",
    ),
    # Masking views
    Route("GET", f"{ARRAY}/maskingview", masking_views.list_masking_views, "masking view", "6.12"),
    Route("POST", f"{ARRAY}/maskingview", masking_views.create_masking_view, "masking view", "6.12"),
    Route("GET", f"{ARRAY}/maskingview/{{masking_view}}", masking_views.get_masking_view, "masking view", "6.12"),
    Route("PUT", f"{ARRAY}/maskingview/{{masking_view}}", masking_views.edit_masking_view, "masking view", "6.12"),
    Route("DELETE", f"{ARRAY}/maskingview/{{masking_view}}", masking_views.delete_masking_view, "masking view", "6.12"),
    Route(
        "GET", f"{ARRAY}/maskingview/{{masking_view}}/connections", connections.list_connections, "masking view", "6.12"
    ),
    *SNAPSHOT_ROUTES,
    *RDF_ROUTES,
    *PERFORMANCE_ROUTES,
)
